// The order in which requests leave for one agent.
//   H2  What must go alone waits until nothing is under way, and keeps those behind it waiting.
//   E5  So many are under way at once, and so many wait behind them.

/** Answers come in milliseconds, so this window keeps every line busy. */
export const underWayMax = 512
/** Callers wait for their answers, so there are as many as attempts and files that are dealt with at once. */
export const queueMax = 100_000

export interface Queued {
  alone: boolean
  send: () => void
  reject: (error: Error) => void
}

export class RequestQueue {
  readonly #queue: Queued[] = []
  /** Of the queue, from its head: already on their way. */
  #sent = 0
  #underWay = 0
  #isAlone = false

  /** What is under way has the agent for itself. */
  get isAlone(): boolean {
    return this.#isAlone
  }

  /** Sends it now or when its turn comes; rejects it where too many wait. */
  enter(request: Queued): void {
    if (this.#queue.length - this.#sent >= queueMax)
      return request.reject(new Error(`${queueMax} requests wait for one host.`))
    this.#queue.push(request)
    this.#admit()
  }

  /** One that was under way has been answered. */
  settled(): void {
    this.#underWay--
    if (this.#underWay === 0) this.#isAlone = false
    queueMicrotask(() => this.#admit())
  }

  /** Nothing is sent any more; those that waited are handed back. */
  empty(): Queued[] {
    const waited = this.#queue.slice(this.#sent)
    this.#queue.length = this.#sent = 0
    return waited
  }

  #admit(): void {
    while (this.#sent < this.#queue.length && !this.#isAlone && this.#underWay < underWayMax) {
      const next = this.#queue[this.#sent]!
      if (next.alone && this.#underWay > 0) break
      this.#sent++
      this.#underWay++
      this.#isAlone = next.alone
      next.send()
    }
    // Not one by one: taking the first of a long array away moves all others.
    if (this.#sent < 1000 && this.#sent < this.#queue.length) return
    this.#queue.splice(0, this.#sent)
    this.#sent = 0
  }
}
