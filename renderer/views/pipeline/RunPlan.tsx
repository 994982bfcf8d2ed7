import { useEffect, useState } from 'react'
import { errorShape, type ErrorShape } from '../../../shared/api/app-error.ts'
import type { RunPreview } from '../../../shared/api/views.ts'
import type { ParamValue } from '../../../shared/pipeline/spec.ts'
import { useStores } from '../../state/stores.ts'
import { Icon } from '../../ui/Icon.tsx'
import { countWords } from '../../ui/time-words.ts'
import { hostsOf } from './hosts-of-plan.ts'
import css from './RunPlan.module.css'

interface Props {
  pipeline: string
  environment: string
  /** Null while the form is not filled in. */
  params: Readonly<Record<string, ParamValue>> | null
}

const typingMs = 250

/** What would run, and where, with what the form says. */
export function RunPlan({ pipeline, environment, params }: Props) {
  const { bridge } = useStores()
  const [preview, setPreview] = useState<RunPreview | null>(null)
  const [failure, setFailure] = useState<ErrorShape | null>(null)
  const asked = params === null ? null : JSON.stringify(params)
  useEffect(() => {
    if (asked === null) return
    let stale = false
    const timer = setTimeout(() => {
      const input = { pipeline, environment, params: JSON.parse(asked) as Record<string, string> }
      bridge.call('pipeline.plan', input).then(
        (value) => {
          if (stale) return
          setPreview(value)
          setFailure(null)
        },
        (error: unknown) => !stale && setFailure(errorShape(error)),
      )
    }, typingMs)
    return () => {
      stale = true
      clearTimeout(timer)
    }
  }, [bridge, pipeline, environment, asked])

  if (failure !== null)
    return (
      <p className={css['problem']} role="status">
        <Icon name="warning" size={14} />
        <span>
          {failure.message} {failure.hint}
        </span>
      </p>
    )
  if (preview === null) return null
  return (
    <details className={css['plan']}>
      <summary>
        <Icon name="right" size={12} />
        {countWords(preview.tasks.length, 'task')} on {hostsOf(preview)}
      </summary>
      <ol aria-label="What would run">
        {preview.tasks.map((row) => (
          <li key={row.task}>
            <span className="cut">{row.task}</span>
            <span className="soft cut">{row.hosts.join(', ')}</span>
            <span className="faint cut">
              {row.needs.length === 0 ? 'first' : `after ${row.needs.join(', ')}`}
            </span>
          </li>
        ))}
      </ol>
    </details>
  )
}
