// What a person starts with a button: once at a time, and what it fails with stands beside the button.
import { useRef, useState } from 'react'
import { errorShape, type ErrorShape } from '../../shared/api/app-error.ts'

export interface OneAct {
  busy: boolean
  failure: ErrorShape | null
  /** Does nothing while an earlier act goes on. */
  perform: (act: () => Promise<unknown>) => Promise<void>
}

export function useOneAct(): OneAct {
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<ErrorShape | null>(null)
  // Two presses may come before the first is drawn.
  const going = useRef(false)
  return {
    busy,
    failure,
    async perform(act) {
      if (going.current) return
      going.current = true
      setBusy(true)
      setFailure(null)
      try {
        await act()
      } catch (error) {
        setFailure(errorShape(error))
      } finally {
        going.current = false
        setBusy(false)
      }
    },
  }
}
