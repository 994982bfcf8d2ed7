import { useMemo } from 'react'
import { batchWords } from '../../../shared/run/wave-words.ts'
import type { WavePlan, WavePlanRun } from '../../../shared/run/wave.ts'
import { planWords } from '../../state/recovery.ts'
import { hashOf, runRoute } from '../../state/route.ts'
import { LEFT_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { dateWords, exactWords } from '../../ui/time-words.ts'
import css from './Wave.module.css'

interface Props {
  plan: WavePlan
  isPlanning: boolean
  first: readonly string[]
  onFirst: (first: readonly string[]) => void
}

/** The runs in the order in which they go, and the way to let another one go first. */
export function WavePlanRows({ plan, isPlanning, first, onFirst }: Props) {
  const runById = useMemo(() => new Map(plan.runs.map((one) => [one.run as string, one])), [plan])
  return (
    <Table
      busy={isPlanning}
      label="Runs that this wave recovers"
      line={css['plan']}
      keys={[...runById.keys()]}
      rowHeight={34}
      head={
        <>
          <span>Turn</span>
          <span>Run</span>
          <span>Pipeline</span>
          <span className={css['wide']}>Environment</span>
          <span className={css['wide']}>Task</span>
          <span className={css['wide']}>Failed</span>
          <span>What it does</span>
          <span />
        </>
      }
      row={(key) => {
        const one = runById.get(key)
        if (one === undefined) return null
        const isFirst = first.includes(key)
        return (
          <Line
            one={one}
            isFirst={isFirst}
            onFirst={() =>
              onFirst(isFirst ? first.filter((each) => each !== key) : [...first, key])
            }
          />
        )
      }}
    />
  )
}

function Line(props: { one: WavePlanRun; isFirst: boolean; onFirst: () => void }) {
  const { one, isFirst, onFirst } = props
  const { run, batch } = one
  const what = batch === null ? one.why : doesWords(one)
  return (
    <div className={`${table['row']} ${css['plan']}`}>
      {batch === null ? (
        <StateBadge look={LEFT_LOOK} />
      ) : (
        <span className={batch === 0 ? css['canary'] : ''}>{batchWords(batch)}</span>
      )}
      <a className={`${table['whole']} mono cut`} href={hashOf(runRoute(run))} title={what}>
        {run}
      </a>
      <span className={`${table['strong']} cut`}>{one.pipeline}</span>
      <span className={`${css['wide']} soft cut`}>{one.environment}</span>
      <span className={`${css['wide']} soft cut`}>{one.task}</span>
      <time className={`${css['wide']} num soft`} title={exactWords(one.failedAt)}>
        {dateWords(one.failedAt)}
      </time>
      <span className="soft cut">{what}</span>
      {batch !== null && (isFirst || batch > 0) ? (
        <button
          type="button"
          className={table['act']}
          aria-label={isFirst ? `${run} takes its turn again` : `${run} goes first`}
          onClick={onFirst}
        >
          {isFirst ? 'Undo' : 'Go first'}
        </button>
      ) : (
        <span />
      )}
    </div>
  )
}

function doesWords({ counts, refusals }: WavePlanRun): string {
  const refused = refusals.map(({ task, reason }) => `${task} ${reason}`)
  return [planWords(counts), ...refused].join('; ')
}
