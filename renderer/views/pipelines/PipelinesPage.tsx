import { ActionIcon, Tooltip } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { hasErrors } from '../../../shared/pipeline/problem.ts'
import type { PipelineRow } from '../../../shared/api/views.ts'
import { selectPipelineRows } from '../../state/pipelines.ts'
import { hashOf, pipelineRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { FilterField } from '../../ui/FilterField.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { RunStrip } from '../runs/RunStrip.tsx'
import { RUN_LOOK } from '../../ui/state-look.ts'
import { StateBadge } from '../../ui/StateBadge.tsx'
import { Table } from '../../ui/Table.tsx'
import table from '../../ui/table.module.css'
import { countWords, dateWords, distanceWords, numberWords } from '../../ui/time-words.ts'
import { askToRun } from '../pipeline/start-run-store.ts'
import css from './PipelinesPage.module.css'

export function PipelinesPage() {
  const { pipelines } = useStores()
  const rows = useStore(pipelines, (state) => state.rows)
  const all = useStore(pipelines, selectPipelineRows)
  const [text, setText] = useState('')
  const byName = useMemo(() => new Map(all.map((row) => [row.name, row])), [all])
  const shown = useMemo(() => {
    const part = text.trim().toLowerCase()
    return all
      .filter((row) => `${row.name} ${row.description}`.toLowerCase().includes(part))
      .map((row) => row.name)
  }, [all, text])
  return (
    <Page
      title="Pipelines"
      still
      beside={all.length > 0 && <span className="soft num">{numberWords(all.length)}</span>}
      actions={
        all.length > 0 && (
          <FilterField
            width={200}
            label="Filter pipelines"
            placeholder="Filter"
            value={text}
            onChange={setText}
          />
        )
      }
    >
      {rows.kind === 'loading' && <Loading rows={8} />}
      {rows.kind === 'error' && (
        <ErrorBlank error={rows.error} onAgain={() => void pipelines.load()} />
      )}
      {rows.kind === 'ready' && all.length === 0 && (
        <Blank icon="pipelines" title="This workspace has no pipeline yet" sample={sample}>
          <p>
            A pipeline is one YAML file in <code>pipelines/</code>. It appears here as you save it.
          </p>
        </Blank>
      )}
      {all.length > 0 && shown.length === 0 && <Blank icon="pipelines" title="No pipeline fits" />}
      {shown.length > 0 && (
        <Table
          label="Pipelines"
          line={css['row']}
          keys={shown}
          rowHeight={46}
          head={
            <>
              <span>Pipeline</span>
              <span className={`${table['right']} ${css['wide']}`}>Tasks</span>
              <span>Last run</span>
              <span>Last runs</span>
              <span>Next</span>
              <span />
            </>
          }
          row={(name) => <Row row={byName.get(name) as PipelineRow} />}
        />
      )}
    </Page>
  )
}

const sample = `name: hello
tasks:
  greet: { host: local, run: echo hello }`

function Row({ row }: { row: PipelineRow }) {
  const nowMs = useNow()
  const errors = row.problems.filter((problem) => problem.severity === 'error').length
  const warnings = row.problems.length - errors
  const last = row.lastRuns[0]
  return (
    <div className={`${table['row']} ${css['row']}`}>
      <a className={`${table['twofold']} ${table['whole']}`} href={hashOf(pipelineRoute(row.name))}>
        <span className={`${table['strong']} cut`}>{row.name}</span>
        {errors > 0 ? (
          <span className={css['problem']}>
            <Icon name="warning" size={12} />
            <span className="cut">
              {countWords(errors, 'problem')}: {row.problems[0]?.message}
            </span>
          </span>
        ) : (
          <span className="faint cut">
            {warnings > 0 && (
              <span className={css['warning']}>{countWords(warnings, 'warning')} </span>
            )}
            {row.description || row.file}
          </span>
        )}
      </a>
      <span className={`${table['right']} ${css['wide']} num soft`}>
        {numberWords(row.taskCount)}
      </span>
      {last === undefined ? (
        <span className="faint">Never run</span>
      ) : (
        <StateBadge look={RUN_LOOK[last.state]} />
      )}
      {last === undefined ? <span /> : <RunStrip rows={row.lastRuns} />}
      <span className="num soft cut">
        {row.nextFireAt === null ? (
          <span className="faint">By hand</span>
        ) : (
          <time title={dateWords(row.nextFireAt)}>{distanceWords(row.nextFireAt, nowMs)}</time>
        )}
      </span>
      <Tooltip label={errors > 0 ? 'Fix its problems first' : `Run ${row.name}`}>
        <ActionIcon
          aria-label={`Run ${row.name}`}
          disabled={hasErrors(row.problems)}
          onClick={() => askToRun(row.name)}
        >
          <Icon name="play" size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
