import type { TaskView } from '../../../shared/run/run-view.ts'
import { isTaskGood } from '../../../shared/run/states.ts'
import { checkpointWords, progressOf } from '../../state/checkpoint-words.ts'
import { Icon } from '../../ui/Icon.tsx'
import { exactWords } from '../../ui/time-words.ts'
import css from './CheckpointBar.module.css'

/** What the task has saved, and what becomes of it. `attempt`: the one that is shown; null: none yet. */
export function CheckpointBar({ task, attempt }: { task: TaskView; attempt: number | null }) {
  const { checkpoint } = task
  if (checkpoint === undefined) return null
  const progress = progressOf(checkpoint.values)
  const lines = Object.entries(checkpoint.values).map(([key, value]) => `${key}=${value}`)
  return (
    <div className={css['bar']} role="note" aria-label="Checkpoint" title={lines.join('\n')}>
      <Icon name="save" size={14} />
      <span className={`${css['words']} cut`}>
        {lead(task, attempt)} {checkpointWords(checkpoint)}
      </span>
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

function lead(task: TaskView, attempt: number | null): string {
  const { checkpoint } = task
  const last = task.attempts.at(-1)
  if (attempt !== null && checkpoint !== undefined && attempt > checkpoint.attempt)
    return attempt === last?.number && last.end === null ? 'Resumes from' : 'Resumed from'
  if (attempt === null || (last !== undefined && last.end !== null && !isTaskGood(task.state)))
    return 'The next attempt resumes from'
  return 'Has saved'
}
