import { Tooltip } from '@mantine/core'
import type { TaskState } from '../../shared/run/states.ts'
import { TASK_LOOK, TASK_STATE_ORDER } from './state-look.ts'
import { numberWords } from './time-words.ts'
import css from './Progress.module.css'

interface Props {
  counts: Readonly<Partial<Record<TaskState, number>>>
  total: number
  wide?: boolean
}

/** From the left: what is done, what went wrong, what goes on, what waits. */
export const BAR_ORDER: readonly TaskState[] = [
  'succeeded',
  'reused',
  'skipped',
  'cancelled',
  'failed',
  'upstream_failed',
  'unknown',
  'retrying',
  'running',
  'queued',
  'waiting',
]
const doneStates: readonly TaskState[] = ['succeeded', 'reused', 'skipped']

/** How far a run is: one bar of its task states, and `7 of 12`. */
export function Progress({ counts, total, wide = false }: Props) {
  const done = doneStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
  const words = TASK_STATE_ORDER.filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${counts[state]} ${TASK_LOOK[state].word.toLowerCase()}`)
    .join(', ')
  const bar = (
    <span
      className={css['progress']}
      data-wide={wide || undefined}
      title={wide ? undefined : words}
    >
      <span className={css['bar']} role="img" aria-label={words}>
        {BAR_ORDER.map((state) => {
          const count = counts[state] ?? 0
          if (count === 0) return null
          return (
            <i
              key={state}
              data-state={state}
              style={{ flexGrow: count, color: `var(--tone-${TASK_LOOK[state].tone})` }}
            />
          )
        })}
      </span>
      <span className={`${css['words']} num`}>
        {numberWords(done)} of {numberWords(total)}
      </span>
    </span>
  )
  // A tool tip of ours costs more than the whole rest of a row, which a long list feels.
  return wide ? <Tooltip label={words === '' ? 'No tasks' : words}>{bar}</Tooltip> : bar
}
