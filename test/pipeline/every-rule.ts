// A pipeline that holds every rule of a DAG once.

export const everyRuleWorkspace = `semaphores: { wh: { slots: 4, starts: 30/1m } }
environments: { dev: { slots: 9, vars: { REGION: eu } } }
`

export const everyRule = `verdict: leaves
retry_budget: 20
slots: 6
priority: 5
params: { full: { type: boolean, default: true }, share: { type: number, default: 5 } }
env: { ALL: "\${{ pipeline }}" }
tasks:
  create: { run: make, setup: true }
  list: { needs: [create], run: ls, effect: pure }
  copy:
    needs: [list]
    run: cp
    fan_out: { over: "\${{ tasks.list.outputs.files.filter(f, f.endsWith('.csv')) }}", max_parallel: 4, join: 80%, fail_fast: true }
    env: { FILE: "\${{ item.name }}", AT: "\${{ item_index + 1 }}", HALF: "\${{ params.share / 2.0 * tasks.list.outputs.n }}", DAY: "x" }
    semaphores: { wh: 2 }
    retries: { max: 3, on: { exit: [75], cause: [network_timeout], pattern: ['^retry'] }, never: { exit: [2] } }
  check: { needs: [copy], run: check, branch: "\${{ outputs.ok ? ['load'] : ['alert', 'load'] }}", when: "\${{ size(tasks.copy.outputs.rows) > 0 }}" }
  load: { needs: [check], run: load, when: "\${{ params.full }}", priority: -3 }
  alert: { needs: [check], run: alert, when: "\${{ !params.full }}", allow_failure: true }
  ask:
    needs: [load]
    approval: { message: "Publish \${{ tasks.list.outputs.n }} rows?", form: { ticket: { type: integer } }, timeout: 2h, on_timeout: reject }
  publish:
    needs: [ask, alert]
    trigger_rule: "\${{ succeeded('ask') && (failed('alert') || skipped('alert')) && !failed('ask') }}"
    run: publish
    env: { TICKET: "\${{ tasks.ask.outputs.ticket + 1 }}" }
  drop: { needs: [publish], run: drop, teardown: [create] }
finally:
  report: { run: report, env: { STATE: "\${{ run.state }}", LOAD: "\${{ tasks.load.state }}" } }
  bye: { needs: [report], run: bye, trigger_rule: all_done }
`
