// What a case leaves behind, gathered from where the product cannot reach: the witnesses on the hosts, the files, /proc.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import type { Deed } from './deed-kinds.ts'
import type { Machine } from './machine.ts'
import { witness } from './task-text.ts'

export interface HostEvidence {
  name: string
  /** Attempt keys, once for each start that really happened. */
  starts: string[]
  /** Exit code by key, of those that came to their own end. */
  ends: Map<string, number>
  /** Bytes of log that the task itself knows to have written. */
  written: Map<string, number>
  /** When it started, when it last told how much it wrote and when anybody of it was last seen alive, ms; by key. */
  lives: Map<string, { fromMs: number; wroteMs: number; toMs: number }>
  /** What is left of attempts in the agent's folder. */
  leftovers: string[]
  /** Living processes that bear the mark of an attempt. */
  living: { hostPid: number; name: string; attempt: string }[]
}

export interface LogEvidence {
  bytes: Buffer
  sha256: string
}

/** What the faults really did: a kill needs a victim, a cut needs its bytes. */
export interface Deeds {
  /** Keys whose supervisor or task was killed. */
  killed: Map<string, 'supervisor' | 'task'>
  rebooted: Set<string>
  wrongKey: Set<string>
  diskFull: Set<string>
  /** Keys whose records were removed on their host. */
  wiped: Set<string>
  /** When all of a host's folder was removed: wall clock here. */
  wipes: { host: string; at: number }[]
  /** Seconds by which a host's clock was off at some time; without a step it is right. */
  clockOff: Map<string, number[]>
  /** Silences, as the engine met them: wall clock here. */
  cuts: { host: string; at: number }[]
  /** What was really done, and how often. */
  done: Map<Deed, number>
  /** Hosts that were out of reach for a while. */
  outOfReach: Set<string>
  cancelled: boolean
  engineKills: number
  /** Faults that never came to act, in words. */
  missed: string[]
  /** What the harness itself saw to be wrong. */
  wrongs: string[]
}

export interface Evidence {
  view: RunView
  events: RunEvent[]
  hosts: HostEvidence[]
  /** By attempt key: `task.x.N.log` of the home. */
  logs: Map<string, LogEvidence>
  deeds: Deeds
  /** The end of the run came within the limit. */
  ended: boolean
  /** Where the canary was found. */
  canary: string[]
  tookMs: number
}

export function newDeeds(): Deeds {
  return {
    killed: new Map(),
    rebooted: new Set(),
    wrongKey: new Set(),
    diskFull: new Set(),
    wiped: new Set(),
    wipes: [],
    clockOff: new Map(),
    cuts: [],
    done: new Map(),
    outOfReach: new Set(),
    cancelled: false,
    engineKills: 0,
    missed: [],
    wrongs: [],
  }
}

export function hostEvidence(machine: Machine): HostEvidence {
  const { home, shape } = machine
  const progress = join(home, witness.progress)
  const written = readdirSync(progress).map(
    (key) => [key, Number(readFileSync(join(progress, key), 'utf8').trim())] as const,
  )
  return {
    name: shape.name,
    starts: linesOf(join(home, witness.starts)),
    ends: new Map(
      linesOf(join(home, witness.ends)).map((line) => {
        const [key = '', code] = line.split(' ')
        return [key, Number(code)] as const
      }),
    ),
    written: new Map(written),
    lives: livesOf(home),
    leftovers: leftovers(join(home, '.sluice')),
    living: machine
      .processes()
      .flatMap(({ hostPid, name, attempt }) =>
        attempt === null ? [] : [{ hostPid, name, attempt }],
      ),
  }
}

function livesOf(home: string): HostEvidence['lives'] {
  const lives = listOf(join(home, witness.progress)).map((key) => {
    const { birthtimeMs, mtimeMs } = statSync(join(home, witness.progress, key))
    const sign = statSync(join(home, witness.alive, key), { throwIfNoEntry: false })
    const toMs = Math.max(mtimeMs, sign?.mtimeMs ?? 0)
    return [key, { fromMs: birthtimeMs, wroteMs: mtimeMs, toMs }] as const
  })
  return new Map(lives)
}

/** Records, logs and working folders that are not empty. Folders made ahead of a start are. */
export function leftovers(folder: string): string[] {
  const left = ['own', 'exit', 'log', 'script', 'stop'].flatMap((part) =>
    listOf(join(folder, part)).map((name) => `${part}/${name}`),
  )
  const full = listOf(join(folder, 'work')).filter(
    (name) => listOf(join(folder, 'work', name)).length > 0,
  )
  return [...left, ...full.map((name) => `work/${name}`)]
}

export function logEvidence(home: string, run: string): Map<string, LogEvidence> {
  const folder = join(home, 'logs', run)
  const found = listOf(folder).flatMap((name) => {
    if (!name.endsWith('.log')) return []
    const bytes = readFileSync(join(folder, name))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return [[`${run}.${name.slice(0, -'.log'.length)}`, { bytes, sha256 }] as const]
  })
  return new Map(found)
}

function linesOf(file: string): string[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}

function listOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
