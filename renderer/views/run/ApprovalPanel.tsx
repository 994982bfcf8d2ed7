import { Button } from '@mantine/core'
import type { TaskView } from '../../../shared/run/run-view.ts'
import { decidedWords, timeLeftWords } from '../../state/approval-words.ts'
import { askOrder } from '../../state/orders.ts'
import { selectNode } from '../../state/run.ts'
import { isAsking } from '../../state/task-look.ts'
import { useNow } from '../../state/use-now.ts'
import { Icon } from '../../ui/Icon.tsx'
import { TASK_LOOK } from '../../ui/state-look.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { useRun } from './run-context.ts'
import css from './Approval.module.css'

/** A question to a person: what is asked, how long it waits, what was answered. */
export function ApprovalPanel({ task }: { task: TaskView }) {
  const spec = useRun(selectNode(task.task))?.approval
  const { approval } = task
  const asking = isAsking(task)
  const nowMs = useNow(asking)
  if (approval === undefined) return null
  const { decided } = approval
  return (
    <div className={css['panel']}>
      <p className={css['message']}>{approval.message}</p>
      {asking && (
        <>
          <p className="soft">{timeLeftWords(approval, spec, nowMs)}</p>
          <Button
            leftSection={<Icon name="person" size={13} />}
            onClick={() => askOrder({ kind: 'answer', task: task.task, item: task.item })}
          >
            Answer
          </Button>
        </>
      )}
      {!asking && decided === null && <p className="soft">Nobody answered. {task.why}</p>}
      {decided !== null && (
        <>
          <p className={css['line']}>
            <StateIcon
              look={decided.decision === 'approved' ? TASK_LOOK.succeeded : TASK_LOOK.failed}
              silent
            />
            {decidedWords(decided)}
          </p>
          {decided.reason !== '' && <p className="soft">{decided.reason}</p>}
          {Object.keys(decided.values).length > 0 && (
            <dl className={css['values']}>
              {Object.entries(decided.values).map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt>{name}</dt>
                  <dd className="mono">{String(value)}</dd>
                </div>
              ))}
            </dl>
          )}
        </>
      )}
    </div>
  )
}
