// One task of a pipeline file: what its fields mean together.
import { parseDuration } from '../../shared/pipeline/duration.ts'
import { checkExpressions } from './check-expressions.ts'
import { checkFailures } from './check-failures.ts'
import { checkHost, checkRemedyHost, checkUnknownPolicy } from './check-hosts.ts'
import { checkInputs } from './check-inputs.ts'
import { checkKind } from './check-kinds.ts'
import { checkParams } from './check-params.ts'
import type { Check } from './check-context.ts'
import { checkRules } from './check-rules.ts'
import { checkSecrets } from './check-secrets.ts'
import { listOf, mapOf, textOf } from './lenient.ts'
import type { OutlineGroup, OutlineTask } from './outline.ts'
import { offsetInText } from './text-offset.ts'
import type { Path } from './yaml-tree.ts'
import { placeAt, valueAt } from './yaml-tree.ts'

export function checkGroup(check: Check, group: OutlineGroup): void {
  checkKind(check, group)
  checkHost(check, [...group.path, 'host'])
  checkExpressions(check, group)
  checkFailures(check, group)
  checkTimeout(check, [...group.path, 'timeout'])
}

export function checkTask(check: Check, task: OutlineTask): void {
  const { path, value } = task
  checkKind(check, task)
  checkHost(check, [...path, 'host'])
  checkRun(check, [...path, 'run'])
  checkExpressions(check, task)
  checkInputs(check, task)
  checkTimeout(check, [...path, 'timeout'])
  checkUnknownPolicy(check, path, effectiveFields(task))
  checkFailures(check, task)
  checkRules(check, task)
  checkSecrets(check, task)
  checkApproval(check, [...path, 'approval'])
  listOf(value['remedies']).forEach((remedy, at) => {
    checkHost(check, [...path, 'remedies', at, 'host'])
    checkRemedyHost(check, [...path, 'remedies', at, 'host'], {
      host: textOf(mapOf(remedy)['host']),
      ofTask: textOf(effectiveFields(task)['host']) ?? 'local',
    })
    checkRun(check, [...path, 'remedies', at, 'run'])
  })
}

/** Its own, and what its groups say for it. */
export function effectiveFields(task: OutlineTask): Readonly<Record<string, unknown>> {
  let fields = { ...task.value }
  for (let around = task.group; around !== null; around = around.group) {
    fields = { ...around.value, ...fields }
  }
  return fields
}

function checkRun({ tree, report }: Check, path: Path): void {
  const run = textOf(valueAt(tree, path))
  const at = run?.indexOf('${{') ?? -1
  if (run === null || at === -1) return
  const shift = offsetInText(placeAt(tree, path), run, at)
  const message = 'A command takes no ${{ }}: a value pasted into a command can break it.'
  const inside = /^\$\{\{\s*(.*?)\s*\}\}/s.exec(run.slice(at, at + 200))?.[1] ?? 'params.day'
  const name = (/(\w+)\W*$/.exec(inside)?.[1] ?? 'value').toUpperCase()
  const hint = `Write env: { ${name}: "\${{ ${inside.replaceAll('"', "'")} }}" } and "$${name}" in the command.`
  report.at(path, { message, hint }, shift)
}

function checkTimeout({ report, tree }: Check, path: Path): void {
  const timeout = textOf(valueAt(tree, path))
  if (timeout === null || parseDuration(timeout) !== 0 || timeout === '') return
  const message = 'A timeout of nothing would end every attempt at once.'
  report.at(path, { message, hint: 'Leave the timeout out for no limit.' })
}

function checkApproval(check: Check, path: Path): void {
  const { report, tree } = check
  const approval = mapOf(valueAt(tree, path))
  checkParams(check, [...path, 'form'])
  const timeout = textOf(approval['timeout'])
  if (timeout !== null && timeout !== '' && parseDuration(timeout) === 0) {
    const message = 'A timeout of nothing would decide before anybody is asked.'
    report.at([...path, 'timeout'], { message, hint: 'Leave the timeout out to wait without end.' })
  }
  if ('on_timeout' in approval && !('timeout' in approval)) {
    const message = 'Without a timeout it waits without end: "on_timeout" would never count.'
    report.atKey([...path, 'on_timeout'], { message, hint: 'Write timeout: 2h, or delete it.' })
  }
}
