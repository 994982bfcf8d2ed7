import type { TaskView } from '../../../shared/run/run-view.ts'
import { progressOf, savedWords, unsavedWords } from '../../../shared/run/checkpoint-words.ts'
import { Icon } from '../../ui/Icon.tsx'
import { exactWords } from '../../ui/time-words.ts'
import css from './CheckpointBar.module.css'

/** What the task has saved, and what becomes of it. `attempt`: the one that is shown; null: none yet. */
export function CheckpointBar({ task, attempt }: { task: TaskView; attempt: number | null }) {
  return (
    <>
      <Saved task={task} attempt={attempt} />
      <Unsaved task={task} />
    </>
  )
}

function Unsaved({ task }: { task: TaskView }) {
  const words = unsavedWords(task)
  if (words === '') return null
  return (
    <div className={css['bar']} data-tone="warn" role="note" aria-label="Checkpoint not saved">
      <Icon name="warning" size={14} />
      <span className={css['unsaved']}>{words}</span>
    </div>
  )
}

function Saved({ task, attempt }: { task: TaskView; attempt: number | null }) {
  const { checkpoint } = task
  if (checkpoint === undefined) return null
  const progress = progressOf(checkpoint.values)
  const lines = Object.entries(checkpoint.values).map(([key, value]) => `${key}=${value}`)
  return (
    <div className={css['bar']} role="note" aria-label="Checkpoint" title={lines.join('\n')}>
      <Icon name="save" size={14} />
      <span className={`${css['words']} cut`}>{savedWords(task, attempt)}</span>
      {progress !== null && (
        <progress
          className={css['progress']}
          value={progress.at}
          max={progress.total}
          aria-label={`${progress.name} ${progress.at} of ${progress.total}`}
        />
      )}
      <span
        className="faint"
        title={`Saved ${exactWords(checkpoint.savedAt)}, by its host's clock`}
      >
        saved by attempt {checkpoint.attempt}
      </span>
    </div>
  )
}
