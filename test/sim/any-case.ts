// What a seed lives: mostly a case of the engine, now and then one of waves.
import { randomCase } from './random-case.ts'
import type { SimCase } from './sim-case.ts'
import { simulate } from './simulate.ts'
import { randomWave } from './wave-case.ts'
import type { WaveCase } from './wave-case.ts'
import { liveWave } from './wave-life.ts'

export type AnyCase = SimCase | WaveCase

const WAVE_EVERY = 20

export function anyCase(seed: number): AnyCase {
  return seed % WAVE_EVERY === 0 ? randomWave(seed) : randomCase(seed)
}

export function isWave(one: AnyCase): one is WaveCase {
  return 'sizes' in one
}

/** Throws BrokenPromise, or whatever was thrown in it. Gives what was done, by name. */
export async function live(one: AnyCase): Promise<Record<string, number>> {
  return isWave(one) ? await liveWave(one) : await simulate(one)
}
