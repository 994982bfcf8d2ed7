import type { HostRow } from '../../../shared/api/views.ts'
import css from './HostsPage.module.css'

/** How much of what may run at once does. A bar, and the numbers beside it. */
export function Slots({ row }: { row: Pick<HostRow, 'used' | 'slots' | 'queued'> }) {
  const { used, slots, queued } = row
  const words = `${used} of ${slots} slots in use${queued > 0 ? `, ${queued} waiting` : ''}`
  return (
    <span className={css['slots']} title={words}>
      <span
        className={css['bar']}
        role="img"
        aria-label={words}
        data-full={used >= slots || undefined}
      >
        <i style={{ width: `${Math.min(100, (used / Math.max(slots, 1)) * 100)}%` }} />
      </span>
      <span className="num soft">
        {used}/{slots}
        {queued > 0 && <b> +{queued}</b>}
      </span>
    </span>
  )
}
