import { useEffect } from 'react'
import { isDialogOpen, isWritingIn } from './is-writing.ts'

/** After `g` a letter goes to a page. */
const chordMs = 1200
let chordAt = -chordMs

/** A key of the page, where nobody writes and nothing is asked. */
export function useKey(key: string, onKey: () => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'g') chordAt = event.timeStamp
      if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.timeStamp - chordAt < chordMs) return
      if (event.defaultPrevented || isWritingIn(event.target) || isDialogOpen()) return
      event.preventDefault()
      onKey()
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  })
}
