// Scores answers against labels: the figures that root cause is held to.
import { explain } from '../../electron/insight/explain.ts'
import { cleanLine } from '../../electron/insight/mask.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { factsOf, linesOf, type Case } from './corpus.ts'

export interface Marks {
  fault: string
  answer: RootCause | null
  classRight: boolean
  rootRight: boolean
  /** null: the label has no evidence line. */
  firstLineRight: boolean | null
  linesShown: number
  unresolved: number
  hostLevelRight: boolean
  transientRight: boolean
  waitingRight: boolean
}

export function mark(one: Case, good: readonly ('h1' | 'h2')[] = ['h1', 'h2']): Marks {
  const { label } = one
  const answer = explain(factsOf(one, 'faulty', good))
  const evidence = answer?.evidence ?? []
  const first = evidence[0]
  const wanted = label.evidence_regex === '' ? null : new RegExp(label.evidence_regex)
  const texts = new Map(
    Object.entries(one.runs.faulty.logs).map(([task, text]) => [task, linesOf(text)]),
  )
  const raw = (task: string, line: number): string | undefined => texts.get(task)?.[line - 1]
  return {
    fault: label.fault,
    answer,
    classRight: answer?.class === label.class,
    rootRight: answer?.rootTask === label.root_task,
    firstLineRight:
      wanted === null
        ? null
        : first !== undefined &&
          first.task === label.evidence_task &&
          wanted.test(raw(first.task, first.line) ?? ''),
    linesShown: evidence.length,
    unresolved: evidence.filter(({ task, line, text }) => {
      const found = raw(task, line)
      return found === undefined || cleanLine(found) !== text
    }).length,
    hostLevelRight: answer?.hostLevel === label.host_level,
    transientRight: answer?.transient === label.transient,
    waitingRight:
      [...(answer?.waiting ?? [])].toSorted().join() === [...label.blocked_tasks].toSorted().join(),
  }
}

export function share(marks: readonly Marks[], right: (one: Marks) => boolean | null): number {
  const judged = marks.filter((one) => right(one) !== null)
  return judged.filter((one) => right(one) === true).length / judged.length
}
