// The plan of a wave, asked anew whenever an option changes. What is started is the plan that was shown.
import { useEffect, useState } from 'react'
import { errorShape, type ErrorShape } from '../../../shared/api/app-error.ts'
import type { InputOf } from '../../../shared/api/contract.ts'
import type { WavePlan } from '../../../shared/run/wave.ts'
import { useStores } from '../../state/stores.ts'

export type WaveInput = InputOf<'wave.plan'>

export interface ShownWavePlan {
  /** The last plan; it stays while the next one is made. */
  plan: WavePlan | null
  error: ErrorShape | null
  isPlanning: boolean
  /** It has become another since a person said yes: to be looked at again. */
  isOther: boolean
  isBusy: boolean
  again: () => void
  /** The id of the wave; null: it was not started. */
  start: (reason: string) => Promise<string | null>
}

/** `input` null: the options do not fit yet. */
export function useWavePlan(input: WaveInput | null): ShownWavePlan {
  const { bridge } = useStores()
  const asked = input === null ? null : JSON.stringify(input)
  const [found, setFound] = useState<{ asked: string; plan: WavePlan } | null>(null)
  const [error, setError] = useState<ErrorShape | null>(null)
  const [isOther, setOther] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    if (asked === null) return
    let stale = false
    bridge.call('wave.plan', JSON.parse(asked) as WaveInput).then(
      (plan) => {
        if (stale) return
        setFound({ asked, plan })
        setError(null)
        setOther(false)
      },
      (failure: unknown) => !stale && setError(errorShape(failure)),
    )
    return () => {
      stale = true
    }
  }, [bridge, asked, turn])

  async function start(reason: string): Promise<string | null> {
    if (found === null || input === null || isBusy) return null
    const { planId } = found.plan
    setBusy(true)
    try {
      return (await bridge.call('wave.start', { ...input, planId, reason })).wave
    } catch (failure) {
      await lookAgain(planId, errorShape(failure))
      return null
    } finally {
      setBusy(false)
    }
  }

  async function lookAgain(shown: string, failure: ErrorShape): Promise<void> {
    if (failure.code !== 'conflict' || input === null || asked === null) return setError(failure)
    try {
      const plan = await bridge.call('wave.plan', input)
      if (plan.planId === shown) return setError(failure)
      setFound({ asked, plan })
      setOther(true)
    } catch (second) {
      setError(errorShape(second))
    }
  }

  return {
    plan: found?.plan ?? null,
    error,
    isPlanning: error === null && found?.asked !== asked,
    isOther,
    isBusy,
    again() {
      setError(null)
      setTurn(turn + 1)
    },
    start,
  }
}
