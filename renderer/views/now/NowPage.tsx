import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { AskRow, HostRow, NextFire, PipelineRow, RunRow } from '../../../shared/api/views.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { hasErrors } from '../../../shared/pipeline/problem.ts'
import { selectAsks } from '../../state/asks.ts'
import { selectTroubledHosts } from '../../state/hosts.ts'
import { selectBrokenPipelines, selectPipelineRows } from '../../state/pipelines.ts'
import { go, hashOf, hostsRoute, pipelineRoute, runRoute } from '../../state/route.ts'
import { causeShort } from '../../state/run-words.ts'
import { selectLiveIds, selectNeedsYouIds, selectRun, selectUnknownIds } from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNeedsCount } from '../../state/use-needs-count.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { Page } from '../../ui/Page.tsx'
import { RunLine, RunLineHead } from '../runs/RunLine.tsx'
import { ASK_LOOK, KEY_CHANGED_LOOK, LINK_LOOK, TASK_LOOK, type Look } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords, dateWords, distanceWords, numberWords } from '../../ui/time-words.ts'
import { showAsk } from '../asks/ask-view-store.ts'
import { askShort } from '../asks/ask-words.ts'
import { askToRun } from '../pipeline/start-run-store.ts'
import lines from '../runs/RunLine.module.css'
import css from './NowPage.module.css'

const listMax = 12
const recentMax = 10
const nextMax = 8

/** What runs, what needs a person, what comes next. */
export function NowPage() {
  const { runs } = useStores()
  const kind = useStore(runs, (state) => state.kind)
  const error = useStore(runs, (state) => state.error)
  const empty = useStore(runs, (state) => state.ids.length === 0)
  return (
    <Page title="Now" beside={kind === 'ready' && <Health />}>
      {kind === 'loading' && <Loading />}
      {kind === 'error' && error !== null && <ErrorBlank error={error} />}
      {kind === 'ready' && (
        <div className={css['columns']}>
          <div className={css['main']}>
            <NeedsYou />
            {empty ? <FirstRun /> : <Filled />}
          </div>
          <aside className={css['side']}>
            <Next />
          </aside>
        </div>
      )}
    </Page>
  )
}

function Health() {
  const { runs } = useStores()
  const live = useStore(runs, useShallow(selectLiveIds)).length
  const needs = useNeedsCount()
  const parts = [
    live === 0 ? 'Nothing runs' : `${countWords(live, 'run')} under way`,
    needs === 0 ? 'nothing needs you' : `${needs} ${needs === 1 ? 'needs' : 'need'} you`,
  ]
  return <span className="soft">{parts.join(', ')}</span>
}

function Filled() {
  const { runs } = useStores()
  const live = useStore(runs, useShallow(selectLiveIds))
  const recent = useStore(
    runs,
    useShallow((state) =>
      state.ids.filter((id) => isRunEnd((state.byId[id] as RunRow).state)).slice(0, recentMax),
    ),
  )
  return (
    <>
      <Section
        title="Running"
        count={live.length}
        more={live.length > listMax ? '#/runs?state=running' : null}
      >
        {live.length === 0 ? (
          <p className={css['quiet']}>Nothing runs at the moment.</p>
        ) : (
          <RunRows ids={live.slice(0, listMax)} live />
        )}
      </Section>
      <Section title="Ended lately" more="#/runs">
        <RunRows ids={recent} live={false} />
      </Section>
    </>
  )
}

function Section(props: {
  title: string
  count?: number
  more?: string | null
  children: ReactNode
}) {
  return (
    <section className={css['section']}>
      <h2 className={css['title']}>
        {props.title}
        {props.count !== undefined && props.count > 0 && (
          <span className={css['count']}>{props.count}</span>
        )}
        {props.more != null && (
          <a className={css['more']} href={props.more}>
            Show all
          </a>
        )}
      </h2>
      {props.children}
    </section>
  )
}

function RunRows({ ids, live }: { ids: readonly string[]; live: boolean }) {
  return (
    <div className={lines['lines']}>
      {ids.length > 0 && <RunLineHead />}
      {ids.map((id) => (
        <OneRun key={id} id={id} live={live} />
      ))}
    </div>
  )
}

function OneRun({ id, live }: { id: string; live: boolean }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const nowMs = useNow(live)
  if (row === undefined) return null
  return (
    <RunLine
      row={row}
      href={hashOf(runRoute(row.run))}
      cause={causeShort(row.cause)}
      nowMs={nowMs}
    />
  )
}

function NeedsYou() {
  const { runs, hosts, pipelines, asks } = useStores()
  const asked = useStore(asks, selectAsks)
  const failedIds = useStore(runs, useShallow(selectNeedsYouIds))
  const unknownIds = useStore(runs, useShallow(selectUnknownIds))
  const troubled = useStore(hosts, useShallow(selectTroubledHosts))
  const broken = useStore(pipelines, useShallow(selectBrokenPipelines))
  const count = useNeedsCount()
  if (count === 0) return null
  const shown = [asked, unknownIds, failedIds, troubled, broken].map((list) =>
    Math.min(list.length, listMax),
  )
  const hidden = count - shown.reduce((sum, each) => sum + each, 0)
  return (
    <Section title="Needs you" count={count}>
      <ul className={css['needs']}>
        {asked.slice(0, listMax).map((ask) => (
          <WaitingAsk key={ask.id} ask={ask} />
        ))}
        {unknownIds.slice(0, listMax).map((id) => (
          <UnknownRun key={id} id={id} />
        ))}
        {failedIds.slice(0, listMax).map((id) => (
          <FailedRun key={id} id={id} />
        ))}
        {troubled.slice(0, listMax).map((row) => (
          <TroubledHost key={row.name} row={row} />
        ))}
        {broken.slice(0, listMax).map((row) => (
          <BrokenPipeline key={row.name} row={row} />
        ))}
      </ul>
      {hidden > 0 && <p className={css['quiet']}>and {numberWords(hidden)} more</p>}
    </Section>
  )
}

function Need(props: { look: Look; href: string; title: string; words: string; action: string }) {
  return (
    <li>
      <a className={css['need']} href={props.href}>
        <StateIcon look={props.look} size={16} />
        <span className={css['needTitle']}>{props.title}</span>
        <span className="soft cut">{props.words}</span>
        <span className={css['needAction']}>
          {props.action} <Icon name="right" size={12} />
        </span>
      </a>
    </li>
  )
}

function FailedRun({ id }: { id: string }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const nowMs = useNow()
  if (row === undefined) return null
  const failures = row.counts.failed ?? 0
  const held = row.counts.upstream_failed ?? 0
  const words = [
    `${countWords(failures, 'task')} failed`,
    held > 0 ? `${held} held up` : '',
    row.environment,
    distanceWords(row.endedAt ?? row.createdAt, nowMs),
  ]
  return (
    <Need
      look={TASK_LOOK.failed}
      href={hashOf(runRoute(id))}
      title={row.pipeline}
      words={words.filter((word) => word !== '').join(' · ')}
      action="See why"
    />
  )
}

function WaitingAsk({ ask }: { ask: AskRow }) {
  const nowMs = useNow()
  return (
    <li>
      <button type="button" className={css['need']} onClick={() => showAsk(ask)}>
        <StateIcon look={ASK_LOOK} size={16} />
        <span className={css['needTitle']}>Host {ask.question.host}</span>
        <span className="soft cut">
          Its sign-in asks for {askShort(ask.question)} · {distanceWords(ask.askedAt, nowMs)}
        </span>
        <span className={css['needAction']}>
          Answer <Icon name="right" size={12} />
        </span>
      </button>
    </li>
  )
}

function UnknownRun({ id }: { id: string }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  if (row === undefined) return null
  const count = row.counts.unknown ?? 0
  return (
    <Need
      look={TASK_LOOK.unknown}
      href={hashOf(runRoute(id))}
      title={row.pipeline}
      words={`${countWords(count, 'outcome is', 'outcomes are')} not known: the link or the host is gone · ${row.environment}`}
      action="Decide, or wait"
    />
  )
}

function TroubledHost({ row }: { row: HostRow }) {
  const href = hashOf(hostsRoute({ host: row.name }))
  const title = `Host ${row.name}`
  if (row.changedKey !== null)
    return (
      <Need
        look={KEY_CHANGED_LOOK}
        href={href}
        title={title}
        words="Its key has changed, so nothing is sent to it."
        action="Look at both keys"
      />
    )
  if (row.askFingerprint !== null)
    return (
      <Need
        look={LINK_LOOK.refused}
        href={href}
        title={title}
        words="A new host key waits for your word."
        action="Check the key"
      />
    )
  return (
    <Need
      look={LINK_LOOK[row.link]}
      href={href}
      title={title}
      words={row.why}
      action="Look at it"
    />
  )
}

function BrokenPipeline({ row }: { row: PipelineRow }) {
  const first = row.problems.find((problem) => problem.severity === 'error')
  return (
    <Need
      look={TASK_LOOK.failed}
      href={hashOf(pipelineRoute(row.name, 'file'))}
      title={row.name}
      words={`${row.file}:${first?.line ?? 0}  ${first?.message ?? ''}`}
      action="Open the file"
    />
  )
}

function Next() {
  const { schedule } = useStores()
  const next = useStore(schedule, (state) => state.next)
  const nowMs = useNow()
  return (
    <section>
      <h2 className={css['title']}>
        Next
        <a className={css['more']} href="#/schedule">
          Schedule
        </a>
      </h2>
      {next.kind === 'loading' && <Loading rows={3} />}
      {next.kind === 'error' && <p className={css['quiet']}>{next.error.message}</p>}
      {next.kind === 'ready' && next.value.length === 0 && (
        <p className={css['quiet']}>
          Nothing is planned. A pipeline with <code>triggers:</code> shows its next run here.
        </p>
      )}
      {next.kind === 'ready' && (
        <ol className={css['next']}>
          {firstOfEach(next.value)
            .slice(0, nextMax)
            .map((fire) => (
              <Fire
                key={`${fire.pipeline} ${fire.environment} ${fire.trigger} ${fire.at}`}
                fire={fire}
                nowMs={nowMs}
              />
            ))}
        </ol>
      )}
    </section>
  )
}

/** A pipeline's next time is news, its later ones are on the Schedule page. */
function firstOfEach(fires: readonly NextFire[]): NextFire[] {
  const seen = new Set<string>()
  return fires.filter((fire) => {
    const name = `${fire.pipeline} ${fire.environment}`
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

function Fire({ fire, nowMs }: { fire: NextFire; nowMs: number }) {
  return (
    <li>
      <a href={hashOf(pipelineRoute(fire.pipeline, 'schedule'))}>
        <span className={css['fireLine']}>
          <span className={`${css['fireName']} cut`}>{fire.pipeline}</span>
          <span className="num">{distanceWords(fire.at, nowMs)}</span>
        </span>
        <span className={`${css['fireLine']} faint`}>
          <span className="cut">{fire.environment}</span>
          <span className="num">{dateWords(fire.at)}</span>
        </span>
      </a>
    </li>
  )
}

function FirstRun() {
  const { pipelines } = useStores()
  const rows = useStore(pipelines, selectPipelineRows)
  const kind = useStore(pipelines, (state) => state.rows.kind)
  const first = firstToTry(rows)
  if (kind === 'loading') return <Loading rows={3} />
  return (
    <Blank
      icon="play"
      title={first === undefined ? 'There is no pipeline yet' : 'Nothing has run yet'}
      action={
        first === undefined ? null : (
          <div className={css['firstButtons']}>
            <Button
              leftSection={<Icon name="play" size={13} />}
              onClick={() => askToRun(first.name)}
            >
              Run {first.name}
            </Button>
            <Button variant="default" onClick={() => go(pipelineRoute(first.name))}>
              Look at it first
            </Button>
          </div>
        )
      }
    >
      {first === undefined ? (
        <p>
          Put a file into <code>pipelines/</code> of the workspace. It appears here as you save it.
        </p>
      ) : (
        <p>
          A run carries the tasks of a pipeline out on their hosts. You see each of them live, and
          why one failed when it does.
        </p>
      )}
    </Blank>
  )
}

/** The largest one that can run shows most of what Sluice does. */
function firstToTry(rows: readonly PipelineRow[]): PipelineRow | undefined {
  return rows
    .filter((row) => !hasErrors(row.problems))
    .toSorted((a, b) => b.taskCount - a.taskCount)[0]
}
