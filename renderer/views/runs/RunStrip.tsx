import type { RunRow } from '../../../shared/api/views.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { dateWords, durationWords } from '../../ui/time-words.ts'
import css from './RunStrip.module.css'

/** The last runs of a pipeline, oldest first, one icon each. */
export function RunStrip({ rows, max = 14 }: { rows: readonly RunRow[]; max?: number }) {
  if (rows.length === 0) return <span className="faint">Never run</span>
  return (
    <span className={css['strip']}>
      {rows
        .slice(0, max)
        .toReversed()
        .map((row) => (
          <a
            key={row.run}
            title={wordsOf(row)}
            href={hashOf(runRoute(row.run))}
            aria-label={wordsOf(row)}
            onClick={(event) => event.stopPropagation()}
          >
            <StateIcon look={RUN_LOOK[row.state]} size={13} silent />
          </a>
        ))}
    </span>
  )
}

function wordsOf(row: RunRow): string {
  const took =
    row.startedAt !== null && row.endedAt !== null
      ? `, ${durationWords(row.endedAt - row.startedAt)}`
      : ''
  return `${RUN_LOOK[row.state].word}, ${dateWords(row.createdAt)}, ${row.environment}${took}`
}
