// The words of waves, the same on the screen and in the terminal.
import type { WaveRunState } from './wave.ts'

export function batchWords(batch: number): string {
  return batch === 0 ? 'canary' : `batch ${batch}`
}

export function waveRunWords(state: WaveRunState): string {
  return state.replace('_', ' ')
}
