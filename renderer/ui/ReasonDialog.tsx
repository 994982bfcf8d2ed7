import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Failure } from './Failure.tsx'
import { useOneAct } from './use-one-act.ts'

export interface ReasonWords {
  title: string
  /** What it will do, before it is done. */
  text: ReactNode
  /** Where the reason stays. */
  kept: string
  example?: string
  /** The button that does nothing, and the one that does it. */
  leave: string
  act: string
  /** It is not done without a reason. */
  needsReason?: boolean
  /** It ends something that a person may want to keep. */
  grave?: boolean
}

interface Props {
  /** Null: closed. */
  words: ReasonWords | null
  /** What it throws stands in the dialog, which stays. */
  act: (reason: string) => Promise<void>
  onClose: () => void
}

/** Says what an act will do and asks for its reason. Each opening begins without one. */
export function ReasonDialog({ words, act, onClose }: Props) {
  // The words stay while the dialog fades out.
  const [last, setLast] = useState(words)
  if (words !== null && words !== last) setLast(words)
  return (
    <Modal opened={words !== null} onClose={onClose} title={last?.title} size="md">
      {last !== null && <Form words={last} act={act} onClose={onClose} />}
    </Modal>
  )
}

function Form({ words, act, onClose }: Props & { words: ReasonWords }) {
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const { busy, failure, perform } = useOneAct()
  const lacksReason = words.needsReason === true && reason.trim() === ''

  function submit(): void {
    setTried(true)
    if (lacksReason) return
    void perform(async () => {
      await act(reason.trim())
      onClose()
    })
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        submit()
      }}
    >
      <p className="soft">{words.text}</p>
      <Textarea
        mt="sm"
        label="Reason"
        withAsterisk={words.needsReason === true}
        description={words.kept}
        placeholder={words.example}
        autosize
        minRows={2}
        maxRows={10}
        maxLength={1000}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={tried && lacksReason ? 'Say why.' : undefined}
      />
      <Failure error={failure} apart />
      <Group className="dialogFoot" justify="flex-end" mt="xs" gap="xs">
        <Button variant="default" onClick={onClose}>
          {words.leave}
        </Button>
        <Button
          type="submit"
          loading={busy}
          title="Ctrl Enter"
          {...(words.grave === true && { color: 'red' })}
        >
          {words.act}
        </Button>
      </Group>
    </form>
  )
}
