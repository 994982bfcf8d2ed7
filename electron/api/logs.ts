// Calls about the log of one attempt. Bytes come from the log store and pass nothing else on their way.
import type { ApiParts } from './parts.ts'
import { openBell } from './bell.ts'
import type { Bell } from './bell.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api, CheckedInputOf } from '../../shared/api/contract.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { AttemptView, TaskView } from '../../shared/run/run-view.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { nearest, someOf } from '../../shared/pipeline/suggest.ts'
import { gapAt } from '../../shared/run/log-gaps.ts'
import { isRunEnd } from '../../shared/run/states.ts'

const chunkBytes = 64 * 1024

type LogCalls = Pick<Api, 'log.info' | 'log.read' | 'log.follow'>
type AttemptInput = Pick<CheckedInputOf<'log.info'>, 'run' | 'task' | 'item' | 'attempt'>

export function logCalls(parts: ApiParts): LogCalls {
  return {
    async 'log.info'(input) {
      const found = findAttempt(parts, input)
      if (found.key === null) return { bytes: 0, closed: found.isOver, gaps: [] }
      const gaps = parts.logs.gaps(found.key)
      return {
        bytes: await parts.logs.size(found.key),
        closed: isClosed(parts, found.key, found.attempt),
        gaps: gaps.length > 0 ? gaps : (found.attempt?.log?.gaps ?? []),
      }
    },
    async 'log.read'(input) {
      const { key } = findAttempt(parts, input)
      if (key === null) return new Uint8Array()
      return await parts.logs.read(key, input.offset, input.length)
    },
    'log.follow': (input, signal) => followLog(parts, input, signal),
  }
}

async function* followLog(
  parts: ApiParts,
  input: CheckedInputOf<'log.follow'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const run = resolveRunRef(parts.db, input.run)
  const bell = openBell(signal)
  // The attempt may not have started yet, and its log may be closed by a report that brings no byte.
  const stopEvents = parts.onEvents((events) => {
    if (events.some((event) => event.run === run)) bell.ring()
  })
  let stopLog = (): void => {}
  try {
    const key = await waitForAttempt(parts, { ...input, run }, bell)
    if (key === null) return
    stopLog = parts.logs.onChange(key, bell.ring)
    let { offset } = input
    let ended = false
    while (!signal.aborted) {
      const bytes = await parts.logs.read(key, offset, chunkBytes)
      if (bytes.length > 0) {
        offset += bytes.length
        yield bytes
      } else if (ended || parts.isReader || gapAt(parts.logs.gaps(key), offset) !== null) return
      // Once more after the end was seen: bytes may have come between the read and the look.
      else if (isOver(parts, { ...input, run }, key)) ended = true
      else if (!(await bell.next())) return
    }
  } finally {
    stopLog()
    stopEvents()
  }
}

/** null when the task has ended, or the reader has gone, without one. */
async function waitForAttempt(
  parts: ApiParts,
  input: AttemptInput,
  bell: Bell,
): Promise<AttemptKey | null> {
  for (;;) {
    const { key, isOver } = findAttempt(parts, input)
    if (key !== null) return key
    if (isOver || parts.isReader || !(await bell.next())) return null
  }
}

interface FoundAttempt {
  /** null: it has not started. */
  key: AttemptKey | null
  attempt: AttemptView | null
  /** The run has ended: nothing will start any more. */
  isOver: boolean
}

function findAttempt(parts: ApiParts, input: AttemptInput): FoundAttempt {
  const run = resolveRunRef(parts.db, input.run)
  const view = parts.live(run) ?? loadRun(parts.db, run)?.view
  if (view === undefined) throw new AppError('not-found', `There is no run "${input.run}".`)
  const isOver = isRunEnd(view.state)
  const task = view.tasks[taskKey(input.task, input.item)]
  if (task === undefined) throw noTask(run, input, Object.keys(view.tasks))
  const number = input.attempt ?? task.attempts.length
  const attempt = task.attempts[number - 1] ?? null
  if (attempt === null && input.attempt !== null && isOver) throw noAttempt(task, input.attempt)
  if (attempt === null) return { key: null, attempt, isOver }
  return { key: attemptKey(run, task.task, task.item, number), attempt, isOver }
}

function isClosed(parts: ApiParts, key: AttemptKey, attempt: AttemptView | null): boolean {
  return parts.logs.isClosed(key) || (attempt !== null && attempt.log !== null)
}

function isOver(parts: ApiParts, input: AttemptInput, key: AttemptKey): boolean {
  if (parts.logs.isClosed(key)) return true
  const { attempt } = findAttempt(parts, input)
  // An attempt that never ran has no log to close.
  return attempt?.log != null || attempt?.end?.outcome === 'not_started'
}

function noTask(run: RunId, input: AttemptInput, known: string[]): AppError {
  const key = taskKey(input.task, input.item)
  const near = nearest(key, known)
  return new AppError('not-found', `Run ${run} has no task "${key}".`, {
    hint: near === null ? `It has ${someOf(known)}.` : `Did you mean "${near}"?`,
  })
}

function noAttempt(task: TaskView, number: number): AppError {
  return new AppError('not-found', `Task "${task.task}" has no attempt ${number}.`, {
    hint: `It has ${task.attempts.length}.`,
  })
}
