// What hosts may forget (H9). They are told only what is on our disk, so releases wait for one sync together; and whoever
// leaves can wait until all hosts have confirmed.
import type { Clock } from '../ports/clock.ts'
import type { Hosts } from '../ports/hosts.ts'
import type { Release, RunStore } from '../ports/run-store.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'

/** Releases wait for their sync at most this long. */
const RELEASE_DELAY_MS = 500

export interface ReleasesOptions {
  store: Pick<RunStore, 'sync' | 'confirmReleases'>
  hosts: Pick<Hosts, 'release'>
  clock: Clock
  /** The store failed. */
  onFatal: (error: unknown) => void
}

export class Releases {
  readonly #options: ReleasesOptions
  #due: Release[] = []
  readonly #confirmed = new Set<AttemptKey>()
  /** Told to the store, not yet confirmed by the host. */
  readonly #open = new Set<AttemptKey>()
  #waiting: (() => void)[] = []
  #cancelTimer: (() => void) | null = null
  #isClosed = false

  constructor(options: ReleasesOptions) {
    this.#options = options
  }

  add(release: Release): void {
    this.#due.push(release)
    // Told anew, since the host has it again: what it confirmed before must not take that out of the store.
    this.#confirmed.delete(release.key)
    this.#open.add(release.key)
    this.#soon()
  }

  /** The host has forgotten it. */
  confirm(key: AttemptKey): void {
    this.#confirmed.add(key)
    this.#open.delete(key)
    if (this.#open.size === 0) for (const done of this.#waiting.splice(0)) done()
    this.#soon()
  }

  whenDone(): Promise<void> {
    if (this.#open.size === 0 || this.#isClosed) return Promise.resolve()
    this.#cancelTimer?.()
    this.#go()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  close(): void {
    this.#isClosed = true
    this.#cancelTimer?.()
  }

  #soon(): void {
    this.#cancelTimer ??= this.#options.clock.after(RELEASE_DELAY_MS, () => this.#go())
  }

  #go(): void {
    this.#cancelTimer = null
    const { store, hosts, onFatal } = this.#options
    const due = this.#due
    const confirmed = [...this.#confirmed]
    this.#due = []
    this.#confirmed.clear()
    try {
      if (confirmed.length > 0) store.confirmReleases(confirmed)
      if (due.length > 0) store.sync()
    } catch (error) {
      return onFatal(error)
    }
    for (const { host, key } of due) hosts.release(host, key)
  }
}
