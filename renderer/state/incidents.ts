// Runs that failed alike, and the waves that recover them. The engine explains each failure once, so an answer may say
// that some were not looked at yet.
import { createStore } from 'zustand/vanilla'
import type { ErrorShape } from '../../shared/api/app-error.ts'
import { errorShape } from '../../shared/api/app-error.ts'
import {
  isWaveStill,
  type Incident,
  type IncidentList,
  type WaveHead,
} from '../../shared/run/wave.ts'
import type { Bridge } from '../bridge/bridge.ts'

export interface IncidentsState {
  kind: 'loading' | 'error' | 'ready'
  error: ErrorShape | null
  /** What was asked for last. */
  days: number
  list: IncidentList | null
  bySignature: ReadonlyMap<string, Incident>
  /** The newest wave of each. */
  waveBySignature: ReadonlyMap<string, WaveHead>
}

export type IncidentsStore = ReturnType<typeof makeIncidentsStore>

/** How far back one looks unasked: as far as the command does. */
export const daysUnasked = 7
export const daysOffered = [1, daysUnasked, 30, 90] as const
const dayMs = 86_400_000
const wavesRead = 200

export function makeIncidentsStore(bridge: Bridge) {
  const store = createStore<IncidentsState>(() => ({
    kind: 'loading',
    error: null,
    days: daysUnasked,
    list: null,
    bySignature: new Map(),
    waveBySignature: new Map(),
  }))
  let asked = 0
  let underWay = 0

  async function load(days: number): Promise<void> {
    const mine = ++asked
    underWay += 1
    if (store.getState().days !== days) store.setState({ kind: 'loading', days, error: null })
    try {
      const [list, waves] = await Promise.all([
        bridge.call('incident.list', { since: sinceOf(days) }),
        bridge.call('wave.list', { limit: wavesRead }),
      ])
      if (mine !== asked) return
      store.setState({
        kind: 'ready',
        error: null,
        list,
        bySignature: new Map(list.incidents.map((one) => [one.signature, one])),
        // The list has the newest first, and of two the map keeps the last.
        waveBySignature: new Map(waves.toReversed().map((one) => [one.signature, one])),
      })
    } catch (error) {
      // What was read before is still worth more than a message.
      if (mine === asked && store.getState().kind !== 'ready')
        store.setState({ kind: 'error', error: errorShape(error) })
    } finally {
      underWay -= 1
    }
  }

  return Object.assign(store, { load, isBusy: () => underWay > 0 })
}

export function sinceOf(days: number): number {
  return Math.max(0, Date.now() - days * dayMs)
}

/** The least of the offered windows in which something as old as this still stands. */
export function daysSince(at: number, nowMs: number): number | null {
  const days = daysOffered.find((each) => nowMs - at < each * dayMs) ?? daysOffered.at(-1)
  return days === undefined || days <= daysUnasked ? null : days
}

/** Incidents that hold every word of `text` somewhere. */
export function fittingIncidents(
  incidents: readonly Incident[],
  text: string,
  classWords: (name: string) => string,
): readonly Incident[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return incidents
  return incidents.filter((one) => {
    const names = one.runs.flatMap(({ run, pipeline, environment, task, host }) => [
      run,
      pipeline,
      environment,
      task,
      host,
    ])
    const whole = [classWords(one.class), one.signature, one.words, ...new Set(names)]
      .join(' ')
      .toLowerCase()
    return words.every((word) => whole.includes(word))
  })
}

/** More is found out, or a wave goes, without a run that fails. */
export function selectIsChanging({ kind, list, waveBySignature }: IncidentsState): boolean {
  if (kind !== 'ready' || list === null || list.unexplained > 0) return true
  return [...waveBySignature.values()].some((wave) => !isWaveStill(wave))
}

/** The wave that recovers it, or that did since it was last seen: an older one says nothing about these runs. */
export const selectWaveOf =
  (signature: string) =>
  ({ waveBySignature, bySignature }: IncidentsState): WaveHead | null => {
    const wave = waveBySignature.get(signature)
    if (wave === undefined) return null
    const lastAt = bySignature.get(signature)?.lastAt ?? 0
    return !isWaveStill(wave) || wave.createdAt >= lastAt ? wave : null
  }

/** The names that the runs of an incident have of one kind, the commonest first. */
export function namesOf(
  { runs }: Incident,
  kind: 'pipeline' | 'environment' | 'task' | 'host',
): string[] {
  const counts = new Map<string, number>()
  for (const one of runs) {
    const name = one[kind]
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([name]) => name)
}
