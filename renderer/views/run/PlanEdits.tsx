import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ForcedDecision } from '../../../shared/run/recovery.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { Tool } from '../../ui/Tool.tsx'
import css from './ResumeDialog.module.css'

interface Props {
  edits: readonly ForcedDecision[]
  draft: Omit<ForcedDecision, 'reason'> | null
  onUndo: (which: { task: string; item: number | null }) => void
  onDrop: () => void
  onKeep: (edit: ForcedDecision) => void
}

/** What a person has changed in the plan, each with its reason and the way back. */
export function PlanEdits({ edits, draft, onUndo, onDrop, onKeep }: Props) {
  return (
    <>
      {edits.length > 0 && (
        <ul className={css['edits']} aria-label="Your changes">
          {edits.map((edit) => {
            const key = taskKey(edit.task, edit.item)
            return (
              <li key={key}>
                <span>
                  <strong>{key}</strong> {edit.decision === 'run' ? 'runs' : 'is left out'}:{' '}
                  <span className="soft">{edit.reason}</span>
                </span>
                <Tool icon="close" label={`Take back: ${key}`} onClick={() => onUndo(edit)} />
              </li>
            )
          })}
        </ul>
      )}
      {draft !== null && (
        <Why key={taskKey(draft.task, draft.item)} draft={draft} onDrop={onDrop} onKeep={onKeep} />
      )}
    </>
  )
}

function Why(props: {
  draft: Omit<ForcedDecision, 'reason'>
  onDrop: () => void
  onKeep: (edit: ForcedDecision) => void
}) {
  const { draft, onDrop, onKeep } = props
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const key = taskKey(draft.task, draft.item)
  const isRun = draft.decision === 'run'
  return (
    <form
      className={css['why']}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (reason.trim() !== '') onKeep({ ...draft, reason: reason.trim() })
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDrop()
      }}
    >
      <TextInput
        className={css['reason']}
        label={isRun ? `Why does ${key} run?` : `Why is ${key} left out?`}
        placeholder={
          isRun ? 'Its table was dropped by hand' : 'The shop is closed, there is no file'
        }
        maxLength={1000}
        autoFocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried && reason.trim() === '' ? 'Say why.' : undefined}
      />
      <Button type="submit" variant="default">
        {isRun ? 'Run it' : 'Leave it out'}
      </Button>
      <Button variant="subtle" color="gray" onClick={onDrop}>
        Not now
      </Button>
    </form>
  )
}
