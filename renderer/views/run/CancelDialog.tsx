import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState } from 'react'
import { errorShape } from '../../../shared/api/app-error.ts'
import { useStores } from '../../state/stores.ts'

interface Props {
  opened: boolean
  run: string
  pipeline: string
  onClose: () => void
}

export function CancelDialog({ opened, run, pipeline, onClose }: Props) {
  const { bridge } = useStores()
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState('')

  async function cancel(): Promise<void> {
    setBusy(true)
    setFailure('')
    try {
      await bridge.call('run.cancel', { run, reason })
      onClose()
    } catch (error) {
      setFailure(errorShape(error).message)
    } finally {
      setBusy(false)
    }
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Cancel this run of ${pipeline}?`} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void cancel()
        }}
      >
        <p className="soft">
          Tasks that run are stopped on their hosts, and Sluice checks that nothing of them is left.
          What has succeeded is kept: a resume goes on from there.
        </p>
        <Textarea
          mt="sm"
          label="Reason"
          description="Kept with the run. May be empty."
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
            Keep it running
          </Button>
          <Button type="submit" color="red" loading={busy}>
            Cancel the run
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
