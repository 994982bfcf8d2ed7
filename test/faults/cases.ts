// What a seed stands for: hosts, a pipeline and the faults that meet it. The same seed is the same case on every machine.
import type { Dice } from '../../electron/ports/dice.ts'
import { seededDice } from '../helpers/world.ts'
import type { MachineShape, Shell } from './machine.ts'

export const faultKinds = [
  'cut before the start',
  'cut after the start',
  'cut while streaming',
  'loss and delay',
  'half-open',
  'sshd restarted',
  'sshd killed',
  'sshd killed with its sessions',
  'wrong host key',
  'MaxSessions 1',
  'noisy shell',
  'reboot',
  'disk full',
  'supervisor killed',
  'task killed',
  'engine killed',
  'engine asleep',
  'two engines',
  'cancel',
  'resume after a failure',
  'asked for a passphrase',
  'failover',
  'sshd frozen',
  'agent killed',
  'pid reused',
  'home full',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** Times: ms after the run was started. */
export type Fault =
  /** Silence in both directions from a byte on, counted from the run's start. */
  | { kind: 'cut'; host: number; side: 'up' | 'down'; bytes: number; lastsMs: number }
  | { kind: 'silence'; host: number; atMs: number; side: 'both' | 'down'; lastsMs: number }
  | { kind: 'lossy'; host: number; atMs: number; lastsMs: number }
  | {
      kind: 'sshd'
      host: number
      atMs: number
      how: 'restart' | 'kill' | 'kill all'
      gapMs: number
    }
  | { kind: 'wrong key'; host: number; atMs: number; lastsMs: number }
  | { kind: 'reboot'; host: number; atMs: number }
  | { kind: 'disk full'; host: number; atMs: number; lastsMs: number }
  /** `victim` picks among those that run then. */
  | { kind: 'kill'; host: number; atMs: number; what: Victim; victim: number }
  /** Its connections stay, and say nothing. */
  | { kind: 'frozen'; host: number; atMs: number; lastsMs: number }
  | { kind: 'agent killed'; host: number; atMs: number; what: 'agent' | 'notifier' }
  /** No room where the engine keeps its store and its logs. */
  | { kind: 'home full'; atMs: number; lastsMs: number }
  /** `upMs`: it is left alone so long before, where `answers` from its first answer on. */
  | { kind: 'engine killed'; atMs: number; upMs?: number; answers?: boolean; gapMs: number }
  | { kind: 'engine asleep'; atMs: number; lastsMs: number }
  | { kind: 'second engine'; atMs: number }
  | { kind: 'cancel'; atMs: number }

/** `reused`: the supervisor, and another process gets its number. */
export type Victim = 'supervisor' | 'task' | 'reused'

export interface TaskShape {
  name: string
  host: number
  /** Any host of the pool may take it, and another one when that is out of reach for long. */
  pool: boolean
  needs: string[]
  /** Those of `needs` whose output it reads and checks. */
  inputs: string[]
  lines: number
  /** After each block it says on the host how many bytes it has written, and rests. */
  blockLines: number
  pauseMs: number
  /** null: none. */
  outputLines: number | null
  /** Attempts that fail at first. */
  fails: number
  /** Fails until somebody mends the host. */
  needsMending: boolean
  /** Lives on until it is stopped. */
  lasts: boolean
  /** What else of it must be gone after a stop. */
  leaves: 'nothing' | 'setsid' | 'nohup' | 'double fork' | 'stubborn' | 'stopped'
  timeoutMs: number | null
  retriesMax: number
}

export interface Case {
  seed: number
  kind: FaultKind
  machines: MachineShape[]
  /** The key that may log in is locked. */
  passphrase: boolean
  tasks: TaskShape[]
  faults: Fault[]
}

const hostNames = ['edge', 'onprem', 'cloud']
const leftovers = ['nothing', 'setsid', 'nohup', 'double fork', 'stubborn', 'stopped'] as const

export function kindOf(seed: number): FaultKind {
  if (seed < 0) return 'engine killed'
  return faultKinds[seed % faultKinds.length] ?? 'engine killed'
}

/** A seed below zero is so many kills of one engine, over a pipeline that is long enough for them. */
export function makeCase(seed: number): Case {
  if (seed < 0) return killsCase(seed)
  const kind = kindOf(seed)
  const dice = seededDice(seed * 7919 + 17)
  const machines = hostNames
    .slice(0, kind === 'failover' ? 3 : between(dice, 2, 3))
    .map((name) => machineOf(dice, name, kind))
  const main = mainFaults(dice, kind, machines.length)
  const tasks = tasksOf(dice, kind, machines.length)
  const [first] = tasks
  const [fault] = main
  // Whoever is hurt has something to do.
  if (first !== undefined && fault !== undefined && 'host' in fault) first.host = fault.host
  const faults = [...main, ...sideFaults(dice, kind, machines.length)]
  return {
    seed,
    kind,
    machines,
    passphrase: kind === 'asked for a passphrase',
    tasks,
    faults: faults.toSorted((a, b) => timeOf(a) - timeOf(b)),
  }
}

function killsCase(seed: number): Case {
  const dice = seededDice(seed)
  const machines = hostNames.map((name) => machineOf(dice, name, 'engine killed'))
  const levels = Math.ceil(-seed / 5)
  const tasks: TaskShape[] = []
  for (let level = 0; level < levels; level += 1) {
    const needs = tasks.slice(-machines.length).map(({ name }) => name)
    machines.forEach((_, host) => {
      const index = tasks.length
      const task = taskOf(dice, { kind: 'engine killed', index, host, needs, inputs: [] })
      Object.assign(task, { lines: 60, blockLines: 2, pauseMs: 150, lasts: false, timeoutMs: null })
      tasks.push({ ...task, leaves: 'nothing', outputLines: null, pool: false })
    })
  }
  // Every third time it may be killed while it starts.
  const faults = Array.from({ length: -seed }, (_, index): Fault => {
    const [upMs, gapMs] = [between(dice, 0, 1500), between(dice, 0, 300)]
    return { kind: 'engine killed', atMs: 0, upMs, answers: index % 3 > 0, gapMs }
  })
  return { seed, kind: 'engine killed', machines, passphrase: false, tasks, faults }
}

/** A cut by bytes comes when it comes. */
export function timeOf(fault: Fault): number {
  return fault.kind === 'cut' ? 0 : fault.atMs
}

function machineOf(dice: Dice, name: string, kind: FaultKind): MachineShape {
  const shells: readonly Shell[] = ['sh', 'bash', 'busybox']
  const noisy = kind === 'noisy shell'
  return {
    name,
    shell: noisy ? 'bash' : pick(dice, shells),
    maxSessions: kind === 'MaxSessions 1' ? 1 : null,
    noisy,
    diskKb: kind === 'disk full' ? between(dice, 600, 3000) : null,
  }
}

function tasksOf(dice: Dice, kind: FaultKind, hosts: number): TaskShape[] {
  const count = kind === 'failover' ? between(dice, 3, 5) : between(dice, 5, 14)
  const tasks: TaskShape[] = []
  for (let index = 0; index < count; index += 1) {
    const upstream = tasks.slice(-4)
    const needs = upstream.filter(() => chance(dice, 0.35)).map(({ name }) => name)
    const inputs = upstream
      .filter((task) => needs.includes(task.name) && task.outputLines !== null)
      .map(({ name }) => name)
    tasks.push(taskOf(dice, { kind, index, host: Math.floor(dice.roll() * hosts), needs, inputs }))
  }
  // Somebody must be there for what the case is about.
  const first = tasks[0]
  if (first !== undefined && kind === 'resume after a failure') first.needsMending = true
  if (first !== undefined && kind === 'cut while streaming')
    Object.assign(first, { lines: 30_000, blockLines: 1000, pauseMs: 50 })
  if (kind === 'failover') {
    // Longer than the link's grace and the shortest lease together.
    for (const task of tasks.slice(0, 2))
      Object.assign(task, {
        pool: true,
        fails: 0,
        lines: between(dice, 70, 110),
        blockLines: 1,
        pauseMs: 950,
      })
    for (const task of tasks) Object.assign(task, { needs: [], inputs: [] })
  }
  if (first !== undefined && /killed$|reused$|frozen$/.test(kind) && !first.lasts)
    Object.assign(first, { lines: 300, blockLines: 10, pauseMs: 200 })
  return tasks
}

function taskOf(
  dice: Dice,
  given: { kind: FaultKind; index: number; host: number; needs: string[]; inputs: string[] },
): TaskShape {
  const { kind, index, host, needs, inputs } = given
  const isStreaming = kind === 'cut while streaming' && chance(dice, 0.5)
  const lasts = kind === 'cancel' && chance(dice, 0.5)
  const fails = chance(dice, 0.2) ? between(dice, 1, 2) : 0
  const isTimed = !lasts && chance(dice, 0.03)
  const lines = isStreaming ? between(dice, 5_000, 40_000) : between(dice, 0, 300)
  return {
    name: `t${index}`,
    host,
    pool: chance(dice, 0.15),
    needs,
    inputs,
    lines,
    blockLines: isStreaming ? 1000 : between(dice, 5, 50),
    pauseMs: chance(dice, 0.7) ? between(dice, 20, 250) : 0,
    outputLines: chance(dice, 0.4) ? between(dice, 1, 4000) : null,
    fails,
    needsMending: kind === 'resume after a failure' && chance(dice, 0.2),
    lasts: lasts || isTimed,
    leaves: lasts || isTimed ? pick(dice, leftovers) : 'nothing',
    timeoutMs: isTimed ? between(dice, 500, 2500) : null,
    retriesMax: Math.max(fails, between(dice, 0, 2)),
  }
}

const victimOf = {
  'supervisor killed': 'supervisor',
  'task killed': 'task',
  'pid reused': 'reused',
} as const

function mainFaults(dice: Dice, kind: FaultKind, hosts: number): Fault[] {
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
    case 'cancel':
      return [{ kind: 'cancel', atMs: between(dice, 0, 7000) }]
    // The host or the task is the fault.
    default:
      return []
  }
}

/** Most troubles do not come alone. */
function sideFaults(dice: Dice, kind: FaultKind, hosts: number): Fault[] {
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
  return faults
}

function outage(dice: Dice): number {
  return chance(dice, 0.7) ? between(dice, 200, 5000) : between(dice, 5000, 20_000)
}

function many(dice: Dice, least: number, most: number, make: () => Fault): Fault[] {
  return Array.from({ length: between(dice, least, most) }, make)
}

function between(dice: Dice, least: number, most: number): number {
  return least + Math.floor(dice.roll() * (most - least + 1))
}

function chance(dice: Dice, share: number): boolean {
  return dice.roll() < share
}

function pick<T>(dice: Dice, all: readonly T[]): T {
  return all[Math.floor(dice.roll() * all.length)] as T
}
