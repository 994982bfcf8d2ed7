import { NumberInput, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ParamValue } from '../../../shared/pipeline/spec.ts'
import type { ForcedDecision } from '../../../shared/run/recovery.ts'
import { withEdit } from '../../state/recovery.ts'
import { VersionChoice, type Version } from '../../ui/VersionChoice.tsx'
import { PlanEdits } from '../run/PlanEdits.tsx'
import type { WaveFiles } from './use-wave-files.ts'
import { WaveParams } from './WaveParams.tsx'
import css from './Wave.module.css'

export interface WaveChoice {
  canary: number
  batch: number
  otherMax: number
  version: Version
  /** Those that are to be others, for all; null: what is written does not fit yet. */
  params: Record<string, ParamValue> | null
  /** For each run that has such a task. */
  forced: readonly ForcedDecision[]
  /** Runs that a person wants to go first, in this order. */
  first: readonly string[]
  reason: string
}

interface Props {
  choice: WaveChoice
  files: WaveFiles
  onChoose: (choice: WaveChoice) => void
  /** A change waits for its reason. */
  onAsking: (isAsking: boolean) => void
}

/** What a person wants of a wave. */
export function WaveForm({ choice, files, onChoose, onAsking }: Props) {
  const { canary, batch, otherMax, version, forced, reason } = choice
  const [draft, setDraft] = useState<Omit<ForcedDecision, 'reason'> | null>(null)
  const free = files.tasks.filter((task) => !forced.some((one) => one.task === task))

  function ask(next: typeof draft): void {
    setDraft(next)
    onAsking(next !== null)
  }

  const change = (label: string, decision: ForcedDecision['decision']) => (
    <Select
      w={150}
      label={label}
      placeholder="Choose a task"
      searchable
      limit={tasksShownMax}
      nothingFoundMessage="There is no such task"
      data={free}
      value={draft?.decision === decision ? draft.task : null}
      onChange={(task) => task !== null && ask({ task, item: null, decision })}
    />
  )

  return (
    <>
      <div className={css['options']}>
        <VersionChoice
          many
          value={version}
          onChange={(value) => onChoose({ ...choice, version: value, params: {} })}
        />
        {version === 'fixed' && files.params.length > 0 && (
          <WaveParams specs={files.params} onParams={(params) => onChoose({ ...choice, params })} />
        )}
        {change('Run again in each', 'run')}
        {change('Leave out of each', 'leave')}
        <Count
          label="Canary runs"
          max={100}
          value={canary}
          onChange={(value) => onChoose({ ...choice, canary: value })}
        />
        <Count
          label="Then at a time"
          max={1000}
          value={batch}
          onChange={(value) => onChoose({ ...choice, batch: value })}
        />
        <Count
          label="Other failures"
          max={1000}
          value={otherMax}
          onChange={(value) => onChoose({ ...choice, otherMax: value })}
        />
        <TextInput
          className={css['reason']}
          label="Reason"
          placeholder="What was mended; kept in the audit"
          maxLength={1000}
          value={reason}
          onChange={(event) => onChoose({ ...choice, reason: event.currentTarget.value })}
        />
      </div>
      <PlanEdits
        edits={forced}
        draft={draft}
        onUndo={(which) => onChoose({ ...choice, forced: withEdit(forced, which, null) })}
        onDrop={() => ask(null)}
        onKeep={(edit) => {
          onChoose({ ...choice, forced: withEdit(forced, edit, edit) })
          ask(null)
        }}
      />
      <p className={css['rule']}>{ruleWords(choice)}</p>
    </>
  )
}

const tasksShownMax = 60

function ruleWords({ canary, batch, otherMax }: WaveChoice): string {
  const first = canary === 1 ? 'The first run goes alone' : `The first ${canary} runs go alone`
  const rest = canary === 1 ? 'it has' : 'they have'
  const others =
    otherMax === 1 ? 'so does one that fails for another' : `so do ${otherMax} that fail for others`
  return `${first}. Once ${rest} recovered, the rest follows ${batch === 1 ? 'one by one' : `${batch} at a time`}. A run that fails for the same reason again stops it all, and ${others}.`
}

interface CountProps {
  label: string
  max: number
  value: number
  onChange: (value: number) => void
}

function Count({ label, max, value, onChange }: CountProps) {
  return (
    <NumberInput
      label={label}
      w={104}
      min={1}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      value={value}
      onChange={(typed) => onChange(Math.max(1, Number(typed) || 1))}
    />
  )
}
