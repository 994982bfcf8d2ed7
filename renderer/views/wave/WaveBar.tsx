import type { WaveHead, WaveRunState } from '../../../shared/run/wave.ts'
import { WAVE_RUN_LOOK } from '../../ui/state-look.ts'
import { numberWords } from '../../ui/time-words.ts'
import css from './Wave.module.css'

const order: readonly WaveRunState[] = [
  'recovered',
  'failed_again',
  'refused',
  'skipped',
  'going',
  'waiting',
]

/** How far a wave is, as a bar and in words. */
export function WaveBar({ counts, total }: { counts: WaveHead['counts']; total: number }) {
  const present = order.filter((state) => (counts[state] ?? 0) > 0)
  const words = present.map(
    (state) => `${numberWords(counts[state] ?? 0)} ${WAVE_RUN_LOOK[state].word.toLowerCase()}`,
  )
  return (
    <div className={css['progress']}>
      <span className={css['bar']} aria-hidden>
        {present.map((state) => (
          <i
            key={state}
            data-state={state}
            style={{
              flexGrow: (counts[state] ?? 0) / Math.max(1, total),
              color: `var(--tone-${WAVE_RUN_LOOK[state].tone})`,
            }}
          />
        ))}
      </span>
      <span className="soft num" role="status">
        {words.join(', ')}
      </span>
    </div>
  )
}
