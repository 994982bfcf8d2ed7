// One row of the rule base.
export interface Rule {
  cause: string
  /** Finer kind, for the summary. */
  kind?: string
  /** 9..2, see W1. */
  rank: number
  at: RegExp
  /** The line must say this too. */
  also?: RegExp
  /** Also believed on a line marked INFO or DEBUG, and in a task that succeeded. */
  quiet?: true
  /** Only after one of these exit codes. */
  exits?: readonly number[]
}
