// How each state looks: the only table of state -> colour, icon, word. Canvas and DOM draw from the same rows.
// A filled disc: the thing did it itself. A ring: it follows from something else, or has not been decided.
import type { HostCheck, HostCordon, LinkState, PlacementView } from '../../shared/api/views.ts'
import type { RunState, TaskState } from '../../shared/run/states.ts'
import type { WaveRunState, WaveState } from '../../shared/run/wave.ts'

export type Tone = 'good' | 'bad' | 'live' | 'warn' | 'doubt' | 'quiet'
export type Disc = 'filled' | 'ring' | 'dashed' | 'arc'

export interface Look {
  word: string
  tone: Tone
  disc: Disc
  /** Path of the mark on a 16 by 16 grid, stroked. */
  mark: string
  /** `strong`: a person must see it first. `muted`: nothing of its own happened to it. */
  weight?: 'strong' | 'muted'
}

const check = 'M5 8.3 7.1 10.4 11 6.1'
const cross = 'M5.9 5.9 10.1 10.1M10.1 5.9 5.9 10.1'
const dots = 'M5.2 8h.01M8 8h.01M10.8 8h.01'
const question = 'M6.3 6.4a1.75 1.75 0 1 1 2.5 1.6c-.6.3-.8.6-.8 1.1M8 11.2h.01'
const stop = 'M6.3 6.3h3.4v3.4H6.3z'
const chevrons = 'M5.2 5.7 7.5 8 5.2 10.3M8.5 5.7 10.8 8 8.5 10.3'
const again = 'M10.9 8.4a2.9 2.9 0 1 1-.9-2.5M10.3 4.2v1.9H8.4'
const play = 'M6.9 5.9v4.2L10.3 8z'
const bang = 'M8 4.9v3.7M8 11h.01'
const dash = 'M5.8 8h4.4'
const pause = 'M6.5 6.1v3.8M9.5 6.1v3.8'
const person = 'M8 8.1a1.9 1.9 0 1 0 0-3.8 1.9 1.9 0 0 0 0 3.8M4.7 12a3.4 3.4 0 0 1 6.6 0'
const bar = 'M5.6 6.1h4.8M5.6 9.9h4.8'
const none = ''

export const TASK_LOOK: Readonly<Record<TaskState, Look>> = {
  waiting: { word: 'Waiting', tone: 'quiet', disc: 'dashed', mark: none },
  queued: { word: 'Queued', tone: 'quiet', disc: 'ring', mark: dots },
  running: { word: 'Running', tone: 'live', disc: 'arc', mark: play },
  retrying: { word: 'Retrying', tone: 'warn', disc: 'ring', mark: again },
  unknown: { word: 'Unknown', tone: 'doubt', disc: 'dashed', mark: question },
  succeeded: { word: 'Succeeded', tone: 'good', disc: 'filled', mark: check },
  reused: { word: 'Reused', tone: 'good', disc: 'ring', mark: check },
  failed: { word: 'Failed', tone: 'bad', disc: 'filled', mark: cross, weight: 'strong' },
  // Not red: the one task that failed must stand out from all that it holds up.
  upstream_failed: {
    word: 'Upstream failed',
    tone: 'quiet',
    disc: 'dashed',
    mark: pause,
    weight: 'muted',
  },
  skipped: { word: 'Skipped', tone: 'quiet', disc: 'ring', mark: chevrons, weight: 'muted' },
  cancelled: { word: 'Cancelled', tone: 'quiet', disc: 'filled', mark: stop },
}

/** A task run that is a question, and nobody has answered. */
export const APPROVAL_LOOK: Look = {
  word: 'Waits for you',
  tone: 'warn',
  disc: 'filled',
  mark: person,
  weight: 'strong',
}

/** A person holds it back. */
export const HELD_LOOK: Look = { word: 'Held', tone: 'warn', disc: 'ring', mark: bar }

/** A run in which nothing starts, because a person said so. */
export const PAUSED_LOOK: Look = { word: 'Paused', tone: 'warn', disc: 'ring', mark: pause }

/** A task of a file: nothing has happened to it. */
export const DEFINED_LOOK: Look = { word: 'Defined', tone: 'quiet', disc: 'ring', mark: none }

export const RUN_LOOK: Readonly<Record<RunState, Look>> = {
  queued: TASK_LOOK.queued,
  running: TASK_LOOK.running,
  succeeded: TASK_LOOK.succeeded,
  failed: TASK_LOOK.failed,
  cancelled: TASK_LOOK.cancelled,
}

export const LINK_LOOK: Readonly<Record<LinkState, Look>> = {
  idle: { word: 'Not connected', tone: 'quiet', disc: 'ring', mark: dash },
  connecting: { word: 'Connecting', tone: 'live', disc: 'arc', mark: dots },
  linked: { word: 'Connected', tone: 'good', disc: 'filled', mark: check },
  down: { word: 'Down', tone: 'bad', disc: 'filled', mark: cross },
  refused: { word: 'Refused', tone: 'warn', disc: 'filled', mark: bang },
}

/** A host that takes no new work, because a person said so. */
export const CORDON_LOOK: Readonly<Record<HostCordon['kind'], Look>> = {
  cordoned: { word: 'Cordoned', tone: 'warn', disc: 'ring', mark: dash },
  draining: { word: 'Draining', tone: 'warn', disc: 'arc', mark: chevrons },
  drained: { word: 'Drained', tone: 'quiet', disc: 'filled', mark: pause },
}

export const CHECK_LOOK: Readonly<Record<HostCheck['level'], Look>> = {
  good: { word: 'Good', tone: 'good', disc: 'ring', mark: check },
  note: { word: 'Note', tone: 'warn', disc: 'ring', mark: bang },
  bad: { word: 'Bad', tone: 'bad', disc: 'filled', mark: cross },
}

/** What a host of a pool says to a task that waits. */
export const VERDICT_LOOK: Readonly<Record<PlacementView['hosts'][number]['verdict'], Look>> = {
  free: { word: 'Free', tone: 'good', disc: 'ring', mark: check },
  busy: { word: 'Busy', tone: 'live', disc: 'filled', mark: dots },
  closed: { word: 'Closed', tone: 'warn', disc: 'ring', mark: dash },
  down: { word: 'Down', tone: 'bad', disc: 'filled', mark: cross },
}

/** A login waits for an answer. */
export const ASK_LOOK: Look = { word: 'Asks', tone: 'warn', disc: 'ring', mark: question }

export const KEY_CHANGED_LOOK: Look = {
  word: 'Key changed',
  tone: 'bad',
  disc: 'filled',
  mark: bang,
}

export type Decision = 'reuse' | 'run' | 'attach' | 'refuse'
export const DECISION_LOOK: Readonly<Record<Decision, Look>> = {
  reuse: { word: 'Reuse', tone: 'good', disc: 'ring', mark: check },
  run: { word: 'Run again', tone: 'live', disc: 'filled', mark: play },
  attach: { word: 'Attach', tone: 'doubt', disc: 'ring', mark: dots },
  refuse: { word: 'Refuse', tone: 'bad', disc: 'filled', mark: bang },
}

/** A person leaves it as it is. */
export const LEFT_LOOK: Look = { word: 'Left out', tone: 'quiet', disc: 'ring', mark: dash }

export const WAVE_LOOK: Readonly<Record<WaveState, Look>> = {
  canary: { word: 'Canary goes', tone: 'live', disc: 'arc', mark: play },
  going: { word: 'Goes on', tone: 'live', disc: 'arc', mark: chevrons },
  done: { word: 'Done', tone: 'good', disc: 'filled', mark: check },
  stopped: { word: 'Stopped', tone: 'bad', disc: 'filled', mark: bang, weight: 'strong' },
  cancelled: { word: 'Stopped by a person', tone: 'quiet', disc: 'filled', mark: stop },
}

export const WAVE_RUN_LOOK: Readonly<Record<WaveRunState, Look>> = {
  waiting: { word: 'Waiting', tone: 'quiet', disc: 'dashed', mark: none },
  going: { word: 'Running', tone: 'live', disc: 'arc', mark: play },
  recovered: { word: 'Recovered', tone: 'good', disc: 'filled', mark: check },
  failed_again: {
    word: 'Failed again',
    tone: 'bad',
    disc: 'filled',
    mark: cross,
    weight: 'strong',
  },
  refused: { word: 'Refused', tone: 'warn', disc: 'ring', mark: bang },
  skipped: { word: 'Not resumed', tone: 'quiet', disc: 'ring', mark: chevrons, weight: 'muted' },
}

export type OccurrenceDecision = 'ran' | 'skipped' | 'missed' | 'caught_up' | 'held'
export const OCCURRENCE_LOOK: Readonly<Record<OccurrenceDecision, Look>> = {
  ran: { word: 'Ran', tone: 'good', disc: 'filled', mark: check },
  caught_up: { word: 'Caught up', tone: 'good', disc: 'ring', mark: again },
  skipped: { word: 'Skipped', tone: 'quiet', disc: 'ring', mark: chevrons },
  missed: { word: 'Missed', tone: 'bad', disc: 'ring', mark: bang },
  held: { word: 'Held', tone: 'warn', disc: 'ring', mark: dots },
}

/** What needs a person comes first; what is done comes last. */
export const TASK_STATE_ORDER: readonly TaskState[] = [
  'failed',
  'unknown',
  'retrying',
  'running',
  'queued',
  'waiting',
  'upstream_failed',
  'cancelled',
  'skipped',
  'succeeded',
  'reused',
]
