// What a person asks of a resume. The plan that comes of it says what will happen, and why, before it does.

export interface RecoveryOptions {
  /** Task runs by their `taskKey` that run again, succeeded or not, with all downstream of them; empty: from the failures. */
  from: readonly string[]
  /** Nothing runs but those in `from` and what they held up; other failures stay as they are. */
  only: boolean
  /** All that is upstream of those in `from` runs again too. */
  upstream: boolean
  /** What a person has changed in the plan, each with a reason. */
  forced: readonly ForcedDecision[]
}

/** `run`: it runs again though nothing asks for it. `leave`: it stays as it is, whatever runs before it. */
export interface ForcedDecision {
  task: string
  item: number | null
  decision: 'run' | 'leave'
  reason: string
}

export const FROM_FAILURE: RecoveryOptions = {
  from: [],
  only: false,
  upstream: false,
  forced: [],
}
