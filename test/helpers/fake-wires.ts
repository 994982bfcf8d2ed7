// What is on its way between one engine and its scripted hosts: orders and reports that take their time, come twice, overtake
// each other, or are lost with the link.
import type { Clock } from '../../electron/ports/clock.ts'
import type { HostReport } from '../../electron/ports/hosts.ts'

/** What a network does to what goes over it. A cut loses what is on its way. */
export interface Network {
  /** Until an order is at its host; one host gets them in their order. */
  orderMs(): number
  /** Until a report is here: those of one attempt keep their order, others may overtake each other. */
  reportMs(): number
  /** How much later it comes once more; null: it comes once. */
  repeatMs(): number | null
  /** How much later a host reads an order whose sender is gone; null: it is lost. */
  lateMs(): number | null
  /** Until a host that is out of reach is found to be. */
  connectMs(): number
}

/** What is on its way between one engine and the hosts. */
export class Wires {
  readonly #clock: Clock
  readonly #network: Network | null
  /** When the last order to a host, or the last report of an attempt, arrives. */
  readonly #arrivals = new Map<string, number>()
  readonly #cuts = new Map<string, number>()

  constructor(clock: Clock, network: Network | null) {
    this.#clock = clock
    this.#network = network
  }

  order(host: string, act: () => void): void {
    this.#after(`to ${host}`, this.#network?.orderMs() ?? 1, act)
  }

  report(report: HostReport, act: () => void): void {
    const network = this.#network
    if (network === null) return act()
    const { host } = report
    const cuts = this.#cuts.get(host)
    const arrive = (): void => {
      if (this.#cuts.get(host) === cuts) act()
    }
    const isOfAttempt = 'key' in report && report.kind !== 'checkpoint'
    const lane = `from ${host} ${isOfAttempt ? report.key : ''}`
    // Whatever was told before the link is up is here before that word.
    if (report.kind === 'linked')
      for (const [other, at] of this.#arrivals)
        if (other.startsWith(`from ${host} `)) this.#push(lane, at)
    this.#after(lane, network.reportMs(), arrive)
    if (report.kind === 'absent') return
    const repeatMs = network.repeatMs()
    if (repeatMs !== null) this.#after(lane, repeatMs, arrive)
  }

  /** What is on its way to us is lost. */
  cut(host: string): void {
    this.#cuts.set(host, (this.#cuts.get(host) ?? 0) + 1)
  }

  #after(lane: string, delayMs: number, act: () => void): void {
    const now = this.#clock.monotonic()
    const at = Math.max(now + delayMs, this.#arrivals.get(lane) ?? 0)
    this.#push(lane, at)
    this.#clock.after(at - now, act)
  }

  #push(lane: string, at: number): void {
    this.#arrivals.set(lane, Math.max(at, this.#arrivals.get(lane) ?? 0))
  }
}
