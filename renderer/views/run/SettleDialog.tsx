import type { GraphNode } from '../../../shared/api/views.ts'
import type { AttemptView, TaskView } from '../../../shared/run/run-view.ts'
import type { UnknownDecision } from '../../../shared/run/events.ts'
import { assertNever } from '../../../shared/run/states.ts'
import { useStores } from '../../state/stores.ts'
import { ReasonDialog, type ReasonWords } from '../../ui/ReasonDialog.tsx'

interface Props {
  asked: UnknownDecision | null
  run: string
  task: TaskView
  attempt: AttemptView
  node: GraphNode | undefined
  onClose: () => void
}

/** A person decides about an unknown outcome, and says why. */
export function SettleDialog({ asked, run, task, attempt, node, onClose }: Props) {
  const { bridge } = useStores()
  return (
    <ReasonDialog
      words={asked === null ? null : settleWords(asked, task.task, attempt.host, node)}
      act={async (reason) => {
        if (asked === null) return
        const which = { run, task: task.task, item: task.item }
        await bridge.call('run.settle', { ...which, decision: asked, reason })
      }}
      onClose={onClose}
    />
  )
}

function settleWords(
  decision: UnknownDecision,
  task: string,
  host: string,
  node: GraphNode | undefined,
): ReasonWords {
  const kept = 'Kept with the run and in the audit. May be empty.'
  switch (decision) {
    case 'wait':
      return {
        title: `Wait longer for ${task}?`,
        text:
          node?.unknown?.actsAfterMs === null
            ? `It is noted that you wait; nothing else changes. ${host} is asked as soon as it answers.`
            : `The wait of its policy begins again now. Nothing else changes, and ${host} is asked as soon as it answers.`,
        kept,
        leave: 'Back',
        act: 'Wait longer',
      }
    case 'failover':
      return {
        title: `Let another host take ${task} over?`,
        text: `Another host of ${node?.pool?.name ?? 'its pool'} starts it at once, though the copy on ${host} may still run. When ${host} is back, that copy is stopped and proved gone before anything else happens there. Its effect is ${node?.effect ?? 'not stated'}, so running twice does no harm.`,
        kept,
        leave: 'Back',
        act: 'Fail over',
      }
    case 'fail':
      return {
        title: `Give ${task} up?`,
        text: `The task fails now, and what needs it does not run. If the copy on ${host} still runs, it is stopped and proved gone when ${host} is back. A resume of the run starts the task again.`,
        kept,
        leave: 'Back',
        act: 'Give it up',
        grave: true,
      }
    default:
      return assertNever(decision)
  }
}
