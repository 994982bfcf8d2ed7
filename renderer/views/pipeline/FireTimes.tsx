import type { PipelineDetail } from '../../../shared/api/views.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank } from '../../ui/Blank.tsx'
import { dateWords, distanceWords, exactWords, localZone } from '../../ui/time-words.ts'
import { triggerSample } from '../schedule/trigger-sample.ts'
import css from './FireTimes.module.css'

/** When each trigger fires next, in its own zone and in the reader's. */
export function FireTimes({ detail }: { detail: PipelineDetail }) {
  if (detail.triggers.length === 0)
    return (
      <Blank icon="schedule" title="This pipeline runs by hand only" sample={triggerSample}>
        <p>Give it a time in {detail.file}, and the clock starts it too:</p>
      </Blank>
    )
  return (
    <div className={css['triggers']}>
      {detail.triggers.map((trigger, index) => (
        <section key={`${index} ${trigger.cron}`}>
          <h2>
            <code>{trigger.cron}</code> <span className="soft">{trigger.timezone}</span>
          </h2>
          {trigger.next.length === 0 ? (
            <p className="soft">It never fires again.</p>
          ) : (
            <Times times={trigger.next} timezone={trigger.timezone} />
          )}
        </section>
      ))}
    </div>
  )
}

function Times({ times, timezone }: { times: readonly number[]; timezone: string }) {
  const nowMs = useNow()
  const isYours = timezone === localZone()
  return (
    <table className={css['times']}>
      <thead>
        <tr>
          <th>When</th>
          <th>In {timezone}</th>
          {!isYours && <th>Your time ({localZone()})</th>}
        </tr>
      </thead>
      <tbody>
        {times.map((at) => (
          <tr key={at}>
            <td className="num">{distanceWords(at, nowMs)}</td>
            <td className="num">
              <time title={exactWords(at, timezone)}>{dateWords(at, timezone)}</time>
            </td>
            {!isYours && (
              <td className="num soft">
                <time title={exactWords(at)}>{dateWords(at)}</time>
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
