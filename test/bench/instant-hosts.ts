// Hosts that answer at once: what remains is the engine.
import type { Hosts, HostReport, StartOrder } from '../../electron/ports/hosts.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'

export interface InstantHosts extends Hosts {
  /** Orders that wait; null lets every order be answered in the next turn of the event loop. */
  hold: ((order: StartOrder) => boolean) | null
  starts(): number
  /** Answers what was held. */
  letGo(): void
}

const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export function instantHosts(): InstantHosts {
  const listeners = new Set<(report: HostReport) => void>()
  const waiting: { host: string; key: AttemptKey }[] = []
  const held: { host: string; key: AttemptKey }[] = []
  let starts = 0
  let isScheduled = false

  const report = (each: HostReport): void => {
    for (const listener of listeners) listener(each)
  }
  const flush = (): void => {
    isScheduled = false
    for (const { host, key } of waiting.splice(0)) {
      const now = Date.now()
      report({ kind: 'started', host, key, pid: 1000, bootId: 'boot', hostStartedAt: now })
      report({
        kind: 'ended',
        host,
        key,
        end: { ...end, endedAt: now, hostStartedAt: now, hostEndedAt: now },
      })
      report({ kind: 'log_closed', host, key, bytes: 0, sha256: emptyHash, gaps: [] })
    }
  }
  const answer = (each: { host: string; key: AttemptKey }): void => {
    waiting.push(each)
    if (!isScheduled) setImmediate(flush)
    isScheduled = true
  }
  const hosts: InstantHosts = {
    hold: null,
    starts: () => starts,
    letGo() {
      for (const each of held.splice(0)) answer(each)
    },
    start(host, order) {
      starts += 1
      const each = { host, key: order.key }
      if (hosts.hold?.(order) === true) held.push(each)
      else answer(each)
    },
    watch: (host, order) => hosts.start(host, order),
    cancel: () => {},
    release: () => {},
    onReport(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  return hosts
}

const end = { outcome: 'exited' as const, exit: 0, cpuMs: 1, peakBytes: 1_000_000 }
