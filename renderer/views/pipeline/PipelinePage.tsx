import { Button } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { hasErrors } from '../../../shared/pipeline/problem.ts'
import type { GraphNode, PipelineDetail } from '../../../shared/api/views.ts'
import { GraphView } from '../../graph/GraphView.tsx'
import type { NodeLook } from '../../graph/scene.ts'
import { kindOf, ruleWords, startSentences } from '../../state/rule-words.ts'
import { groupOfKey } from '../../state/task-rows.ts'
import { failed, loading, ready, type Loadable } from '../../state/loadable.ts'
import { hashOf, turn, type PipelineTab, type Route } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { CommandText } from '../../ui/CommandText.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { Pane, PaneBody } from '../../ui/Pane.tsx'
import { Split } from '../../ui/Split.tsx'
import { DEFINED_LOOK } from '../../ui/state-look.ts'
import { Tabs } from '../../ui/Tabs.tsx'
import { countWords } from '../../ui/time-words.ts'
import { FileText } from './FileText.tsx'
import { FireTimes } from './FireTimes.tsx'
import { HistoryGrid } from './HistoryGrid.tsx'
import { askToRun } from './start-run-store.ts'
import css from './PipelinePage.module.css'

type PipelineRoute = Extract<Route, { page: 'pipeline' }>

export function PipelinePage({ route }: { route: PipelineRoute }) {
  const { bridge, pipelines } = useStores()
  const [detail, setDetail] = useState<Loadable<PipelineDetail>>(loading)
  // The list is read again whenever something may have changed; this page goes with it.
  const rows = useStore(pipelines, (state) => state.rows)
  const load = useCallback(() => {
    bridge.call('pipeline.get', { pipeline: route.pipeline }).then(
      (value) => setDetail(ready(value)),
      (error: unknown) => setDetail((known) => (known.kind === 'ready' ? known : failed(error))),
    )
  }, [bridge, route.pipeline])
  useEffect(load, [load, rows])

  const title = (
    <span className={css['title']}>
      <a className="faint" href={hashOf({ page: 'pipelines' })}>
        Pipelines
      </a>
      <span className="faint">/</span> {route.pipeline}
    </span>
  )
  if (detail.kind !== 'ready')
    return (
      <Page title={title}>
        {detail.kind === 'loading' ? (
          <Loading rows={8} />
        ) : (
          <ErrorBlank error={detail.error} onAgain={load} />
        )}
      </Page>
    )
  const { value } = detail
  const broken = hasErrors(value.problems)
  return (
    <Page
      title={title}
      still
      beside={<span className="soft cut">{value.description}</span>}
      actions={
        <Button
          leftSection={<Icon name="play" size={13} />}
          disabled={broken}
          onClick={() => askToRun(value.name)}
        >
          Run
        </Button>
      }
    >
      {broken && (
        <a className={css['broken']} href={hashOf({ ...route, tab: 'file' })}>
          <Icon name="warning" size={14} />
          It cannot run yet: {countWords(value.problems.length, 'problem')} in {value.file}.
        </a>
      )}
      <Tabs<PipelineTab>
        label="Views of this pipeline"
        chosen={route.tab}
        onChoose={(tab) => turn({ ...route, tab })}
        tabs={[
          { name: 'graph', word: 'Graph', icon: 'graph' },
          { name: 'history', word: 'History', icon: 'runs' },
          {
            name: 'schedule',
            word: 'Schedule',
            icon: 'schedule',
            ...(value.triggers.length > 0 && { count: value.triggers.length }),
          },
          {
            name: 'file',
            word: 'File',
            icon: 'file',
            ...(value.problems.length > 0 && { count: value.problems.length }),
          },
        ]}
      />
      {route.tab === 'graph' && <Graph detail={value} />}
      {route.tab === 'history' && <HistoryGrid pipeline={value.name} graph={value.graph} />}
      {route.tab === 'schedule' && <FireTimes detail={value} />}
      {route.tab === 'file' && (
        <FileText file={value.file} text={value.text} problems={value.problems} />
      )}
    </Page>
  )
}

const never = () => () => {}

function Graph({ detail }: { detail: PipelineDetail }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const node = detail.graph.find((each) => each.name === chosen)
  const nodeByName = useMemo(
    () => new Map(detail.graph.map((each) => [each.name, each])),
    [detail.graph],
  )
  const lookOf = (name: string): NodeLook => {
    const found = nodeByName.get(name)
    const tag = found === undefined ? '' : ruleWords(found)
    return {
      look: DEFINED_LOOK,
      detail: () => kindOf(found) ?? found?.host ?? groupWords(detail, name),
      attempts: 0,
      ...(tag !== '' && { tag }),
      ...((found === undefined || found.fanOut !== undefined) && { parts: [] }),
    }
  }
  if (detail.graph.length === 0) return <Blank icon="graph" title="There is no task to draw yet" />
  return (
    <Split
      name="definition"
      way="across"
      start={0.3}
      minPx={280}
      first={
        <GraphView
          nodes={detail.graph}
          lookOf={lookOf}
          onLooks={never}
          chosen={chosen}
          onChoose={setChosen}
          label={`Graph of ${detail.name}`}
          keepAs={`pipeline ${detail.name}`}
        />
      }
      second={
        node === undefined ? null : <Definition node={node} onClose={() => setChosen(null)} />
      }
    />
  )
}

/** A task as its pipeline states it. */
function Definition({ node, onClose }: { node: GraphNode; onClose: () => void }) {
  const kind = kindOf(node)
  return (
    <Pane label={`Task ${node.name}`} head={<h2>{node.name}</h2>} onClose={onClose}>
      <PaneBody>
        <div className={css['node']}>
          <Facts>
            <Fact name={kind === null ? 'Host' : 'What'}>{kind ?? node.host}</Fact>
            <Fact name="Needs">{node.needs.length === 0 ? 'nothing' : node.needs.join(', ')}</Fact>
          </Facts>
          {startSentences(node).map((rule) => (
            <p key={rule} className="soft">
              {rule}
            </p>
          ))}
          {node.approval !== undefined && <p>{node.approval.message}</p>}
          {node.run !== '' && <CommandText text={node.run} />}
          {node.remedies.length > 0 && (
            <section>
              <h3>Known ways out</h3>
              <ul>
                {node.remedies.map((remedy) => (
                  <li key={remedy.title}>{remedy.title}</li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </PaneBody>
    </Pane>
  )
}

function groupWords(detail: PipelineDetail, name: string): string {
  const group = groupOfKey(name) ?? ''
  const count = detail.graph.filter(
    (node) => node.group === group || node.group?.startsWith(`${group}.`),
  ).length
  return countWords(count, 'task')
}
