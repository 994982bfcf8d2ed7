// What a case is made of.
import type { MachineShape } from './machine.ts'

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
  'clock stepped',
  'folder wiped',
  'process stopped',
  'child of another user',
  'child in the kernel',
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
  /** The host's wall clock jumps; what counts from its boot goes on. */
  | { kind: 'clock'; host: number; atMs: number; bySeconds: number }
  /** All of the agent's folder, or all that is in it of one attempt. */
  | { kind: 'wiped'; host: number; atMs: number; what: 'folder' | 'attempt'; victim: number }
  | { kind: 'stop'; host: number; atMs: number; what: Stopped; victim: number; lastsMs: number }
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
export type Stopped = 'supervisor' | 'task' | 'agent'

/** The last three are what no kill of the task's account reaches. */
export type Leaves =
  | 'nothing'
  | 'setsid'
  | 'nohup'
  | 'double fork'
  | 'stubborn'
  | 'stopped'
  | 'other user'
  | 'other user apart'
  | 'in the kernel'

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
  leaves: Leaves
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
