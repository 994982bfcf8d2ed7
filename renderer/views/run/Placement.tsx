import { useEffect, useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { PlacementView } from '../../../shared/api/views.ts'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { hashOf, hostsRoute } from '../../state/route.ts'
import { useStores } from '../../state/stores.ts'
import { VERDICT_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import css from './AttemptPanel.module.css'

const lookAgainMs = 3_000

interface Props {
  run: string
  task: TaskView
  /** Until more is known. */
  fallback: string
}

/** Why a task that is ready has not started, and what each host that may take it says. */
export function Placement({ run, task, fallback }: Props) {
  const { bridge } = useStores()
  const [found, setFound] = useState<PlacementView | null>(null)
  const [failure, setFailure] = useState('')
  useEffect(() => {
    let over = false
    const look = (): void => {
      bridge.call('run.placement', { run, task: task.task, item: task.item }).then(
        (view) => {
          if (over) return
          setFound(view)
          setFailure('')
        },
        (error: unknown) => {
          if (!over) setFailure(errorShape(error).message)
        },
      )
    }
    look()
    const timer = setInterval(look, lookAgainMs)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [bridge, run, task.task, task.item])

  if (failure !== '') return <p className="faint">Why it waits cannot be told: {failure}</p>
  if (found === null) return <p>{fallback}</p>
  return (
    <section className={css['placement']} aria-label="Why it waits">
      <p>{found.why}</p>
      {found.hosts.length > 0 && (
        <table className={css['table']}>
          <tbody>
            {found.hosts.map(({ host, verdict, why }) => (
              <tr key={host}>
                <td>
                  <a href={hashOf(hostsRoute({ host }))}>{host}</a>
                </td>
                <td className={css['verdict']}>
                  <StateIcon look={VERDICT_LOOK[verdict]} size={12} silent />{' '}
                  {VERDICT_LOOK[verdict].word}
                </td>
                <td className="soft">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
