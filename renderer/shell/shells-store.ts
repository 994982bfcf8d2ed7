// The debug shells of this page. One per attempt; each goes on until it is closed, wherever the page is.
import { createStore } from 'zustand/vanilla'
import type { Bridge } from '../bridge/bridge.ts'
import { openShellSession, type ShellAddress, type ShellSession } from './shell-session.ts'

/** Each holds a channel of its host's link. */
export const shellsMax = 8

export interface ShellsState {
  byKey: Readonly<Record<string, ShellSession>>
}

export const shellsStore = createStore<ShellsState>(() => ({ byKey: {} }))

export function shellKey({ run, task, item, attempt }: ShellAddress): string {
  return `${run} ${task} ${item ?? ''} ${attempt}`
}

/** False: as many as may be are open. */
export function openShell(
  bridge: Bridge,
  address: ShellAddress,
  options: { host: string; secrets: boolean },
): boolean {
  const key = shellKey(address)
  const { byKey } = shellsStore.getState()
  byKey[key]?.close()
  const others = Object.entries(byKey).filter(([name]) => name !== key)
  if (others.length >= shellsMax) return false
  shellsStore.setState({
    byKey: { ...Object.fromEntries(others), [key]: openShellSession(bridge, address, options) },
  })
  guardLeaving()
  return true
}

export function closeShell(key: string): void {
  const { [key]: closed, ...rest } = shellsStore.getState().byKey
  closed?.close()
  shellsStore.setState({ byKey: rest })
}

export const selectShell = (key: string) => (state: ShellsState) => state.byKey[key]

let guarded = false
// In a browser Ctrl W closes the tab, and no page may keep it for a shell: it asks first. The desktop app's window has no
// such key, and there a page that asks could not be closed at all.
function guardLeaving(): void {
  if (guarded || window.sluice !== undefined) return
  guarded = true
  addEventListener('beforeunload', (event) => {
    const isOpen = Object.values(shellsStore.getState().byKey).some(
      (session) => session.getState().state.kind === 'open',
    )
    if (isOpen) event.preventDefault()
  })
}
