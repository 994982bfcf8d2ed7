// A case of waves: runs that failed alike, how each fares when it is resumed, and what happens on the way. Plain data.
import { seededChance } from './chance.ts'
import type { Chance } from './chance.ts'
import type { WaveSizes } from '../../shared/run/wave.ts'

export interface WaveCase {
  seed: number
  sizes: WaveSizes
  /** Oldest first: what each does when it is resumed. */
  runs: { again: WaveAgain; ms: number }[]
  /** After these writes, of the engine and of waves, counted together from the wave's beginning, all is killed. */
  kills: number[]
  deeds: WaveDeed[]
}

/** It succeeds, fails as before, or fails in another way. */
export type WaveAgain = 'well' | 'same' | 'other'

/** What happens `afterMs` the one before it. `run`: the how-manieth. */
export type WaveDeed = { afterMs: number } & (
  | { do: 'wait' | 'kill' | 'stop' | 'wave' }
  | { do: 'resume' | 'cancel' | 'mark'; run: number }
)

export function randomWave(seed: number): WaveCase {
  const chance = seededChance(seed * 6007 + 3)
  const count = 1 + chance.int(8)
  const isBad = chance.int(2) === 0
  const again = (): WaveAgain =>
    isBad ? chance.of(['well', 'well', 'well', 'same', 'other'] as const) : 'well'
  return {
    seed,
    sizes: { canary: 1 + chance.int(3), batch: 1 + chance.int(4), otherMax: 1 + chance.int(3) },
    runs: Array.from({ length: count }, () => ({ again: again(), ms: 1 + chance.int(10_000) })),
    kills: Array.from({ length: 120 }, (_, at) => at + 1).filter(() => chance.roll() < 0.06),
    deeds: Array.from({ length: chance.int(14) }, () => ({
      afterMs: chance.int(6000),
      ...what(chance, count),
    })),
  }
}

type What = WaveDeed extends infer D ? (D extends unknown ? Omit<D, 'afterMs'> : never) : never

function what(chance: Chance, count: number): What {
  const run = chance.int(count)
  const pick = chance.int(12)
  if (pick < 2) return { do: 'kill' }
  if (pick < 4) return { do: 'resume', run }
  if (pick < 5) return { do: 'cancel', run }
  if (pick < 6) return { do: 'mark', run }
  if (pick < 7) return chance.int(3) === 0 ? { do: 'stop' } : { do: 'wait' }
  if (pick < 8) return { do: 'wave' }
  return { do: 'wait' }
}
