// The recovery plan of a run, as its options stand.
import { useCallback, useMemo } from 'react'
import type { ErrorShape } from '../../../shared/api/app-error.ts'
import type { InputOf } from '../../../shared/api/contract.ts'
import type { ResumePreview } from '../../../shared/api/views.ts'
import { planChanges } from '../../state/recovery.ts'
import { useStores } from '../../state/stores.ts'
import { useAgreedPlan } from '../../state/use-agreed-plan.ts'

export type RecoveryInput = InputOf<'run.resumePlan'>

export interface ShownPlan {
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
  const ask = useCallback(
    (asked: string) => bridge.call('run.resumePlan', JSON.parse(asked) as RecoveryInput),
    [bridge],
  )
  const shown = useAgreedPlan(input === null ? null : JSON.stringify(input), ask)
  const { plan: preview, before, error, isPlanning, isBusy, carryOut } = shown
  const changes = useMemo(() => changesOf(before, preview), [before, preview])
  return {
    preview,
    error,
    isPlanning,
    changes,
    isBusy,
    async resume() {
      if (input === null) return false
      return (await carryOut((planId) => bridge.call('run.resume', { ...input, planId }))) !== null
    },
  }
}

function changesOf(before: ResumePreview | null, preview: ResumePreview | null): readonly string[] {
  if (before === null || preview === null) return []
  const differences = planChanges(before.plan, preview.plan)
  return differences.length === 0 ? ['The version that it would run is another.'] : differences
}
