// What was really done, by name: a simulator that never does a thing proves nothing about it.
export class Tally {
  readonly counts: Record<string, number> = {}

  /** Gives `value` back, so that it fits around what is counted. */
  add<Value>(name: string, value?: Value): Value {
    this.counts[name] = (this.counts[name] ?? 0) + 1
    return value as Value
  }
}
