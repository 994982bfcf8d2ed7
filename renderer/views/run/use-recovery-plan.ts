// The recovery plan of a run, asked anew whenever an option changes. What is done is the plan that was shown.
import { useEffect, useState } from 'react'
import { errorShape, type ErrorShape } from '../../../shared/api/app-error.ts'
import type { InputOf } from '../../../shared/api/contract.ts'
import type { ResumePreview } from '../../../shared/api/views.ts'
import { planChanges } from '../../state/recovery.ts'
import { useStores } from '../../state/stores.ts'

export type RecoveryInput = InputOf<'run.resumePlan'>

export interface ShownPlan {
  /** The last plan; it stays while the next one is made. */
  preview: ResumePreview | null
  error: ErrorShape | null
  isPlanning: boolean
  /** How the plan is other than the one that a person agreed to; empty: it is that one. */
  changes: readonly string[]
  isBusy: boolean
  /** True: it is done. */
  resume: () => Promise<boolean>
}

/** `input` null: the options do not fit yet. */
export function useRecoveryPlan(input: RecoveryInput | null): ShownPlan {
  const { bridge } = useStores()
  const asked = input === null ? null : JSON.stringify(input)
  const [found, setFound] = useState<{ asked: string; preview: ResumePreview } | null>(null)
  const [error, setError] = useState<ErrorShape | null>(null)
  const [changes, setChanges] = useState<readonly string[]>([])
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    if (asked === null) return
    let stale = false
    bridge.call('run.resumePlan', JSON.parse(asked) as RecoveryInput).then(
      (preview) => {
        if (stale) return
        setFound({ asked, preview })
        setError(null)
        setChanges([])
      },
      (failure: unknown) => !stale && setError(errorShape(failure)),
    )
    return () => {
      stale = true
    }
  }, [bridge, asked])

  async function resume(): Promise<boolean> {
    if (found === null || asked === null || isBusy) return false
    const { preview } = found
    setBusy(true)
    setError(null)
    try {
      const wanted = JSON.parse(asked) as RecoveryInput
      await bridge.call('run.resume', { ...wanted, planId: preview.planId })
      return true
    } catch (failure) {
      await lookAgain(preview, errorShape(failure))
      return false
    } finally {
      setBusy(false)
    }
  }

  // The run has gone on since: the new plan is shown with what is other, and a person agrees to that one or does not.
  async function lookAgain(shown: ResumePreview, failure: ErrorShape): Promise<void> {
    if (failure.code !== 'conflict' || asked === null) return setError(failure)
    try {
      const preview = await bridge.call('run.resumePlan', JSON.parse(asked) as RecoveryInput)
      if (preview.planId === shown.planId) return setError(failure)
      setFound({ asked, preview })
      const differences = planChanges(shown.plan, preview.plan)
      setChanges(
        differences.length === 0 ? ['The version that it would run is another.'] : differences,
      )
    } catch (second) {
      setError(errorShape(second))
    }
  }

  return {
    preview: found?.preview ?? null,
    error,
    isPlanning: error === null && found?.asked !== asked,
    changes,
    isBusy,
    resume,
  }
}
