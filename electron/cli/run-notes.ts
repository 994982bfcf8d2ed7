// What a table has no room for: outcomes that are not known and what can be done, what a cancel could not end, copies that
// are not proved gone, why a host was chosen, why a task waits.
import { oneLine, shellWord } from './paint.ts'
import type { Ink, Paint } from './paint.ts'
import { durationWords } from './words.ts'
import { unsavedWords } from '../../shared/run/checkpoint-words.ts'
import type { GraphNode, PlacementView, UnknownRule } from '../../shared/api/views.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'

export interface NotesOptions {
  paint: Paint
  now: number
  graph: readonly GraphNode[]
}

/** In the order of the tasks; empty where there is nothing to say. */
export function runNotes(view: RunView, options: NotesOptions): string[] {
  const nodeByName = new Map(options.graph.map((node) => [node.name, node]))
  const lines: string[] = []
  for (const task of Object.values(view.tasks)) {
    if (task.state === 'unknown') {
      lines.push(
        ...unknownLines(view, task, { ...options, rule: nodeByName.get(task.task)?.unknown }),
      )
    }
    lines.push(...unsavedLines(task, options.paint))
    for (const attempt of task.attempts) lines.push(...attemptLines(task, attempt, options.paint))
  }
  return lines
}

export function unsavedLines(task: TaskView, paint: Paint): string[] {
  const words = unsavedWords(task)
  if (words === '') return []
  return [`${paint('yellow', '!')} ${oneLine(taskKey(task.task, task.item))}: ${oneLine(words)}`]
}

interface UnknownOptions {
  paint: Paint
  now: number
  rule: UnknownRule | undefined
}

export function unknownLines(
  { run }: Pick<RunView, 'run'>,
  task: TaskView,
  { paint, now, rule }: UnknownOptions,
): string[] {
  const attempt = task.attempts.at(-1)
  if (attempt === undefined) return []
  const since = attempt.unknownAt ?? null
  const name = oneLine(taskKey(task.task, task.item))
  const time = since === null ? '' : ` for ${durationWords(now - since)}`
  const why = attempt.unknownWhy ?? `${attempt.host} is out of reach`
  const short = `${run.slice(-8)} ${shellWord(taskKey(task.task, task.item))}`
  const lines = [
    `${paint('magenta', '?')} ${paint('bold', name)} is unknown${time}: ${oneLine(why)}`,
    '  It may run on at its host, or have ended: Sluice goes on asking.',
  ]
  if (rule === undefined) return lines
  lines.push(`  ${policyWords(rule, since === null ? null : since - now)}`)
  const waiting = rule.actsAfterMs === null ? 'note that you wait for it' : 'start that wait anew'
  lines.push(`    sluice settle ${short} wait      ${waiting}`)
  lines.push(`    sluice settle ${short} fail      call it failed; retries apply`)
  if (rule.failoverNo === null) {
    lines.push(`    sluice settle ${short} failover  let another host of the pool have it`)
  } else lines.push(`  No other host can have it: ${oneLine(rule.failoverNo)}.`)
  return lines
}

const thenWords: Readonly<Record<UnknownRule['then'], string>> = {
  fail: 'it is called lost',
  failover: 'another host of its pool takes over',
  ask: 'a person is asked',
}

/** What comes of waiting longer. */
export function waitWords({ then, actsAfterMs }: UnknownRule): string {
  return actsAfterMs === null
    ? 'It is noted; nothing else changes. It waits for its host or for you, without end.'
    : `Its wait starts anew: in ${durationWords(actsAfterMs)} ${thenWords[then]}.`
}

/** `sinceMs`: when it became unknown, from now; negative. */
function policyWords({ then, actsAfterMs }: UnknownRule, sinceMs: number | null): string {
  if (actsAfterMs === null || sinceMs === null) return 'It waits for a person, without end:'
  const left = sinceMs + actsAfterMs
  return left <= 0
    ? `Its time is over, and ${thenWords[then]}. Until then:`
    : `In ${durationWords(left)} ${thenWords[then]}. Until then:`
}

function attemptLines(task: TaskView, attempt: AttemptView, paint: Paint): string[] {
  const { number, host, end, fenced } = attempt
  const name = `${oneLine(taskKey(task.task, task.item))}, attempt ${number} on ${oneLine(host)}`
  const lines: string[] = []
  const left = [...survivorsOf(end), ...survivorsOf(fenced ?? null)]
  if (left.length > 0) {
    lines.push(
      `${paint('yellow', '!')} ${name}: ${left.length} process${left.length === 1 ? '' : 'es'} could not be ended:`,
    )
    for (const survivor of left) lines.push(`    ${oneLine(survivor)}`)
  }
  if (fenced === null) {
    lines.push(
      `${paint('yellow', '!')} ${name}: its copy is not proved gone yet; that is done when ${oneLine(host)} is back.`,
    )
  }
  return lines
}

export function survivorsOf(end: AttemptEnd | null): readonly string[] {
  return end !== null && 'survivors' in end ? (end.survivors ?? []) : []
}

/** Why an attempt is on the host where it is. Empty where there was no choice. */
export function choiceLines({ number, host, chosen }: AttemptView): string[] {
  if (chosen === undefined) return []
  return [
    `Attempt ${number} is on ${oneLine(host)}: ${oneLine(chosen.why)}`,
    ...chosen.passedOver.map((other) => `  not on ${oneLine(other.host)}: ${oneLine(other.why)}`),
  ]
}

const verdicts: Readonly<
  Record<PlacementView['hosts'][number]['verdict'], readonly [string, Ink]>
> = {
  free: ['✓ free', 'green'],
  busy: ['◦ busy', 'cyan'],
  closed: ['■ closed', 'yellow'],
  down: ['✗ down', 'red'],
}

export function placementLines(paint: Paint, { why, hosts }: PlacementView): string[] {
  const width = Math.max(0, ...hosts.map(({ host }) => host.length))
  return [
    oneLine(why),
    ...hosts.map(({ host, verdict, why: said }) => {
      const [word, ink] = verdicts[verdict]
      const padded = paint(ink, word) + ' '.repeat(Math.max(0, 8 - word.length))
      return `  ${oneLine(host).padEnd(width)}  ${padded}  ${oneLine(said)}`.trimEnd()
    }),
  ]
}
