import type { RunRow } from '../../../shared/api/views.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { lookOfRun } from '../../state/task-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Progress } from '../../ui/Progress.tsx'
import css from './RunLine.module.css'
import table from '../../ui/table.module.css'
import { dateWords, distanceWords, durationWords, exactWords } from '../../ui/time-words.ts'

interface Props {
  row: RunRow
  href: string
  /** Words for who started it. */
  cause: string
  nowMs: number
}

/** A word per column of its table. */
export function RunWords() {
  return (
    <>
      <span>Pipeline</span>
      <span>State</span>
      <span className={css['environment']}>Environment</span>
      <span>Tasks</span>
      <span className={css['cause']}>Started by</span>
      <span className={table['right']}>Time</span>
      <span className={table['right']}>When</span>
    </>
  )
}

/** One run as a row. */
export function RunLine({ row, href, cause, nowMs }: Props) {
  const total = Object.values(row.counts).reduce((sum, count) => sum + count, 0)
  const end = row.endedAt ?? nowMs
  return (
    <a className={`${table['row']} ${css['line']}`} href={href}>
      <span className={`${table['strong']} cut`}>{row.pipeline}</span>
      <StateBadge look={lookOfRun(row)} />
      <span className={`${css['environment']} soft cut`}>{row.environment}</span>
      <Progress counts={row.counts} total={total} />
      <span className={`${css['cause']} soft cut`}>{cause}</span>
      <span className={`${table['right']} num soft`}>
        {row.startedAt === null ? '' : durationWords(Math.max(0, end - row.startedAt))}
      </span>
      <time className={`${table['right']} num soft`} title={exactWords(row.createdAt)}>
        {isRunEnd(row.state) && nowMs - row.createdAt > 86_400_000
          ? dateWords(row.createdAt)
          : distanceWords(row.createdAt, nowMs)}
      </time>
    </a>
  )
}
