// Keys that work on every page: `g` and a letter goes to a page, `/` to its filter, `?` tells the keys.
import { useEffect } from 'react'
import { go } from '../../state/route.ts'
import { isDialogOpen, isWritingIn } from '../../ui/is-writing.ts'
import { helpStore } from './help-store.ts'
import { PLACES } from './Sidebar.tsx'

const chordMs = 1200

export function usePageKeys(): void {
  useEffect(() => {
    let goingUntil = 0
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWritingIn(event.target)) return
      if (event.key === '?') {
        event.preventDefault()
        return helpStore.setState({ opened: true })
      }
      if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('input[data-filter]')
        if (field === null || isDialogOpen()) return
        event.preventDefault()
        return field.select()
      }
      if (event.key === 'g') {
        goingUntil = event.timeStamp + chordMs
        return
      }
      const place = PLACES.find((each) => each.key === event.key)
      if (place === undefined || event.timeStamp > goingUntil) return
      goingUntil = 0
      event.preventDefault()
      go(place.route)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
}
