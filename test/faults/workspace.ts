// Writes a case as the files a user would have written.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case, TaskShape } from './case-shape.ts'
import type { Machine } from './machine.ts'
import { taskEnv, taskScript } from './task-text.ts'

export const slots = 4
/** Between TERM and KILL. */
const graceMs = 1000

/** `canary`: the value of a secret that reaches the tasks' environment, and must be found nowhere else. Its file is the user's own. */
export function writeWorkspace(
  dir: string,
  one: Case,
  given: { machines: readonly Machine[]; canary: string },
): void {
  mkdirSync(join(dir, 'pipelines'), { recursive: true })
  const hosts = given.machines.map(
    ({ shape, address, port, user, keyFile }) =>
      `  ${shape.name}: { address: ${address}, port: ${port}, user: ${user}, key: ${keyFile}, slots: ${slots} }`,
  )
  const names = given.machines.map(({ shape }) => shape.name)
  const pools = `pools:\n  anywhere: { hosts: [${names.join(', ')}], pick: spread }`
  const canaryFile = join(dir, 'canary')
  writeFileSync(canaryFile, `${given.canary}\n`, { mode: 0o600 })
  const environment = `environments:\n  field: { secrets: { CANARY: "file:${canaryFile}" } }`
  writeFileSync(join(dir, 'sluice.yaml'), ['hosts:', ...hosts, pools, environment, ''].join('\n'))
  const tasks = one.tasks.map((task) => taskText(task, one))
  writeFileSync(join(dir, 'pipelines', 'case.yaml'), `name: case\ntasks:\n${tasks.join('')}`)
}

function taskText(task: TaskShape, one: Case): string {
  const host = task.pool ? 'anywhere' : (one.machines[task.host]?.name ?? '')
  const env = Object.entries(taskEnv(task, one.tasks))
  const inputs = task.inputs.map((name) => `from-${name}: ${name}.data`)
  const lines = [
    `  ${task.name}:`,
    `    host: ${host}`,
    `    needs: [${task.needs.join(', ')}]`,
    `    env: { ${env.map(([name, value]) => `${name}: "${value}"`).join(', ')} }`,
    '    secrets: [CANARY]',
    `    retries: { max: ${task.retriesMax}, delay: 200ms, backoff: fixed }`,
    `    grace: ${graceMs}ms`,
    ...(task.pool && one.kind === 'failover' ? ['    on_unknown: failover'] : []),
    ...(task.timeoutMs === null ? [] : [`    timeout: ${task.timeoutMs}ms`]),
    ...(inputs.length === 0 ? [] : [`    inputs: { ${inputs.join(', ')} }`]),
    ...(task.outputLines === null ? [] : ['    outputs: { data: out.dat }']),
    '    run: |',
    ...taskScript.split('\n').map((line) => `      ${line}`),
    '',
  ]
  return lines.join('\n')
}
