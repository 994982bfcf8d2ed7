import { Button, Group, Modal } from '@mantine/core'
import { useState } from 'react'
import type { ForcedDecision } from '../../../shared/run/recovery.ts'
import type { RunView } from '../../../shared/run/run-view.ts'
import { dropOrder } from '../../state/orders.ts'
import { countPlan, planWords, withEdit } from '../../state/recovery.ts'
import { parseRoute, turn } from '../../state/route.ts'
import { Blank, ErrorBlank, Loading } from '../../ui/Blank.tsx'
import { Icon } from '../../ui/Icon.tsx'
import { countWords } from '../../ui/time-words.ts'
import { PlanEdits } from './PlanEdits.tsx'
import { PlanRows } from './PlanRows.tsx'
import { RecoveryForm, type RecoveryChoice } from './RecoveryForm.tsx'
import { useRun } from './run-context.ts'
import { useRecoveryPlan } from './use-recovery-plan.ts'
import css from './ResumeDialog.module.css'

interface Asked {
  from: readonly string[]
  only: boolean
}

/** Shows what a resume will do, and why, before it does anything. */
export function ResumeDialog({ asked, run }: { asked: Asked | null; run: string }) {
  return (
    <Modal opened={asked !== null} onClose={dropOrder} title="Resume this run" size={860}>
      {asked !== null && <Plan asked={asked} run={run} />}
    </Modal>
  )
}

const changesMax = 5

function Plan({ asked, run }: { asked: Asked; run: string }) {
  const view = useRun((state) => state.view) as RunView
  const [choice, setChoice] = useState<RecoveryChoice>({
    version: 'pinned',
    from: asked.from,
    only: asked.only,
    upstream: false,
    params: {},
  })
  const [edits, setEdits] = useState<readonly ForcedDecision[]>([])
  /** The row for which a person is writing down why. */
  const [draft, setDraft] = useState<Omit<ForcedDecision, 'reason'> | null>(null)
  const { version, from, only, upstream, params } = choice
  // Where all went well there is nothing to resume until a person says what runs again.
  const isOpen = from.length === 0 && edits.length === 0 && !isUnfinished(view)
  const shown = useRecoveryPlan(
    params === null || isOpen
      ? null
      : { run, version, from: [...from], only, upstream, params, forced: [...edits] },
  )
  const { preview, error, isPlanning, changes } = shown
  const plan = preview?.plan ?? []
  const counts = countPlan(plan, view.tasks, edits)
  const runs = counts.run ?? 0

  async function resume(): Promise<void> {
    if (!(await shown.resume())) return
    dropOrder()
    showNewestAttempt()
  }

  return (
    <div className={css['dialog']}>
      <RecoveryForm choice={choice} view={view} onChoose={setChoice} preview={preview} />
      {changes.length > 0 && (
        <div className={css['changed']} role="alert">
          <Icon name="warning" size={14} />
          <div>
            <strong>The plan is another by now: look at it again.</strong>
            <ul>
              {changes.slice(0, changesMax).map((change) => (
                <li key={change}>{change}</li>
              ))}
              {changes.length > changesMax && <li>and {changes.length - changesMax} more</li>}
            </ul>
          </div>
        </div>
      )}
      <div className={css['plan']} aria-busy={isPlanning}>
        {isOpen ? (
          <Blank icon="resume" title="Choose the tasks to run again from">
            Nothing of this run has failed. All that comes after them runs again, too.
          </Blank>
        ) : error !== null ? (
          <ErrorBlank error={error} />
        ) : preview === null ? (
          <Loading rows={4} label="Planning" />
        ) : (
          <PlanRows
            plan={plan}
            edits={edits}
            onEdit={setDraft}
            onUndo={(which) => setEdits(withEdit(edits, which, null))}
          />
        )}
      </div>
      <PlanEdits
        edits={edits}
        draft={draft}
        onUndo={(which) => setEdits(withEdit(edits, which, null))}
        onDrop={() => setDraft(null)}
        onKeep={(edit) => {
          setEdits(withEdit(edits, edit, edit))
          setDraft(null)
        }}
      />
      <Group justify="space-between" mt="sm" wrap="nowrap">
        <span className="soft" role="status">
          {preview === null || isOpen
            ? ''
            : runs === 0
              ? 'Nothing runs again: the run ends as its tasks count now'
              : planWords(counts)}
        </span>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" onClick={dropOrder}>
            Not now
          </Button>
          <Button
            data-autofocus
            loading={shown.isBusy}
            disabled={error !== null || isPlanning || isOpen || params === null || draft !== null}
            onClick={() => void resume()}
          >
            {runs > 0 && !isOpen ? `Resume, run ${countWords(runs, 'task')}` : 'Resume'}
          </Button>
        </Group>
      </Group>
    </div>
  )
}

/** Something of it failed, or all that did was marked since it had ended. */
function isUnfinished({ counts, state }: RunView): boolean {
  const { failed = 0, upstream_failed: held = 0, cancelled = 0 } = counts
  return failed + held + cancelled > 0 || state === 'failed' || state === 'cancelled'
}

// The old attempt's log was worth reading until now; what comes next is in a new one.
function showNewestAttempt(): void {
  const here = parseRoute(location.hash)
  if (here.page === 'run') turn({ ...here, attempt: null, line: null })
}
