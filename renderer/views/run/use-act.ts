// Acts that ask nothing first: what goes wrong stands in a note at the corner.
import { notifications } from '@mantine/notifications'
import { useCallback } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { CallName, InputOf } from '../../../shared/api/contract.ts'
import { useStores } from '../../state/stores.ts'

export function useAct(): <K extends CallName>(name: K, input: InputOf<K>) => Promise<void> {
  const { bridge } = useStores()
  return useCallback(
    async (name, input) => {
      try {
        await bridge.call(name, input)
      } catch (error) {
        const { message, hint } = errorShape(error)
        notifications.show({ color: 'red', title: message, message: hint ?? '' })
      }
    },
    [bridge],
  )
}
