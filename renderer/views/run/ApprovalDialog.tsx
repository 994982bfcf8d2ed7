import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState, type KeyboardEvent } from 'react'
import type { ParamSpec } from '../../../shared/pipeline/spec.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import { timeLeftWords } from '../../state/approval-words.ts'
import { dropOrder, type WhichTask } from '../../state/orders.ts'
import { checkDraft, firstDraft } from '../../state/param-form.ts'
import { selectNode, selectTask } from '../../state/run.ts'
import { useStores } from '../../state/stores.ts'
import { isAsking } from '../../state/task-look.ts'
import { useNow } from '../../state/use-now.ts'
import { Failure } from '../../ui/Failure.tsx'
import { ParamField } from '../../ui/ParamField.tsx'
import { useOneAct } from '../../ui/use-one-act.ts'
import { useRun } from './run-context.ts'
import css from './Approval.module.css'

const noForm: readonly ParamSpec[] = []

/** A question to a person, with what it asks them to fill in. */
export function ApprovalDialog({ asked, run }: { asked: WhichTask | null; run: string }) {
  // It stays while the dialog fades out.
  const [last, setLast] = useState(asked)
  if (asked !== null && asked !== last) setLast(asked)
  return (
    <Modal
      opened={asked !== null}
      onClose={dropOrder}
      title={last === null ? '' : `${taskKey(last.task, last.item)} waits for you`}
      size="md"
    >
      {last !== null && <Question which={last} run={run} />}
    </Modal>
  )
}

function Question({ which, run }: { which: WhichTask; run: string }) {
  const { bridge } = useStores()
  const task = useRun(selectTask(taskKey(which.task, which.item)))
  const spec = useRun(selectNode(which.task))?.approval
  const form = spec?.form ?? noForm
  const [draft, setDraft] = useState(() => firstDraft(form))
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState<'approved' | 'rejected' | null>(null)
  const { busy, failure, perform } = useOneAct()
  const nowMs = useNow()
  const { values, problems } = checkDraft(form, draft)
  const approval = task?.approval
  if (task === undefined || approval === undefined || !isAsking(task))
    return <p className="soft">This is no longer asked.</p>

  async function answer(decision: 'approved' | 'rejected'): Promise<void> {
    if (busy) return
    setTried(decision)
    if (decision === 'approved' && Object.keys(problems).length > 0) return
    if (decision === 'rejected' && reason.trim() === '') return
    await perform(async () => {
      await bridge.call('run.approve', {
        run,
        task: which.task,
        item: which.item,
        decision,
        reason: reason.trim(),
        values: decision === 'approved' ? values : {},
      })
      dropOrder()
    })
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    void answer('approved')
  }

  return (
    <form
      noValidate
      className={css['form']}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        void answer('approved')
      }}
    >
      <p className={css['message']}>{approval.message}</p>
      {form.map((param) => (
        <ParamField
          key={param.name}
          param={param}
          written={draft[param.name] ?? ''}
          problem={tried === 'approved' ? problems[param.name] : undefined}
          onWrite={(written) => setDraft({ ...draft, [param.name]: written })}
        />
      ))}
      <Textarea
        label="Reason"
        description="Kept with the run and in the audit. Needed to reject."
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1000}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried === 'rejected' && reason.trim() === '' ? 'Say why.' : undefined}
      />
      <Failure error={failure} />
      <p className="faint">{timeLeftWords(approval, spec, nowMs)}</p>
      <Group className="dialogFoot" justify="flex-end" gap="xs">
        <Button variant="default" onClick={dropOrder}>
          Not now
        </Button>
        <Button
          variant="default"
          color="red"
          loading={busy && tried === 'rejected'}
          onClick={() => void answer('rejected')}
        >
          Reject
        </Button>
        <Button type="submit" loading={busy && tried === 'approved'} title="Ctrl Enter">
          Approve
        </Button>
      </Group>
    </form>
  )
}
