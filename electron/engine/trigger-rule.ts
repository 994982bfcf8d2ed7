// When a task run starts, given how its needs ended. Pure. As Airflow's evaluator decides, which the tests hold it to row by
// row: a verdict is given as soon as nothing that is still open could change it for the better.
import type { StateCondition, TriggerRule } from '../../shared/pipeline/spec.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { assertNever, isTaskBad, isTaskEnd, isTaskGood } from '../../shared/run/states.ts'

/** How the needs of a task run have ended so far. A cancelled one counts as failed. */
export interface NeedCounts {
  total: number
  succeeded: number
  failed: number
  upstreamFailed: number
  skipped: number
}

export type Verdict = 'run' | 'skipped' | 'upstream_failed' | 'wait'

export function noNeeds(): NeedCounts {
  return { total: 0, succeeded: 0, failed: 0, upstreamFailed: 0, skipped: 0 }
}

/** `change`: 1 when a need has ended so, -1 when a resume takes that back. */
export function countNeed(counts: NeedCounts, state: TaskState, change: 1 | -1): void {
  switch (state) {
    case 'succeeded':
    case 'reused':
      counts.succeeded += change
      return
    case 'failed':
    case 'cancelled':
      counts.failed += change
      return
    case 'upstream_failed':
      counts.upstreamFailed += change
      return
    case 'skipped':
      counts.skipped += change
      return
    default:
      return
  }
}

export function judgeRule(rule: TriggerRule, counts: NeedCounts): Verdict {
  const { total, succeeded, failed, upstreamFailed, skipped } = counts
  const bad = failed + upstreamFailed
  const isDone = succeeded + bad + skipped === total
  const whenDone = (verdict: Verdict): Verdict => (isDone ? verdict : 'wait')
  if (total === 0) return 'run'
  switch (rule) {
    case 'all_success':
      if (bad > 0) return 'upstream_failed'
      if (skipped > 0) return 'skipped'
      return whenDone('run')
    case 'all_failed':
      return succeeded + skipped > 0 ? 'skipped' : whenDone('run')
    case 'all_done':
      return whenDone('run')
    case 'all_done_min_one_success':
      if (skipped > 0) return 'skipped'
      return whenDone(succeeded > 0 ? 'run' : 'upstream_failed')
    case 'all_skipped':
      return succeeded + bad > 0 ? 'skipped' : whenDone('run')
    case 'one_success':
      if (succeeded > 0) return 'run'
      return whenDone(bad === 0 ? 'skipped' : 'upstream_failed')
    case 'one_failed':
      return bad > 0 ? 'run' : whenDone('skipped')
    case 'one_done':
      return succeeded + failed > 0 ? 'run' : whenDone('skipped')
    case 'none_failed':
      return bad > 0 ? 'upstream_failed' : whenDone('run')
    case 'none_failed_min_one_success':
      if (bad > 0) return 'upstream_failed'
      return whenDone(succeeded > 0 ? 'run' : 'skipped')
    case 'none_skipped':
      return skipped > 0 ? 'skipped' : whenDone('run')
    case 'always':
      return 'run'
    default:
      return assertNever(rule)
  }
}

/** Three-valued: what is still open is neither true nor false. A condition that has become false skips the task. */
export function judgeCondition(
  condition: StateCondition,
  stateOf: (task: string) => TaskState,
): Verdict {
  const truth = truthOf(condition, stateOf)
  if (truth === null) return 'wait'
  return truth ? 'run' : 'skipped'
}

function truthOf(condition: StateCondition, stateOf: (task: string) => TaskState): boolean | null {
  switch (condition.op) {
    case 'all':
    case 'any': {
      const decides = condition.op === 'any'
      let isOpen = false
      for (const one of condition.of) {
        const truth = truthOf(one, stateOf)
        if (truth === decides) return decides
        if (truth === null) isOpen = true
      }
      return isOpen ? null : !decides
    }
    case 'not': {
      const truth = truthOf(condition.of, stateOf)
      return truth === null ? null : !truth
    }
    case 'is':
      return isState(stateOf(condition.task), condition.state)
    default:
      return assertNever(condition)
  }
}

function isState(
  state: TaskState,
  word: Extract<StateCondition, { op: 'is' }>['state'],
): boolean | null {
  if (!isTaskEnd(state)) return null
  switch (word) {
    case 'succeeded':
      return isTaskGood(state)
    case 'failed':
      return isTaskBad(state)
    case 'skipped':
      return state === 'skipped'
    case 'done':
      return true
    default:
      return assertNever(word)
  }
}
