import { useStore } from 'zustand'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { durationWords } from '../../ui/time-words.ts'
import css from './LinkBar.module.css'

/** Stands above all while there is no engine at the other end: what is shown below may be old. */
export function LinkBar() {
  const { link: store, bridge } = useStores()
  const link = useStore(store, (state) => state.link)
  const nowMs = useNow(link.kind === 'lost')
  if (link.kind !== 'lost') return null
  const wait = link.retryAt === null ? 0 : link.retryAt - nowMs
  return (
    <div className={css['bar']} role="alert">
      <span className={css['dot']} aria-hidden />
      <strong>
        {link.seen ? 'Connection lost, reconnecting' : 'Cannot reach the engine, trying again'}
      </strong>
      <span className={css['words']}>
        {link.seen
          ? `Runs go on at their hosts. What you see is ${durationWords(nowMs - link.since)} old.`
          : link.why}
      </span>
      <button type="button" onClick={() => bridge.retry()} disabled={link.retryAt === null}>
        {wait > 1000 ? `Try now (${Math.ceil(wait / 1000)} s)` : 'Try now'}
      </button>
    </div>
  )
}
