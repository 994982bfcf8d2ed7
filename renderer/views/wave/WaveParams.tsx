import { Select } from '@mantine/core'
import { useState } from 'react'
import type { ParamSpec, ParamValue } from '../../../shared/pipeline/spec.ts'
import { checkDraft, firstDraft, type Draft } from '../../state/param-form.ts'
import { ParamField } from '../../ui/ParamField.tsx'
import { Tool } from '../../ui/Tool.tsx'
import css from './Wave.module.css'

interface Props {
  specs: readonly ParamSpec[]
  /** Null: what is written does not fit yet. */
  onParams: (params: Record<string, ParamValue> | null) => void
}

/** Params that are to be others for all; what is not named here stays as each run had it. */
export function WaveParams({ specs, onParams }: Props) {
  const [draft, setDraft] = useState<Draft>({})
  const chosen = specs.filter(({ name }) => draft[name] !== undefined)
  const { problems } = checkDraft(chosen, draft)

  function put(next: Draft): void {
    setDraft(next)
    const checked = checkDraft(
      specs.filter(({ name }) => next[name] !== undefined),
      next,
    )
    onParams(Object.keys(checked.problems).length > 0 ? null : checked.values)
  }

  function drop(name: string): void {
    const { [name]: _dropped, ...rest } = draft
    put(rest)
  }

  return (
    <>
      <Select
        w={150}
        label="Another param for all"
        placeholder={chosen.length === specs.length ? 'None left' : 'Choose one'}
        searchable
        disabled={chosen.length === specs.length}
        nothingFoundMessage="No file has such a param"
        data={specs.flatMap(({ name }) => (draft[name] === undefined ? [name] : []))}
        value={null}
        onChange={(name) =>
          name !== null &&
          put({ ...firstDraft(specs.filter((one) => one.name === name)), ...draft })
        }
      />
      {chosen.map((spec) => (
        <div key={spec.name} className={css['param']}>
          <ParamField
            param={spec}
            written={draft[spec.name] ?? ''}
            problem={problems[spec.name]}
            onWrite={(written) => put({ ...draft, [spec.name]: written })}
          />
          <Tool
            icon="close"
            label={`As each run had it: ${spec.name}`}
            onClick={() => drop(spec.name)}
          />
        </div>
      ))}
    </>
  )
}
