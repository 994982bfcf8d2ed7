import type { PipelineDetail } from '../../../shared/api/views.ts'
import { useNow } from '../../state/use-now.ts'
import { Blank } from '../../ui/Blank.tsx'
import { dateWords, distanceWords, exactWords, localZone } from '../../ui/time-words.ts'
import css from './FireTimes.module.css'

/** When each trigger fires next, in its own zone and in the reader's. */
export function FireTimes({ detail }: { detail: PipelineDetail }) {
  const nowMs = useNow()
  if (detail.triggers.length === 0)
    return (
      <Blank icon="schedule" title="This pipeline runs by hand only">
        <p>
          Add <code>{'triggers: [{ cron: "15 2 * * *", timezone: Europe/Berlin }]'}</code> to{' '}
          {detail.file} to run it by the clock.
        </p>
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
            <table className={css['times']}>
              <thead>
                <tr>
                  <th>When</th>
                  <th>In {trigger.timezone}</th>
                  <th>Your time ({localZone()})</th>
                </tr>
              </thead>
              <tbody>
                {trigger.next.map((at) => (
                  <tr key={at}>
                    <td className="num">{distanceWords(at, nowMs)}</td>
                    <td className="num">
                      <time title={exactWords(at, trigger.timezone)}>
                        {dateWords(at, trigger.timezone)}
                      </time>
                    </td>
                    <td className="num soft">
                      <time title={exactWords(at)}>{dateWords(at)}</time>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      ))}
    </div>
  )
}
