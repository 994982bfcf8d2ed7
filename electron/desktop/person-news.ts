// What waits for a person while they look elsewhere: questions of sign-ins and of runs, and outcomes that only a person may
// settle. Pure.
import type { AskRow, GraphNode, RunRow } from '../../shared/api/views.ts'
import { parseTaskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'

export interface Notice {
  title: string
  body: string
  /** Where a click leads. */
  route: string
}

/** A question by its kind and host only: the words of a server are not repeated outside the window. */
export function noticeOfAsk({ question }: AskRow): Notice {
  const what = {
    passphrase: 'needs the passphrase of a key',
    password: 'asks for a password',
    prompt: 'asks for a code or an answer',
  }[question.kind]
  return {
    title: `${question.host} ${what}`,
    body: 'The sign-in waits for you, three minutes at most.',
    route: `#/hosts/${encodeURIComponent(question.host)}`,
  }
}

/** Those that were not there before. */
export function freshAsks(seen: ReadonlySet<string>, asks: readonly AskRow[]): AskRow[] {
  return asks.filter(({ id }) => !seen.has(id))
}

/** Task runs that ask a person and did not when the run was looked at last; `word` is the question. */
export function freshQuestions(
  before: RunRow | undefined,
  after: RunRow,
): { key: string; word: string }[] {
  return Object.entries(after.asks ?? {}).flatMap(([key, word]) =>
    before?.asks?.[key] === word ? [] : [{ key, word }],
  )
}

/** Null where there is none. Of several the first is named. */
export function noticeOfQuestions(
  { run, pipeline }: RunRow,
  questions: readonly { key: string; word: string }[],
): Notice | null {
  const [first] = questions
  if (first === undefined) return null
  const more = questions.length === 1 ? '' : ` And ${questions.length - 1} more.`
  const { task, item } = parseTaskKey(first.key)
  const which = item === null ? '' : `&item=${item}`
  return {
    title: `${pipeline} waits for your answer`,
    body: `${first.key}: ${oneLine(first.word)}${more} Click to answer.`,
    route: `#/runs/${run}?task=${encodeURIComponent(task)}${which}`,
  }
}

/** What a task handed back may stand in it: cut, and without a line of its own making. */
function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
  return line.length > wordLengthMax ? `${line.slice(0, wordLengthMax - 1)}…` : line
}

const wordLengthMax = 140

/** The run has more unknown outcomes than when it was looked at last. */
export function isNewDoubt(before: RunRow | undefined, after: RunRow): boolean {
  return (after.counts.unknown ?? 0) > (before?.counts.unknown ?? 0)
}

/** null: a policy will act by itself, so nobody has to. */
export function noticeOfDoubt(view: RunView, graph: readonly GraphNode[]): Notice | null {
  const asking = new Set(
    graph.filter(({ unknown }) => unknown?.actsAfterMs === null).map(({ name }) => name),
  )
  const tasks = Object.values(view.tasks).filter(
    ({ state, task }) => state === 'unknown' && asking.has(task),
  )
  const [first] = tasks
  if (first === undefined) return null
  const others = tasks.length === 1 ? '' : ` and ${tasks.length - 1} more`
  return {
    title: `${view.pipeline}: an outcome is not known`,
    body: `${first.task}${others}: the host is out of reach, and the policy asks you. Click to decide.`,
    route: `#/runs/${view.run}?task=${encodeURIComponent(first.task)}`,
  }
}
