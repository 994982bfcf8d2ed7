// A plan that is asked anew whenever an option changes. What is carried out is the plan that was shown.
import { useEffect, useState } from 'react'
import { errorShape, type ErrorShape } from '../../shared/api/app-error.ts'

export interface AgreedPlan<Plan> {
  /** The last plan; it stays while the next one is made. */
  plan: Plan | null
  /** The plan that a person agreed to, where it has become another since: to be looked at again. */
  before: Plan | null
  error: ErrorShape | null
  isPlanning: boolean
  isBusy: boolean
  again: () => void
  /** What the act gives; null: it was not carried out. */
  carryOut: <Done>(act: (planId: string) => Promise<Done>) => Promise<Done | null>
}

/** `asked` is the wish in words, equal ones are asked once; null: the options do not fit yet. `ask` must stay the same. */
export function useAgreedPlan<Plan extends { planId: string }>(
  asked: string | null,
  ask: (asked: string) => Promise<Plan>,
): AgreedPlan<Plan> {
  const [found, setFound] = useState<{ asked: string; plan: Plan; before: Plan | null } | null>(
    null,
  )
  const [error, setError] = useState<ErrorShape | null>(null)
  const [isBusy, setBusy] = useState(false)
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    if (asked === null) return
    let stale = false
    ask(asked).then(
      (plan) => {
        if (stale) return
        setFound({ asked, plan, before: null })
        setError(null)
      },
      (failure: unknown) => !stale && setError(errorShape(failure)),
    )
    return () => {
      stale = true
    }
  }, [ask, asked, turn])

  async function carryOut<Done>(act: (planId: string) => Promise<Done>): Promise<Done | null> {
    if (found === null || isBusy) return null
    setBusy(true)
    setError(null)
    try {
      return await act(found.plan.planId)
    } catch (failure) {
      await lookAgain(found.plan, errorShape(failure))
      return null
    } finally {
      setBusy(false)
    }
  }

  // The runs have gone on since: the new plan is shown, and a person agrees to that one or does not.
  async function lookAgain(before: Plan, failure: ErrorShape): Promise<void> {
    if (failure.code !== 'conflict' || asked === null) return setError(failure)
    try {
      const plan = await ask(asked)
      if (plan.planId === before.planId) return setError(failure)
      setFound({ asked, plan, before })
    } catch (second) {
      setError(errorShape(second))
    }
  }

  return {
    plan: found?.plan ?? null,
    before: found?.before ?? null,
    error,
    isPlanning: error === null && found?.asked !== asked,
    isBusy,
    again() {
      setError(null)
      setTurn(turn + 1)
    },
    carryOut,
  }
}
