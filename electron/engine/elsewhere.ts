// When another host of a task's pool takes over without that counting as a retry. Pure.
import type { AttemptEnd, TransportCause } from '../../shared/run/events.ts'
import type { LiveTask } from './state.ts'
import { whyNoFailover } from './unknown-policy.ts'

/** A lease that runs out again and again is a host or a network to look at, not something to go on with for ever. */
const LEASES_MAX = 5

/** The attempt on `host` has just ended so. `isOpen`: the host takes new work. */
export function goesElsewhere(
  task: LiveTask,
  host: string,
  end: AttemptEnd,
  isOpen: (host: string) => boolean,
): boolean {
  const { hosts } = task.planned
  if (hosts.length < 2) return false
  if (end.outcome === 'not_started') {
    if (!IS_HOSTS_OWN[end.cause]) return false
    const before = failedStarts(task)
    // Each host once: whatever stands in the way of the others, this ends.
    if (before.length + 1 >= hosts.length) return false
    return hosts.some((name) => name !== host && !before.includes(name) && isOpen(name))
  }
  // It was stopped by its host, so there is no copy of it; whether it may run again is a matter of its effect.
  if (end.outcome === 'lost' && end.cause === 'lease_expired') {
    return whyNoFailover(task.planned) === null && task.view.elsewhere < LEASES_MAX
  }
  return false
}

/** Hosts where it could not start since it last got somewhere, besides the one that has just ended. */
function failedStarts(task: LiveTask): string[] {
  const { attempts, elsewhere } = task.view
  const hosts: string[] = []
  for (const { host, end } of attempts.slice(0, -1).toReversed()) {
    if (hosts.length >= elsewhere || end?.outcome !== 'not_started') break
    hosts.push(host)
  }
  return hosts
}

/** Another host may do better. */
const IS_HOSTS_OWN: Readonly<Record<TransportCause, boolean>> = {
  host_unreachable: true,
  ssh_auth_failure: true,
  ssh_host_key_mismatch: true,
  ssh_host_key_unknown: true,
  dns_failure: true,
  host_refused: true,
  input_missing: false,
  secret_missing: false,
}
