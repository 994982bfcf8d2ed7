import { Button, Tooltip } from '@mantine/core'
import { useState } from 'react'
import type { AttemptView, TaskView } from '../../../shared/run/run-view.ts'
import type { UnknownDecision } from '../../../shared/run/events.ts'
import { selectNode } from '../../state/run.ts'
import { failoverNo, policyWords } from '../../state/unknown-words.ts'
import { useNow } from '../../state/use-now.ts'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { durationWords, exactWords } from '../../ui/time-words.ts'
import { SettleDialog } from './SettleDialog.tsx'
import { useRun } from './run-context.ts'
import css from './UnknownPanel.module.css'

/** Nobody knows how the attempt fared: what that means, what will be done, and what a person may do. */
export function UnknownPanel({ task, attempt }: { task: TaskView; attempt: AttemptView }) {
  const node = useRun(selectNode(task.task))
  const run = useRun((state) => state.view?.run ?? '')
  const nowMs = useNow()
  const [asked, setAsked] = useState<UnknownDecision | null>(null)
  const forbidden = failoverNo(node)
  const policy = policyWords(node, attempt, nowMs)
  return (
    <section className={css['panel']} aria-label="Outcome unknown">
      <StateIcon look={TASK_LOOK.unknown} size={18} silent />
      <div className={css['words']}>
        <p>
          <strong>Its outcome is not known</strong>
          {attempt.unknownAt !== undefined && (
            <span className="soft num" title={exactWords(attempt.unknownAt)}>
              {' '}
              for {durationWords(nowMs - attempt.unknownAt)}
            </span>
          )}
          {'. '}
          {sentence(attempt)}
        </p>
        <p className="soft">
          It has not failed: it may still run on {attempt.host}, or have ended there. Sluice asks as
          soon as the host answers, and goes on from what it says. {policy}
          {forbidden !== null && ` Another host may not have it meanwhile: ${forbidden}.`}
        </p>
      </div>
      <div className={css['buttons']}>
        <Button variant="default" onClick={() => setAsked('wait')}>
          Wait longer
        </Button>
        <Tooltip
          label={forbidden === null ? '' : `Not here: ${forbidden}.`}
          disabled={forbidden === null}
          multiline
        >
          <Button
            variant="default"
            // Not `disabled`: the reason must be found by the keyboard, too.
            aria-disabled={forbidden !== null}
            {...(forbidden !== null && { 'data-disabled': true })}
            aria-description={forbidden === null ? undefined : `Not here: ${forbidden}.`}
            onClick={() => forbidden === null && setAsked('failover')}
          >
            Fail over
          </Button>
        </Tooltip>
        <Button variant="default" onClick={() => setAsked('fail')}>
          Give it up
        </Button>
      </div>
      <SettleDialog
        asked={asked}
        run={run}
        task={task}
        attempt={attempt}
        node={node}
        onClose={() => setAsked(null)}
      />
    </section>
  )
}

function sentence({ unknownWhy }: AttemptView): string {
  const words = unknownWhy ?? ''
  return words === '' || /[.!?]$/.test(words) ? words : `${words}.`
}
