import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import type { AskRow, HostRow, PipelineRow } from '../../../shared/api/views.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'
import { selectAsks } from '../../state/asks.ts'
import { selectTroubledHosts } from '../../state/hosts.ts'
import { selectBrokenPipelines } from '../../state/pipelines.ts'
import { hashOf, hostsRoute, pipelineRoute, runRoute } from '../../state/route.ts'
import {
  selectAskingIds,
  selectNeedsYouIds,
  selectRun,
  selectUnknownIds,
} from '../../state/runs.ts'
import { useStores } from '../../state/stores.ts'
import { useNeedsCount } from '../../state/use-needs-count.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon } from '../../ui/Icon.tsx'
import {
  APPROVAL_LOOK,
  ASK_LOOK,
  KEY_CHANGED_LOOK,
  LINK_LOOK,
  TASK_LOOK,
  type Look,
} from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { countWords, distanceWords, numberWords } from '../../ui/time-words.ts'
import { showAsk } from '../asks/ask-view-store.ts'
import { askShort } from '../asks/ask-words.ts'
import css from './NowPage.module.css'
import { Section } from './Section.tsx'

const listMax = 12

/** What waits for a person, most pressing first. */
export function NeedsYou() {
  const { runs, hosts, pipelines, asks } = useStores()
  const asked = useStore(asks, selectAsks)
  const askingIds = useStore(runs, useShallow(selectAskingIds))
  const failedIds = useStore(runs, useShallow(selectNeedsYouIds))
  const unknownIds = useStore(runs, useShallow(selectUnknownIds))
  const troubled = useStore(hosts, useShallow(selectTroubledHosts))
  const broken = useStore(pipelines, useShallow(selectBrokenPipelines))
  const count = useNeedsCount()
  if (count === 0) return null
  const shown = [asked, askingIds, unknownIds, failedIds, troubled, broken].map((list) =>
    Math.min(list.length, listMax),
  )
  const hidden = count - shown.reduce((sum, each) => sum + each, 0)
  return (
    <Section title="Needs you" count={count}>
      <ul className={css['needs']}>
        {asked.slice(0, listMax).map((ask) => (
          <WaitingAsk key={ask.id} ask={ask} />
        ))}
        {askingIds.slice(0, listMax).map((id) => (
          <AskingRun key={id} id={id} />
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

/** A run with an approval: the task that asks, in its own words. */
function AskingRun({ id }: { id: string }) {
  const { runs } = useStores()
  const row = useStore(runs, selectRun(id))
  const asks = Object.entries(row?.asks ?? {})
  const [first] = asks
  if (row === undefined || first === undefined) return null
  const [key, message] = first
  const more = asks.length > 1 ? ` · and ${asks.length - 1} more` : ''
  return (
    <Need
      look={APPROVAL_LOOK}
      href={hashOf(runRoute(id, parseTaskKey(key)))}
      title={row.pipeline}
      words={`waits for you: ${message}${more} · ${row.environment}`}
      action="Answer"
    />
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
