import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import type { GraphNode } from '../../../shared/api/views.ts'
import type { AttemptView, TaskView } from '../../../shared/run/fold.ts'
import type { UnknownDecision } from '../../../shared/run/events.ts'
import { assertNever } from '../../../shared/run/states.ts'
import { useStores } from '../../state/stores.ts'

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
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')
  // The words stay while the dialog fades out.
  const [last, setLast] = useState<UnknownDecision>('wait')
  if (asked !== null && asked !== last) setLast(asked)
  const words = settleWords(last, task.task, attempt.host, node)

  async function settle(): Promise<void> {
    if (asked === null) return
    setBusy(true)
    setFailure('')
    try {
      await bridge.call('run.settle', {
        run,
        task: task.task,
        item: task.item,
        decision: asked,
        reason,
      })
      setReason('')
      onClose()
    } catch (error) {
      setFailure(errorShape(error).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Modal opened={asked !== null} onClose={onClose} title={words.title} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void settle()
        }}
      >
        <p className="soft">{words.text}</p>
        <Textarea
          mt="sm"
          label="Reason"
          description="Kept with the run and in the audit. May be empty."
          autosize
          minRows={2}
          maxLength={1000}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={failure || undefined}
        />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={busy} {...(last === 'fail' && { color: 'red' })}>
            {words.button}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

function settleWords(
  decision: UnknownDecision,
  task: string,
  host: string,
  node: GraphNode | undefined,
): { title: string; text: string; button: string } {
  switch (decision) {
    case 'wait':
      return {
        title: `Wait longer for ${task}?`,
        text: `The wait of its policy begins again now. Nothing else changes, and ${host} is asked as soon as it answers.`,
        button: 'Wait longer',
      }
    case 'failover':
      return {
        title: `Let another host take ${task} over?`,
        text: `Another host of ${node?.pool?.name ?? 'its pool'} starts it at once, though the copy on ${host} may still run. When ${host} is back, that copy is stopped and proved gone before anything else happens there. Its effect is ${node?.effect ?? 'not stated'}, so running twice does no harm.`,
        button: 'Fail over',
      }
    case 'fail':
      return {
        title: `Give ${task} up?`,
        text: `The task fails now, and what needs it does not run. If the copy on ${host} still runs, it is stopped and proved gone when ${host} is back. A resume of the run starts the task again.`,
        button: 'Give it up',
      }
    default:
      return assertNever(decision)
  }
}
