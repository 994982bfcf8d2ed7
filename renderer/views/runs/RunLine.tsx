import type { CSSProperties } from 'react'
import type { RunRow } from '../../../shared/api/views.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Progress } from '../../ui/Progress.tsx'
import table from '../../ui/table.module.css'
import { dateWords, distanceWords, durationWords, exactWords } from '../../ui/time-words.ts'

interface Props {
  row: RunRow
  href: string
  /** Words for who started it. */
  cause: string
  nowMs: number
}

export const runLineColumns = {
  '--columns':
    'minmax(120px, 1.6fr) 116px minmax(60px, 0.6fr) 172px minmax(90px, 1.1fr) 84px 118px',
} as CSSProperties

export function RunLineHead() {
  return (
    <div className={table['head']}>
      <span>Pipeline</span>
      <span>State</span>
      <span>Environment</span>
      <span>Tasks</span>
      <span>Started</span>
      <span className={table['right']}>Time</span>
      <span className={table['right']}>When</span>
    </div>
  )
}

/** One run as a row. */
export function RunLine({ row, href, cause, nowMs }: Props) {
  const total = Object.values(row.counts).reduce((sum, count) => sum + count, 0)
  const end = row.endedAt ?? nowMs
  return (
    <a className={table['row']} href={href}>
      <span className={`${table['strong']} cut`}>{row.pipeline}</span>
      <StateBadge look={RUN_LOOK[row.state]} />
      <span className="soft cut">{row.environment}</span>
      <Progress counts={row.counts} total={total} />
      <span className="soft cut">{cause}</span>
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
