// What happens to the engine in a random case: faults, people, and how well network and disk do.
import { taskKey } from '../../shared/run/run-view.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RecoveryOptions } from '../../shared/run/recovery.ts'
import type { Chance } from './chance.ts'
import { HOSTS } from './sim-case.ts'
import type { Deed, Fix, SimCase } from './sim-case.ts'

type Life = Pick<SimCase, 'network' | 'disk' | 'kills' | 'deeds'>

export function randomLife(chance: Chance, tasks: SimCase['tasks']): Life {
  const isSlowLink = chance.int(2) === 0
  return {
    network: {
      orderMsMax: isSlowLink ? chance.int(chance.of([3000, 15_000])) : 1,
      reportMsMax: isSlowLink ? chance.int(6000) : 0,
      repeats: isSlowLink ? chance.roll() * 0.3 : 0,
    },
    disk: chance.int(4) === 0 ? { slow: 0.1, slowMsMax: 1 + chance.int(20_000) } : noDelay,
    kills: killsAt(chance),
    deeds: Array.from({ length: 4 + chance.int(60) }, () =>
      chance.int(40) === 0 ? doubt(chance) : [deed(chance, tasks)],
    ).flat(),
  }
}

const noDelay = { slow: 0, slowMsMax: 0 }
const WRITES_MAX = 400

function killsAt(chance: Chance): number[] {
  const found: number[] = []
  for (let write = 1; write <= WRITES_MAX; write += 1) if (chance.roll() < 0.02) found.push(write)
  return found
}

// Now and then long enough for leases and policies.
function deed(chance: Chance, tasks: SimCase['tasks']): Deed {
  const afterMs = chance.int(12) === 0 ? chance.int(200_000) : chance.int(6000)
  return { afterMs, ...what(chance, Object.keys(tasks)) }
}

type What = Deed extends infer D ? (D extends unknown ? Omit<D, 'afterMs'> : never) : never

function what(chance: Chance, names: readonly string[]): What {
  const host = chance.of(HOSTS)
  const run = chance.int(3) === 0 ? chance.int(3) : 0
  const task = chance.of(names)
  const item = chance.int(4) === 0 ? chance.int(3) : null
  const pick = chance.int(38)
  if (pick < 2) return { do: 'kill' }
  if (pick < 4) return { do: 'cut', host }
  if (pick < 7) return { do: 'mend' }
  if (pick < 8) return chance.int(2) === 0 ? { do: 'reboot', host } : { do: 'wait' }
  if (pick < 9) return chance.int(6) === 0 ? { do: 'cancel', run } : { do: 'wait' }
  if (pick < 11) return { do: 'cordon', host }
  if (pick < 13) return settle(chance)
  if (pick < 14) return { do: 'pause', run }
  if (pick < 17) return { do: 'unpause', run }
  if (pick < 18) return { do: 'hold', run, task, item }
  if (pick < 20) return { do: 'unhold', run, task, item }
  if (pick < 21)
    return chance.int(5) === 0
      ? { do: 'stop', run, after: chance.int(2) === 0 ? null : task }
      : { do: 'wait' }
  if (pick < 22)
    return { do: 'mark', run, task, item, state: chance.of(['succeeded', 'skipped'] as const) }
  if (pick < 25)
    return { do: 'answer', decision: chance.of(['approved', 'approved', 'rejected'] as const) }
  if (pick < 27)
    return { do: 'resume', run, options: options(chance, names), fix: fix(chance, names) }
  if (pick < 28) return chance.int(3) === 0 ? { do: 'start' } : { do: 'wait' }
  if (pick < 29) return chance.int(2) === 0 ? { do: 'step', ms: jump(chance) } : { do: 'wait' }
  if (pick < 30) return { do: 'host_step', host, ms: jump(chance) }
  if (pick < 31) return chance.int(4) === 0 ? { do: 'full', pages: chance.int(4) } : { do: 'wait' }
  if (pick < 32) return { do: 'room' }
  if (pick < 33) return chance.int(2) === 0 ? { do: 'drain' } : { do: 'wait' }
  if (pick < 35) return { do: 'undrain' }
  return { do: 'wait' }
}

function settle(chance: Chance): What {
  const decision = chance.of(['wait', 'fail', 'failover', 'failover'] as const)
  return { do: 'settle', decision, isDead: chance.int(2) === 0 }
}

// Out of reach for long enough, a person decides, and sometimes nobody has waited for the host.
function doubt(chance: Chance): Deed[] {
  const cut: Deed = { afterMs: chance.int(3000), do: 'cut', host: chance.of(HOSTS) }
  const settled: Deed = { afterMs: 9000 + chance.int(8000), ...settle(chance) }
  return [cut, settled, ...(chance.int(2) === 0 ? [{ ...settled, afterMs: 1000 }] : [])]
}

function jump(chance: Chance): number {
  return (chance.int(2) === 0 ? 1 : -1) * chance.int(chance.of([2000, 300_000, 90_000_000]))
}

function options(chance: Chance, names: readonly string[]): RecoveryOptions {
  if (chance.int(2) === 0) return FROM_FAILURE
  const name = chance.of(names)
  const item = chance.int(4) === 0 ? chance.int(3) : null
  const decision = chance.of(['run', 'leave'] as const)
  return {
    from: chance.int(2) === 0 ? [taskKey(name, item)] : [],
    only: chance.int(3) === 0,
    upstream: chance.int(4) === 0,
    forced:
      chance.int(4) === 0
        ? [{ task: chance.of([name, chance.of(names)]), item, decision, reason: 'sim' }]
        : [],
  }
}

function fix(chance: Chance, names: readonly string[]): Fix | null {
  if (chance.int(3) > 0) return null
  const some = (): string[] => names.filter(() => chance.int(4) === 0)
  return {
    changed: some(),
    added: chance.int(3) === 0 ? { name: 'added', needs: some().slice(0, 3) } : null,
    removed: chance.int(4) === 0 ? chance.of(names) : null,
  }
}
