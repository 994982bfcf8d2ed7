// The faults that meet a case, each at its moment.
import type { Dice } from '../../electron/ports/dice.ts'
import type { Fault, FaultKind } from './case-shape.ts'
import { between, chance, many, pick } from './draw.ts'

const victimOf = {
  'supervisor killed': 'supervisor',
  'task killed': 'task',
  'pid reused': 'reused',
} as const

export function mainFaults(dice: Dice, kind: FaultKind, hosts: number): Fault[] {
  const host = Math.floor(dice.roll() * hosts)
  const atMs = between(dice, 0, 5000)
  switch (kind) {
    case 'cut before the start':
      return [
        { kind: 'cut', host, side: 'up', bytes: between(dice, 1, 40_000), lastsMs: outage(dice) },
      ]
    case 'cut after the start':
      return [
        { kind: 'cut', host, side: 'down', bytes: between(dice, 1, 12_000), lastsMs: outage(dice) },
      ]
    case 'cut while streaming':
      return Array.from({ length: between(dice, 1, 3) }, () => ({
        kind: 'cut',
        host: Math.floor(dice.roll() * hosts),
        side: 'down',
        bytes: between(dice, 20_000, 3_000_000),
        lastsMs: outage(dice),
      }))
    case 'loss and delay':
      return [
        { kind: 'lossy', host, atMs: between(dice, 0, 2000), lastsMs: between(dice, 5000, 30_000) },
      ]
    case 'half-open':
      return [{ kind: 'silence', host, atMs, side: 'down', lastsMs: between(dice, 5000, 45_000) }]
    case 'sshd restarted':
      return many(dice, 1, 3, () => ({
        kind: 'sshd',
        host: Math.floor(dice.roll() * hosts),
        atMs: between(dice, 0, 6000),
        how: 'restart',
        gapMs: between(dice, 0, 1500),
      }))
    case 'sshd killed':
      return [{ kind: 'sshd', host, atMs, how: 'kill', gapMs: between(dice, 500, 8000) }]
    case 'sshd killed with its sessions':
      return [{ kind: 'sshd', host, atMs, how: 'kill all', gapMs: between(dice, 500, 8000) }]
    case 'wrong host key':
      return [{ kind: 'wrong key', host, atMs, lastsMs: between(dice, 1000, 4000) }]
    case 'reboot':
      return many(dice, 1, 2, () => ({ kind: 'reboot', host, atMs: between(dice, 200, 6000) }))
    case 'disk full':
      return [{ kind: 'disk full', host, atMs, lastsMs: between(dice, 500, 8000) }]
    case 'pid reused':
    case 'supervisor killed':
    case 'task killed':
      return many(dice, 1, 3, () => ({
        kind: 'kill',
        host: Math.floor(dice.roll() * hosts),
        atMs: between(dice, 300, 5000),
        what: victimOf[kind],
        victim: between(dice, 0, 9),
      }))
    case 'sshd frozen':
      return [{ kind: 'frozen', host, atMs, lastsMs: between(dice, 1000, 45_000) }]
    case 'agent killed':
      return many(dice, 1, 3, () => ({
        kind: 'agent killed',
        host: Math.floor(dice.roll() * hosts),
        atMs: between(dice, 300, 6000),
        what: pick(dice, ['agent', 'notifier'] as const),
      }))
    case 'clock stepped':
      return many(dice, 1, 4, () => clockStep(dice, host))
    case 'folder wiped':
      return many(dice, 1, 2, () => ({
        kind: 'wiped',
        host,
        atMs: between(dice, 300, 7000),
        what: pick(dice, ['folder', 'attempt'] as const),
        victim: between(dice, 0, 9),
      }))
    case 'process stopped':
      return many(dice, 1, 3, () => ({
        kind: 'stop',
        host: Math.floor(dice.roll() * hosts),
        atMs: between(dice, 300, 5000),
        what: pick(dice, ['supervisor', 'task', 'agent'] as const),
        victim: between(dice, 0, 9),
        lastsMs: between(dice, 500, 12_000),
      }))
    // Those without a timeout are cancelled.
    case 'child of another user':
    case 'child in the kernel':
    case 'cancel':
      return [{ kind: 'cancel', atMs: between(dice, kind === 'cancel' ? 0 : 2000, 7000) }]
    case 'home full':
      return [{ kind: 'home full', atMs, lastsMs: between(dice, 500, 8000) }]
    case 'engine killed':
      return many(dice, 2, 6, () => ({
        kind: 'engine killed',
        atMs: between(dice, 0, 9000),
        gapMs: between(dice, 0, 1500),
      }))
    case 'engine asleep':
      return [{ kind: 'engine asleep', atMs, lastsMs: between(dice, 1000, 40_000) }]
    case 'two engines':
      return many(dice, 1, 2, () => ({ kind: 'second engine', atMs: between(dice, 0, 4000) }))
    case 'failover':
      return [
        {
          kind: 'silence',
          host,
          atMs: between(dice, 3000, 9000),
          side: chance(dice, 0.7) ? 'both' : 'down',
          lastsMs: between(dice, 30_000, 140_000),
        },
      ]
    // The host or the task is the fault.
    default:
      return []
  }
}

/** Most troubles do not come alone. */
export function sideFaults(dice: Dice, kind: FaultKind, hosts: number): Fault[] {
  const faults: Fault[] = []
  const host = (): number => Math.floor(dice.roll() * hosts)
  // What a kill means must be told apart from what the case is about.
  const isQuiet = ['two engines', 'engine asleep', 'asked for a passphrase', 'home full']
  const mayKill = !isQuiet.includes(kind)
  if (mayKill && chance(dice, 0.3)) {
    const gapMs = between(dice, 0, 1500)
    faults.push({ kind: 'engine killed', atMs: between(dice, 0, 8000), gapMs })
  }
  if (chance(dice, 0.2)) {
    const atMs = between(dice, 0, 6000)
    faults.push({
      kind: 'silence',
      host: host(),
      atMs,
      side: 'both',
      lastsMs: between(dice, 200, 6000),
    })
  }
  if (kind !== 'wrong host key' && chance(dice, 0.15)) {
    const atMs = between(dice, 0, 6000)
    faults.push({ kind: 'sshd', host: host(), atMs, how: 'restart', gapMs: between(dice, 0, 1000) })
  }
  if (chance(dice, 0.1)) faults.push(clockStep(dice, host()))
  return faults
}

/** Seconds to weeks, forth and back. */
function clockStep(dice: Dice, host: number): Fault {
  const size = pick(dice, [30, 3600, 86_400, 40 * 86_400])
  const bySeconds = between(dice, 1, size) * (chance(dice, 0.5) ? 1 : -1)
  return { kind: 'clock', host, atMs: between(dice, 0, 8000), bySeconds }
}

function outage(dice: Dice): number {
  return chance(dice, 0.7) ? between(dice, 200, 5000) : between(dice, 5000, 20_000)
}
