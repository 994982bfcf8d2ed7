import { Checkbox, MultiSelect } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { ResumePreview } from '../../../shared/api/views.ts'
import type { ParamSpec, ParamValue } from '../../../shared/pipeline/spec.ts'
import type { RunView } from '../../../shared/run/run-view.ts'
import { checkDraft, type Draft } from '../../state/param-form.ts'
import { useStores } from '../../state/stores.ts'
import { ParamField } from '../../ui/ParamField.tsx'
import { VersionChoice, type Version } from '../../ui/VersionChoice.tsx'
import { useRun } from './run-context.ts'
import css from './ResumeDialog.module.css'

export interface RecoveryChoice {
  version: Version
  /** Keys of task runs. */
  from: readonly string[]
  only: boolean
  upstream: boolean
  /** Those that are to be others; null: what is written does not fit yet. */
  params: Record<string, ParamValue> | null
}

interface Props {
  choice: RecoveryChoice
  view: RunView
  preview: ResumePreview | null
  onChoose: (choice: RecoveryChoice) => void
}

const namesShownMax = 60

/** What a person wants of a resume. */
export function RecoveryForm({ choice, view, preview, onChoose }: Props) {
  const graph = useRun((state) => state.graph)
  const { version, from, only, upstream } = choice
  const names = [...new Set([...graph.map(({ name }) => name), ...from])]
  return (
    <div>
      <div className={css['options']}>
        <VersionChoice
          value={version}
          onChange={(value) => onChoose({ ...choice, version: value, params: {} })}
        />
        <MultiSelect
          className={css['from']}
          label="Run again from"
          placeholder={from.length === 0 ? 'The point of failure' : ''}
          searchable
          clearable
          limit={namesShownMax}
          nothingFoundMessage="There is no such task"
          data={names}
          value={[...from]}
          onChange={(value) =>
            onChoose({
              ...choice,
              from: value,
              ...(value.length === 0 && { only: false, upstream: false }),
            })
          }
        />
        {from.length > 0 && (
          <div className={css['checks']}>
            <Checkbox
              label="Nothing else"
              checked={only}
              onChange={(event) => onChoose({ ...choice, only: event.currentTarget.checked })}
            />
            <Checkbox
              label="All upstream too"
              checked={upstream}
              onChange={(event) => onChoose({ ...choice, upstream: event.currentTarget.checked })}
            />
          </div>
        )}
      </div>
      <p className={css['note']}>
        {preview?.fixedDiffers === true
          ? 'The file has changed since this run began.'
          : 'The file is the same as when this run began.'}
        {version === 'pinned' && Object.keys(view.params).length > 0 && (
          <> Other params need the file as it is now.</>
        )}
      </p>
      {version === 'fixed' && (
        <Params view={view} onParams={(params) => onChoose({ ...choice, params })} />
      )}
    </div>
  )
}

/** The params of the present file, with the values that the run had. */
function Params(props: {
  view: RunView
  onParams: (params: Record<string, ParamValue> | null) => void
}) {
  const { view, onParams } = props
  const { bridge } = useStores()
  const [specs, setSpecs] = useState<readonly ParamSpec[]>([])
  const [draft, setDraft] = useState<Draft>({})
  useEffect(() => {
    let stale = false
    bridge.call('pipeline.get', { pipeline: view.pipeline }).then(
      ({ params }) => {
        if (stale) return
        const had = Object.fromEntries(params.map((spec) => [spec.name, asHad(spec, view)]))
        setSpecs(params)
        setDraft(had)
        // The file may want what the run did not have.
        onParams(othersOf(params, had, view))
      },
      // The plan itself says what is wrong with the file.
      () => {},
    )
    return () => {
      stale = true
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [bridge, view.pipeline])
  if (specs.length === 0) return null
  const { problems } = checkDraft(specs, draft)

  function write(name: string, written: string | boolean): void {
    const next = { ...draft, [name]: written }
    setDraft(next)
    onParams(othersOf(specs, next, view))
  }

  return (
    <div className={css['params']} role="group" aria-label="Params">
      {specs.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          written={draft[param.name] ?? ''}
          problem={problems[param.name]}
          onWrite={(written) => write(param.name, written)}
        />
      ))}
    </div>
  )
}

/** What is other than the run had it; null: what is written does not fit. */
function othersOf(
  specs: readonly ParamSpec[],
  draft: Draft,
  view: RunView,
): Record<string, ParamValue> | null {
  const { values, problems } = checkDraft(specs, draft)
  if (Object.keys(problems).length > 0) return null
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => value !== view.params[name]),
  )
}

function asHad(spec: ParamSpec, view: RunView): string | boolean {
  const value = view.params[spec.name] ?? spec.default
  return spec.type === 'boolean' ? value === true : String(value ?? '')
}
