// The next move of a wave: which runs of one incident are resumed, or why it is over. Pure.
//   W1  Canaries first: nothing else is resumed until so many have recovered.
//   W2  A batch begins when nothing of the former goes any more.
//   W3  A run that fails again with the signature of the wave stops it; so does a number of failures of other kinds.
//   W4  A wave that is over resumes nothing. What goes then is left to end.
//   W5  A run is resumed once: `going` is stored before it is, and how often it had been resumed tells whether it has been.
import type { RunId } from '../../shared/run/ids.ts'
import type { RunState } from '../../shared/run/states.ts'
import { isWaveOver } from '../../shared/run/wave.ts'
import type { WaveRunState, WaveSizes, WaveState } from '../../shared/run/wave.ts'

export interface WaveMember {
  run: RunId
  state: WaveRunState
  batch: number
  why: string
}

export interface WaveNow {
  signature: string
  sizes: WaveSizes
  state: WaveState
  why: string
  /** In the order in which they go. */
  runs: readonly WaveMember[]
}

/** What became of a run that went. */
export type WaveEnd =
  | { run: RunId; state: Extract<RunState, 'succeeded' | 'cancelled'> }
  /** `signature` null: nothing tells why. */
  | { run: RunId; state: 'failed'; signature: string | null; words: string }
  /** It could not be resumed, or not as it was shown; `skipped` also of one that waits, which somebody has resumed. */
  | { run: RunId; state: 'refused' | 'skipped'; why: string }

/** Members that change, and what the wave itself becomes. Those that become `going` are to be resumed. */
export interface WaveMove {
  members: WaveMember[]
  state: WaveState
  why: string
}

export function decideWave(wave: WaveNow, ends: readonly WaveEnd[]): WaveMove {
  const changed = new Map<RunId, WaveMember>()
  const now = (): WaveMember[] => wave.runs.map((one) => changed.get(one.run) ?? one)
  const said = new Map(ends.map((end) => [end.run, end]))
  for (const one of wave.runs) {
    const end = said.get(one.run)
    const counts = one.state === 'going' || (one.state === 'waiting' && end?.state === 'skipped')
    if (end !== undefined && counts)
      changed.set(one.run, { ...one, ...outcomeOf(end, wave.signature) })
  }
  if (isWaveOver(wave.state)) return moveOf(wave.state, wave.why)

  const stop = whyStop(wave, now(), ends)
  if (stop !== null) {
    skipWaiting('the wave was stopped')
    return moveOf('stopped', stop)
  }
  const runs = now()
  const isCanary = count(runs, 'recovered') < wave.sizes.canary
  const next = nextOf(runs, wave.sizes)
  for (const one of next) changed.set(one.run, one)
  if (next.length === 0 && count(runs, 'going') === 0) return moveOf('done', '')
  return moveOf(isCanary ? 'canary' : 'going', '')

  function skipWaiting(why: string): void {
    for (const one of now())
      if (one.state === 'waiting') changed.set(one.run, { ...one, state: 'skipped', why })
  }
  function moveOf(state: WaveState, why: string): WaveMove {
    return { members: [...changed.values()], state, why }
  }
}

/** A person has had enough: nothing more is resumed (W4). */
export function decideWaveStop(wave: WaveNow, why: string): WaveMove {
  const members = wave.runs
    .filter(({ state }) => state === 'waiting')
    .map((one) => ({ ...one, state: 'skipped' as const, why: 'a person stopped the wave' }))
  return { members, state: 'cancelled', why }
}

/** In which batch each of so many runs goes, where all goes well; 0: canary. */
export function batchesOf(runs: number, { canary, batch }: WaveSizes): number[] {
  return Array.from({ length: runs }, (_, at) =>
    at < canary ? 0 : 1 + Math.floor((at - canary) / batch),
  )
}

function nextOf(runs: readonly WaveMember[], sizes: WaveSizes): WaveMember[] {
  const going = runs.filter(({ state }) => state === 'going')
  const waiting = runs.filter(({ state }) => state === 'waiting')
  const missing = sizes.canary - count(runs, 'recovered')
  // A canary that was refused or cancelled tells nothing: another takes its place.
  if (missing > 0) return go(waiting.slice(0, Math.max(0, missing - going.length)), 0)
  if (going.length > 0) return []
  const begun = runs.filter(({ state }) => state !== 'waiting')
  const last = Math.max(0, ...begun.map(({ batch }) => batch))
  return go(waiting.slice(0, sizes.batch), last + 1)
}

function go(runs: readonly WaveMember[], batch: number): WaveMember[] {
  return runs.map((one) => ({ ...one, state: 'going', batch }))
}

function outcomeOf(end: WaveEnd, signature: string): Pick<WaveMember, 'state' | 'why'> {
  switch (end.state) {
    case 'succeeded':
      return { state: 'recovered', why: '' }
    case 'cancelled':
      return { state: 'skipped', why: 'it was cancelled' }
    case 'failed':
      return { state: 'failed_again', why: againWords(end, signature) }
    default:
      return { state: end.state, why: end.why }
  }
}

function againWords(
  { signature: found, words }: Extract<WaveEnd, { state: 'failed' }>,
  signature: string,
): string {
  if (found === signature) return 'it failed for the same reason again'
  return found === null
    ? 'it failed again, and nothing tells why'
    : `it failed for another reason: ${words}`
}

function whyStop(
  { signature, sizes }: WaveNow,
  runs: readonly WaveMember[],
  ends: readonly WaveEnd[],
): string | null {
  const same = ends.find((end) => end.state === 'failed' && end.signature === signature)
  if (same !== undefined) return `run ${same.run} failed for the same reason again`
  const failed = runs.filter(({ state }) => state === 'failed_again')
  if (failed.length < sizes.otherMax) return null
  const [first] = failed
  return failed.length === 1
    ? `run ${first?.run}: ${first?.why}`
    : `${failed.length} runs failed for other reasons`
}

function count(runs: readonly WaveMember[], state: WaveRunState): number {
  return runs.filter((one) => one.state === state).length
}
