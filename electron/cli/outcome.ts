// The last words about a run: what became of it and, when it failed, why and what to do.
import type { CliContext } from './context.ts'
import { oneLine, paintFor, stateWord } from './paint.ts'
import type { Paint } from './paint.ts'
import { durationWords } from './words.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { RunView } from '../../shared/run/fold.ts'

export async function printOutcome(
  context: CliContext,
  client: Client,
  view: RunView,
): Promise<void> {
  const { out } = context
  const paint = paintFor(out)
  const time = view.endedAt === null ? '' : ` after ${durationWords(view.endedAt - view.createdAt)}`
  out.write(`\nRun ${paint('bold', view.run)} ${stateWord(paint, view.state)}${time}\n`)
  if (view.state !== 'failed') return
  const cause = await client.call('run.explain', { run: view.run })
  if (cause === null) return
  out.write(`\n${causeLines(paint, cause).join('\n')}\n\n`)
  out.write(`${nextSteps(view.run, cause).join('\n')}\n`)
}

export function causeLines(paint: Paint, cause: RootCause): string[] {
  const lines = [
    `${paint('red', '✗')} ${paint('bold', oneLine(cause.rootTask))} failed: ${paint('bold', cause.class.replaceAll('_', ' '))}` +
      paint(
        'dim',
        `  (attempt ${cause.attempt}, ${cause.exitWords}, confidence ${cause.confidence})`,
      ),
    `  ${oneLine(cause.summary)}`,
  ]
  for (const { task, line, text } of cause.evidence) {
    lines.push(`  ${paint('dim', `${task}:${line} │`)} ${oneLine(text)}`)
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

function nextSteps(run: string, cause: RootCause): string[] {
  const short = run.slice(-8)
  const steps = cause.remedies.map(
    ({ title, index }) => `  sluice fix ${short} --index ${index}   ${oneLine(title)}`,
  )
  return [
    'Next:',
    ...steps,
    `  sluice resume ${short}   go on from the point of failure`,
    `  sluice logs ${short} ${cause.rootTask}   the whole log`,
  ]
}
