// The plan of a wave, as its options stand.
import { useCallback } from 'react'
import type { InputOf } from '../../../shared/api/contract.ts'
import type { WavePlan } from '../../../shared/run/wave.ts'
import { useStores } from '../../state/stores.ts'
import { useAgreedPlan, type AgreedPlan } from '../../state/use-agreed-plan.ts'

export type WaveInput = InputOf<'wave.plan'>

export interface ShownWavePlan extends Omit<AgreedPlan<WavePlan>, 'carryOut'> {
  /** The id of the wave; null: it was not started. */
  start: (reason: string) => Promise<string | null>
}

/** `input` null: the options do not fit yet. */
export function useWavePlan(input: WaveInput | null): ShownWavePlan {
  const { bridge } = useStores()
  const ask = useCallback(
    (asked: string) => bridge.call('wave.plan', JSON.parse(asked) as WaveInput),
    [bridge],
  )
  const { carryOut, ...shown } = useAgreedPlan(input === null ? null : JSON.stringify(input), ask)
  return {
    ...shown,
    async start(reason) {
      if (input === null) return null
      const started = await carryOut((planId) =>
        bridge.call('wave.start', { ...input, planId, reason }),
      )
      return started?.wave ?? null
    },
  }
}
