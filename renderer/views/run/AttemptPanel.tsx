import type { AttemptEnd } from '../../../shared/run/events.ts'
import type { AttemptView } from '../../../shared/run/run-view.ts'
import { hashOf, hostsRoute } from '../../state/route.ts'
import { selectNode } from '../../state/run.ts'
import { attemptLook, attemptMs, endWords, survivorsOf } from '../../state/task-facts.ts'
import { useNow } from '../../state/use-now.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { byteWords } from '../../../shared/run/byte-words.ts'
import { countWords, durationWords, exactWords } from '../../ui/time-words.ts'
import { SnapshotPanel } from './SnapshotPanel.tsx'
import { useRun } from './run-context.ts'
import css from './AttemptPanel.module.css'

/** One try of a task: where and why there, how it ended, what was left of it, and what its host was like. */
export function AttemptPanel({ task, attempt }: { task: string; attempt: AttemptView }) {
  const node = useRun(selectNode(task))
  const nowMs = useNow(attempt.end === null)
  const { end } = attempt
  const ms = attemptMs(attempt, nowMs)
  return (
    <div className={css['panel']}>
      {end !== null && <Survivors title="What lived on after it" end={end} host={attempt.host} />}
      <Facts wide spread>
        <Fact name="Host">
          <a href={hashOf(hostsRoute({ host: attempt.host }))}>{attempt.host}</a>
        </Fact>
        <Fact name="Started">{exactWords(attempt.startingAt)}</Fact>
        <Fact name="Took">{ms === null ? '' : durationWords(ms)}</Fact>
        <Fact name="Ended">{end === null ? 'not yet' : endWords(end)}</Fact>
        {end?.outcome === 'not_started' && <Fact name="Why">{end.message}</Fact>}
        {end !== null && end.cpuMs !== null && (
          <Fact name="Processor">{durationWords(end.cpuMs)}</Fact>
        )}
        {end !== null && end.peakBytes !== null && (
          <Fact name="Peak memory">{byteWords(end.peakBytes)}</Fact>
        )}
        {attempt.log !== null && <Fact name="Log">{logWords(attempt.log)}</Fact>}
        {node?.effect !== undefined && <Fact name="Effect">{node.effect}</Fact>}
      </Facts>
      <Chosen attempt={attempt} pool={node?.pool?.name ?? null} />
      <Fenced attempt={attempt} />
      {attempt.snapshot !== undefined && (
        <SnapshotPanel snapshot={attempt.snapshot} host={attempt.host} end={end} />
      )}
      {attempt.snapshot === undefined && attemptLook(attempt) === TASK_LOOK.failed && (
        <p className="faint">No snapshot of {attempt.host} was taken when this attempt failed.</p>
      )}
    </div>
  )
}

function logWords(log: NonNullable<AttemptView['log']>): string {
  const gaps = log.gaps.length === 0 ? '' : `, ${countWords(log.gaps.length, 'gap')}`
  const hash =
    log.sha256 === null ? ', its hash could not be compared' : ', the same as on the host'
  return `${byteWords(log.bytes)}${gaps}${hash}`
}

function Chosen({ attempt, pool }: { attempt: AttemptView; pool: string | null }) {
  const { chosen, host } = attempt
  if (chosen === undefined) return null
  return (
    <section className={css['part']}>
      <h3>Why this host{pool !== null && <span className="soft"> of {pool}</span>}</h3>
      <table className={css['table']}>
        <tbody>
          <tr>
            <td>
              <strong>{host}</strong>
            </td>
            <td>
              <StateIcon look={TASK_LOOK.succeeded} size={12} silent /> {chosen.why}
            </td>
          </tr>
          {chosen.passedOver.map((other) => (
            <tr key={other.host}>
              <td className="soft">{other.host}</td>
              <td className="soft">{other.why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Survivors({ title, end, host }: { title: string; end: AttemptEnd; host: string }) {
  const survivors = survivorsOf(end)
  if (survivors.length === 0) return null
  return (
    <section className={css['alarm']}>
      <h3>
        <Icon name="warning" size={14} /> {title}:{' '}
        {countWords(survivors.length, 'process', 'processes')} on {host}
      </h3>
      <p>
        Sluice sent TERM, then KILL, looked again, and these were still there. End them by hand.
      </p>
      <ul className="mono">
        {survivors.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </section>
  )
}

/** Of an attempt that was given up or failed over: whether its copy is proved gone. */
function Fenced({ attempt }: { attempt: AttemptView }) {
  const { fenced, host } = attempt
  if (fenced === undefined) return null
  if (fenced === null)
    return (
      <section className={css['part']}>
        <h3>Its copy on {host}</h3>
        <p className={css['line']}>
          <StateIcon look={TASK_LOOK.unknown} size={13} silent />
          Not proved gone yet: {host} has not answered since. When it does, the copy is stopped
          first.
        </p>
      </section>
    )
  return (
    <section className={css['part']}>
      <h3>Its copy on {host}</h3>
      <p className={css['line']}>
        <StateIcon look={TASK_LOOK.succeeded} size={13} silent />
        {survivorsOf(fenced).length === 0 ? 'Proved gone.' : 'Stopped, but not wholly.'} How it had
        fared: {endWords(fenced)}.
      </p>
      <Survivors title="What lived on" end={fenced} host={host} />
    </section>
  )
}
