import { useEffect } from 'react'
import { isDialogOpen } from './is-writing.ts'

/** Escape anywhere on the page, except in a dialog or a shell, where it is theirs. */
export function useEscape(onEscape: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      if (isDialogOpen() || isInShell(event.target)) return
      onEscape()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}

// What is typed into a shell is for what runs there, Escape above all.
function isInShell(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[data-shell-pane]') !== null
}
