import { Button, Switch } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useStores } from '../state/stores.ts'
import { BarSpace, BarState, TerminalPane } from '../terminal/TerminalPane.tsx'
import { Icon } from '../ui/Icon.tsx'
import { countWords } from '../ui/time-words.ts'
import { Tool } from '../ui/Tool.tsx'
import type { PasteText } from './paste-text.ts'
import type { ShellAddress, ShellSession } from './shell-session.ts'
import {
  closeShell,
  openShell,
  selectShell,
  shellKey,
  shellsMax,
  shellsStore,
} from './shells-store.ts'
import paneCss from '../terminal/TerminalPane.module.css'
import css from './ShellView.module.css'

interface Props {
  address: ShellAddress
  host: string
}

/** A terminal on the host of an attempt, in its folder. */
export function ShellView({ address, host }: Props) {
  const session = useStore(shellsStore, selectShell(shellKey(address)))
  if (session === undefined) return <Start address={address} host={host} />
  return <Opened key={shellKey(address)} session={session} />
}

/** Nothing is opened, and no secret shown, before a person says so. */
function Start({ address, host }: Props) {
  const { bridge } = useStores()
  const [secrets, setSecrets] = useState(false)
  const [failure, setFailure] = useState('')
  return (
    <form
      className={css['start']}
      onSubmit={(event) => {
        event.preventDefault()
        if (!openShell(bridge, address, { host, secrets }))
          setFailure(`${shellsMax} shells are open already. Close one first.`)
      }}
    >
      <h3>A shell on {host}</h3>
      <p className="soft">
        It opens in the folder of {address.task}, attempt {address.attempt}, with the environment
        that the attempt had. What a failed attempt left is kept for some days; of others it is a
        fresh folder with the same files. That it was opened, by whom and when, is kept in the
        audit; what is typed there is not.
      </p>
      {failure !== '' && (
        <p className={css['failure']} role="alert">
          {failure}
        </p>
      )}
      <div className={css['choices']}>
        <Button type="submit" autoFocus leftSection={<Icon name="shell" size={14} />}>
          Open the shell
        </Button>
        <Switch
          label="With the values of secrets"
          checked={secrets}
          onChange={(event) => setSecrets(event.currentTarget.checked)}
        />
      </div>
      <p className="faint">
        {secrets
          ? 'What a shell shows may be seen by others.'
          : 'Variables that look like secrets are left out.'}
      </p>
    </form>
  )
}

function Opened({ session }: { session: ShellSession }) {
  const { state, asked, said } = useStore(session)
  const place = useRef<HTMLDivElement>(null)
  const bar = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const leave = (): void => bar.current?.querySelector('button')?.focus()
    const detach = session.attach(place.current as HTMLElement, leave)
    session.focus()
    return detach
  }, [session])
  const key = shellKey(session.address)
  return (
    <TerminalPane
      label={`Shell on ${session.host}`}
      place={place}
      barRef={bar}
      bar={
        <>
          <Where session={session} />
          <BarSpace />
          <span className="faint" role="status">
            {said}
          </span>
          {state.kind === 'open' && (
            <span className={`${css['keys']} faint`}>
              <kbd>Ctrl Shift O</kbd> leaves it
            </span>
          )}
          <Tool
            icon="copy"
            label="Copy the selection (Ctrl Shift C)"
            onClick={() => session.copy()}
          />
          <Tool
            icon="reset"
            label="Reset the terminal"
            onClick={() => {
              session.reset()
              session.focus()
            }}
          />
          <Tool icon="close" label="Close the shell" onClick={() => closeShell(key)} />
        </>
      }
      cover={
        state.kind === 'opening' ? <p role="status">Opening a shell on {session.host}…</p> : null
      }
      below={
        <>
          {asked !== null && (
            <PasteBar paste={asked} onAnswer={(paste) => session.answerPaste(paste)} />
          )}
          {state.kind === 'ended' && <Ended session={session} why={state.why} hint={state.hint} />}
        </>
      }
    />
  )
}

function Where({ session }: { session: ShellSession }) {
  const state = useStore(session, (each) => each.state)
  return (
    <>
      <BarState kind={state.kind === 'open' ? 'open' : 'shut'}>{session.host}</BarState>
      {state.kind === 'open' && (
        <span className="mono faint cut" title={state.folder}>
          {state.folder}
        </span>
      )}
      {session.secrets && <span className={paneCss['notice']}>with secrets</span>}
    </>
  )
}

const previewChars = 2_000

function PasteBar(props: { paste: PasteText; onAnswer: (paste: boolean) => void }) {
  const { paste, onAnswer } = props
  const words = [
    paste.lines > 1
      ? `${countWords(paste.lines, 'line')} would be pasted`
      : 'A line would be pasted',
    paste.text.includes('\n') ? ', and may run at once' : '',
    paste.dropped > 0 ? `. ${countWords(paste.dropped, 'control character')} taken out` : '',
  ].join('')
  return (
    <div
      className={css['paste']}
      role="alertdialog"
      aria-label="Paste"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        onAnswer(false)
      }}
    >
      <p>{words}:</p>
      <pre tabIndex={0}>{paste.text.slice(0, previewChars)}</pre>
      <div className={css['pasteButtons']}>
        <Button variant="default" onClick={() => onAnswer(false)} autoFocus>
          Do not paste
        </Button>
        <Button onClick={() => onAnswer(true)}>Paste</Button>
      </div>
    </div>
  )
}

function Ended(props: { session: ShellSession; why: string; hint: string }) {
  const { session, why, hint } = props
  const { bridge } = useStores()
  const { address, host, secrets } = session
  return (
    <div className={css['ended']} role="status">
      <span>
        {why} {hint !== '' && <span className="faint">{hint}</span>}
      </span>
      <BarSpace />
      <Button variant="default" onClick={() => closeShell(shellKey(address))}>
        Close
      </Button>
      <Button onClick={() => openShell(bridge, address, { host, secrets })}>Open again</Button>
    </div>
  )
}
