// A recovery plan for people: what becomes of each task and item, and why; what is other than in a plan shown before.
import { columns, oneLine } from './paint.ts'
import type { Ink, Paint } from './paint.ts'
import { plural } from './words.ts'
import type { ResumePreview } from '../../shared/api/views.ts'
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { DecisionCounts } from '../../shared/run/recovery-counts.ts'
import { taskKey } from '../../shared/run/run-view.ts'

const looks: Readonly<Record<ResumeDecision['decision'], readonly [string, Ink]>> = {
  reuse: ['= reuse', 'green'],
  run: ['▶ run', 'blue'],
  attach: ['⇄ attach', 'cyan'],
  refuse: ['✗ refuse', 'red'],
}

/** Items of one task that are named; the rest are counted. */
const itemsShownMax = 50

type Decisions = readonly ResumeDecision[]

export function planLines(
  paint: Paint,
  { run, plan, counts }: ResumePreview,
  before?: Decisions,
): string[] {
  const known = before && new Map(before.map((one) => [keyOf(one), one.decision]))
  const rows: string[][] = []
  const itemsOf = new Map<string, number>()
  for (const one of plan) {
    const shown = (itemsOf.get(one.task) ?? 0) + (one.item === null ? 0 : 1)
    itemsOf.set(one.task, shown)
    if (shown <= itemsShownMax) rows.push(cellsOf(paint, one, known))
  }
  const lines = columns(rows).map((row) => `  ${row}`)
  const more = [...itemsOf].filter(([, count]) => count > itemsShownMax)
  return [
    `Recovery plan of ${paint('bold', run)}: ${countWords(counts)}`,
    ...(counts.run === undefined
      ? ['Nothing runs again: the run ends as its tasks count now.']
      : []),
    ...lines,
    ...more.map(([task, count]) => {
      const rest = plural(count - itemsShownMax, 'more item')
      return paint('dim', `  … and ${rest} of ${oneLine(task)}; all of them: --plan --json`)
    }),
  ]
}

function cellsOf(
  paint: Paint,
  one: ResumeDecision,
  known: ReadonlyMap<string, ResumeDecision['decision']> | undefined,
): string[] {
  const [word, ink] = looks[one.decision]
  const was = known?.get(keyOf(one))
  const change =
    known === undefined || was === one.decision
      ? ''
      : was === undefined
        ? ' (new)'
        : ` (was ${was})`
  const name = one.item === null ? one.task : `  ${keyOf(one)}`
  return [
    paint(ink, word),
    oneLine(name),
    paint('dim', oneLine(one.reason)) + paint('yellow', change),
  ]
}

function keyOf({ task, item }: ResumeDecision): string {
  return taskKey(task, item)
}

const words: readonly (readonly [ResumeDecision['decision'], string])[] = [
  ['run', 'to run'],
  ['reuse', 'reused'],
  ['attach', 'attached to'],
  ['refuse', 'refused'],
]

/** `2 to run, 3 reused`. */
export function countWords(counts: DecisionCounts): string {
  return words
    .flatMap(([decision, word]) =>
      counts[decision] === undefined ? [] : [`${counts[decision]} ${word}`],
    )
    .join(', ')
}
