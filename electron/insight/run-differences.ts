// What differs between a run and the last good ones beyond their plans: where a task ran, how long, and how much it made.
import type { Change } from '../../shared/api/views.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import { keyOf } from './family.ts'

/** A duration is worth a word when it left the range of the good runs by this factor and this much. */
const slowFactor = 2
const slowMs = 10_000
/** An output is worth a word when it is empty, or its size left the range by this factor. */
const sizeFactor = 2

/** `good`: newest first. */
export function runDifferences(view: RunView, good: readonly RunView[]): Change[] {
  const last = good[0]
  if (last === undefined) return []
  const changes: Change[] = []
  for (const task of Object.values(view.tasks)) {
    const now = task.attempts.at(-1)
    const before = good.flatMap((run) => goodAttempt(run, keyOf(task)))
    if (now === undefined || before.length === 0) continue
    changes.push(
      ...hostChange(task, now, before),
      ...slower(task, now, before),
      ...sizes(task, now, before),
    )
  }
  return changes
}

/** A declared output that has no bytes now and had some before. */
export function isEmptied({ what, after }: Change): boolean {
  return what === 'input' && after === '0 bytes'
}

function goodAttempt(run: RunView, key: string): AttemptView[] {
  const task = run.tasks[key]
  const attempt = task?.attempts.at(-1)
  return task === undefined || attempt === undefined || !isTaskGood(task.state) ? [] : [attempt]
}

function hostChange(task: TaskView, now: AttemptView, before: readonly AttemptView[]): Change[] {
  if (before.some((one) => one.host === now.host)) return []
  return [
    {
      what: 'host',
      task: task.task,
      name: keyOf(task),
      before: before[0]?.host ?? '',
      after: now.host,
    },
  ]
}

function slower(task: TaskView, now: AttemptView, before: readonly AttemptView[]): Change[] {
  const took = durationOf(now)
  const usual = before.map(durationOf).filter((one) => one !== null)
  if (took === null || usual.length === 0) return []
  const longest = Math.max(...usual)
  if (took < longest * slowFactor || took < longest + slowMs) return []
  return [
    {
      what: 'duration',
      task: task.task,
      name: keyOf(task),
      before: seconds(longest),
      after: seconds(took),
    },
  ]
}

function durationOf({ end }: AttemptView): number | null {
  if (end === null || end.hostStartedAt === null || end.hostEndedAt === null) return null
  return end.hostEndedAt - end.hostStartedAt
}

function sizes(task: TaskView, now: AttemptView, before: readonly AttemptView[]): Change[] {
  return outputsOf(now).flatMap(({ name, bytes }): Change[] => {
    const usual = before
      .flatMap((one) => outputsOf(one).filter((file) => file.name === name))
      .map((file) => file.bytes)
    if (usual.length === 0) return []
    const [least, most] = [Math.min(...usual), Math.max(...usual)]
    const broke =
      (bytes === 0 && least > 0) || bytes * sizeFactor < least || bytes > most * sizeFactor
    if (!broke) return []
    return [
      {
        what: 'input',
        task: task.task,
        name,
        before: `${usual[0] ?? 0} bytes`,
        after: `${bytes} bytes`,
      },
    ]
  })
}

function outputsOf({ end }: AttemptView): readonly { name: string; bytes: number }[] {
  return end !== null && end.outcome === 'exited' ? (end.outputs ?? []) : []
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
