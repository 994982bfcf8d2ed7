import { Button, Checkbox, Group, Modal, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { AskRow } from '../../../shared/api/views.ts'
import { selectAsks } from '../../state/asks.ts'
import { selectHost } from '../../state/hosts.ts'
import { useStores } from '../../state/stores.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Failure } from '../../ui/Failure.tsx'
import { isSomebodyBusy } from '../../ui/is-writing.ts'
import { countWords } from '../../ui/time-words.ts'
import { useOneAct } from '../../ui/use-one-act.ts'
import { askViewStore, showAsk } from './ask-view-store.ts'
import { askWords, hopWords } from './ask-words.ts'
import css from './AskDialog.module.css'

/** How long it stays after an answer, for the next question of the same sign-in. */
const settleMsMax = 8_000

/** What a login wants to know. It opens by itself only where that takes the focus from nobody. */
export function AskDialog() {
  const { asks: store } = useStores()
  const asks = useStore(store, selectAsks)
  const shown = useStore(askViewStore, (state) => state.shown)
  const [sentFor, setSentFor] = useState<string | null>(null)
  const seen = useRef(new Set<string>())

  useEffect(() => {
    const fresh = asks.filter(({ id }) => !seen.current.has(id))
    for (const { id } of fresh) seen.current.add(id)
    const next = sentFor === null ? fresh[0] : fresh.find((ask) => ask.question.host === sentFor)
    if (next === undefined) return
    // The dialog has the focus already while it waits for the same sign-in.
    if (sentFor === null && (shown !== null || isSomebodyBusy())) return
    showAsk(next)
    // oxlint-disable-next-line react/set-state-in-effect
    setSentFor(null)
    // A question is offered once, when it comes.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [asks])

  const close = (): void => {
    showAsk(null)
    setSentFor(null)
  }
  const others = asks.filter(({ id }) => id !== shown?.id)
  return (
    <Modal
      opened={shown !== null}
      onClose={close}
      title={shown === null ? '' : sentFor === null ? askWords(shown.question).title : 'Signing in'}
      size="md"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Answer later' }}
    >
      {shown !== null && sentFor !== null && <Sent host={sentFor} onClose={close} />}
      {shown !== null && sentFor === null && (
        <Question
          key={shown.id}
          ask={shown}
          isAsked={asks.some(({ id }) => id === shown.id)}
          others={others}
          onSent={() => {
            // Another host's question may wait already; one of this host follows soon or not at all.
            const next = others[0]
            if (next === undefined) setSentFor(shown.question.host)
            else showAsk(next)
          }}
          onNext={() => (others[0] === undefined ? close() : showAsk(others[0]))}
        />
      )}
    </Modal>
  )
}

interface QuestionProps {
  ask: AskRow
  /** False: it was answered elsewhere, or the login has ended. */
  isAsked: boolean
  others: readonly AskRow[]
  onSent: () => void
  onNext: () => void
}

function Question({ ask, isAsked, others, onSent, onNext }: QuestionProps) {
  const { asks, hosts } = useStores()
  const address = useStore(hosts, selectHost(ask.question.host))?.address ?? ''
  const [answer, setAnswer] = useState('')
  const [remember, setRemember] = useState(false)
  const { busy, failure, perform } = useOneAct()
  const words = askWords(ask.question)
  const send = (text: string | null): Promise<void> =>
    perform(async () => {
      await asks.answer(ask.id, text, text !== null && remember)
      setAnswer('')
      if (text === null) onNext()
      else onSent()
    })

  if (!isAsked && !busy)
    return (
      <>
        <p className="soft" role="status">
          This is no longer asked: it was answered elsewhere, or the sign-in to {ask.question.host}{' '}
          has ended. Nothing was sent.
        </p>
        <Group className="dialogFoot" justify="flex-end" mt="xs">
          <Button onClick={onNext} autoFocus>
            {others.length === 0 ? 'Close' : 'Next question'}
          </Button>
        </Group>
      </>
    )
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void send(answer)
      }}
    >
      <p className="soft">{words.lead}</p>
      <div className={css['facts']}>
        <Facts>
          <Fact name="Host">{ask.question.host}</Fact>
          <Fact name={ask.question.kind === 'passphrase' ? 'Needed' : 'Asked by'} mono>
            {hopWords(ask.question, address)}
          </Fact>
        </Facts>
      </div>
      {words.said !== '' && (
        <figure className={css['said']}>
          <figcaption>The machine says</figcaption>
          <pre>{words.said}</pre>
        </figure>
      )}
      <TextInput
        label={words.label}
        type={words.secret ? 'password' : 'text'}
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={10_000}
        data-autofocus
        // The dialog stays open from one question to the next, and each begins at its field.
        autoFocus
        value={answer}
        onChange={(event) => setAnswer(event.currentTarget.value)}
      />
      <Failure error={failure} apart />
      {ask.canRemember && (
        <Checkbox
          mt="sm"
          size="xs"
          label="Keep it in this system's key store"
          checked={remember}
          onChange={(event) => setRemember(event.currentTarget.checked)}
        />
      )}
      <Group className="dialogFoot" justify="flex-end" mt="xs" gap="xs">
        {others.length > 0 && (
          <span className={`${css['more']} faint`}>
            {countWords(others.length, 'more question')} after this
          </span>
        )}
        <Button variant="default" onClick={() => void send(null)} disabled={busy}>
          Cancel the sign-in
        </Button>
        <Button type="submit" loading={busy}>
          Answer
        </Button>
      </Group>
    </form>
  )
}

/** A sign-in often asks twice: the dialog waits here for the second question instead of coming and going. */
function Sent({ host, onClose }: { host: string; onClose: () => void }) {
  const { hosts } = useStores()
  const link = useStore(hosts, selectHost(host))?.link
  useEffect(() => {
    if (link !== 'connecting') return onClose()
    const timer = setTimeout(onClose, settleMsMax)
    return () => clearTimeout(timer)
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [link])
  return (
    <>
      <p className="soft" role="status">
        The answer is on its way to {host}.
      </p>
      <Group className="dialogFoot" justify="flex-end" mt="xs">
        <Button variant="default" onClick={onClose} autoFocus>
          Close
        </Button>
      </Group>
    </>
  )
}
