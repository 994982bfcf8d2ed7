// The last words about a run: what became of it and, when it failed, why and what to do.
import type { CliContext } from './context.ts'
import { columns, oneLine, paintFor, shellWord, stateWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { durationWords } from './words.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import { causePath, causeRun } from '../../shared/run/cause-path.ts'
import { someOf } from '../../shared/pipeline/suggest.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'

export async function printOutcome(
  context: CliContext,
  client: Client,
  view: RunView,
): Promise<void> {
  const { out } = context
  const paint = paintFor(out)
  const time = view.endedAt === null ? '' : ` after ${durationWords(view.endedAt - view.createdAt)}`
  out.write(`\nRun ${paint('bold', view.run)} ${stateWord(paint, view.state)}${time}\n`)
  const text = view.state === 'succeeded' ? '' : await causeText(context, client, view)
  if (text !== '') out.write(`\n${text}`)
}

/** Why it is as it is, and what to do. Empty where nothing failed and nobody cancelled. */
export async function causeText(
  context: CliContext,
  client: Client,
  view: RunView,
): Promise<string> {
  const paint = paintFor(context.out)
  const lines: string[] = []
  if (view.state === 'cancelled' && view.cancelAsked !== null) {
    const { by, reason } = view.cancelAsked
    lines.push(`Cancelled by ${oneLine(by)}${reason === '' ? '' : `: ${oneLine(reason)}`}`)
  }
  const cause = await client.call('run.explain', { run: view.run })
  if (cause !== null) {
    lines.push(...causeLines(paint, cause), ...otherFailures(view, cause))
    if (isRunEnd(view.state)) lines.push('', ...nextSteps(view, cause))
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** Those that failed on their own: a resume runs them again too. */
function otherFailures(view: RunView, cause: RootCause): string[] {
  const told = cause.via?.[0]?.task ?? cause.rootTask
  const failed = Object.values(view.tasks).filter(
    ({ task, item, state }) => state === 'failed' && task !== told && taskKey(task, item) !== told,
  )
  if (failed.length === 0) return []
  const names = someOf(failed.map(({ task, item }) => taskKey(task, item)))
  return [`  Failed too: ${oneLine(names)}`]
}

export function causeLines(paint: Paint, cause: RootCause): string[] {
  const tried = cause.attempt === null ? [] : [`attempt ${cause.attempt}`, cause.exitWords]
  const sure = [...tried, `confidence ${cause.confidence}`].join(', ')
  const lines = [
    `${paint('red', '✗')} ${paint('bold', oneLine(causePath(cause)))} failed: ` +
      `${paint('bold', cause.class.replaceAll('_', ' '))}${paint('dim', `  (${sure})`)}`,
    `  ${oneLine(cause.summary)}`,
  ]
  for (const { task, line, text } of cause.evidence) {
    lines.push(`  ${paint('dim', `${task}:${line} │`)} ${oneLine(text)}`)
  }
  for (const { label, value, isAlarming } of cause.hostFacts) {
    if (!isAlarming) continue
    lines.push(`  ${paint('yellow', '!')} ${oneLine(label)} of its host: ${oneLine(value)}`)
  }
  const changed = cause.changed.filter(({ what }) => what !== 'none')
  if (changed.length > 0) lines.push('  Changed since the last good run:')
  for (const { name, before, after, what, task } of changed) {
    const where = task === null ? '' : ` of ${task}`
    lines.push(`    ${what} ${oneLine(name)}${where}: ${oneLine(before)} → ${oneLine(after)}`)
  }
  if (cause.waiting.length > 0) {
    lines.push(`  ${paint('yellow', '⊘')} Waits for it: ${cause.waiting.join(', ')}`)
  }
  for (const gap of cause.evidenceGaps) lines.push(paint('dim', `  Not known: ${oneLine(gap)}`))
  return lines
}

function nextSteps({ run, tasks }: RunView, cause: RootCause): string[] {
  const short = run.slice(-8)
  const below = causeRun(cause)
  const steps = cause.remedies.map(({ title, index }) => [
    `  sluice fix ${short} --index ${index}`,
    oneLine(title),
  ])
  steps.push([`  sluice resume ${short}`, 'go on from the point of failure'])
  // What never started has no log.
  if (cause.attempt !== null && cause.exitWords !== neverStarted) {
    const log = below === null ? logOf(tasks, cause) : (cause.evidence[0]?.task ?? cause.rootTask)
    const where = below === null ? short : below.slice(-8)
    steps.push([`  sluice logs ${where} ${shellWord(log)}`, 'the whole log'])
  }
  if (below !== null) steps.push([`  sluice show ${below.slice(-8)}`, 'the run that failed in it'])
  return ['Next:', ...columns(steps, 3)]
}

// A fan-out has no log of its own.
function logOf(tasks: RunView['tasks'], { rootTask, evidence }: RootCause): string {
  if (tasks[rootTask]?.fan === undefined) return rootTask
  const told = evidence.find(({ task }) => parseTaskKey(task).task === rootTask)?.task
  const isFailed = ({ task, item, state }: TaskView): boolean =>
    task === rootTask && item !== null && state === 'failed'
  const failed = Object.values(tasks).find(isFailed)
  return told ?? (failed === undefined ? rootTask : taskKey(rootTask, failed.item))
}

const neverStarted = 'never started'
