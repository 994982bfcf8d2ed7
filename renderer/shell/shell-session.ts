// One debug shell, from its opening to its end. It goes on while its pane is not on the screen.
import { createStore } from 'zustand/vanilla'
import { AppError, errorShape } from '../../shared/api/app-error.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { needsWord, pasteCharsMax, pasteText, type PasteText } from './paste-text.ts'
import { openShellTerminal, type ShellTerminal } from './shell-terminal.ts'
import { openShellWriter, waitingCharsMax } from './shell-writer.ts'

export interface ShellAddress {
  run: string
  task: string
  item: number | null
  attempt: number
}

export type ShellState =
  | { kind: 'opening' }
  | { kind: 'open'; host: string; folder: string }
  | { kind: 'ended'; why: string; hint: string }

export interface ShellSessionState {
  state: ShellState
  /** A paste that a person must look at first. */
  asked: PasteText | null
  /** A word about what was just done, e.g. that something was copied. */
  said: string
}

export type ShellSession = ReturnType<typeof openShellSession>

const resizeMs = 80
const saidMs = 1_600

export function openShellSession(
  bridge: Bridge,
  address: ShellAddress,
  options: { host: string; secrets: boolean },
) {
  const store = createStore<ShellSessionState>(() => ({
    state: { kind: 'opening' },
    asked: null,
    said: '',
  }))
  const control = new AbortController()
  let shell: string | null = null
  let started = false
  let onLeave = (): void => {}
  let sayTimer: ReturnType<typeof setTimeout> | undefined
  let sizeTimer: ReturnType<typeof setTimeout> | undefined

  const say = (said: string): void => {
    clearTimeout(sayTimer)
    store.setState({ said })
    sayTimer = setTimeout(() => store.setState({ said: '' }), saidMs)
  }
  const end = (why: string, hint = ''): void => {
    if (store.getState().state.kind === 'ended') return
    control.abort()
    writer.close()
    term.freeze()
    store.setState({ state: { kind: 'ended', why, hint }, asked: null })
  }
  const writer = openShellWriter(
    (text) => bridge.call('shell.write', { shell: shell ?? '', text }),
    (error) => {
      const { code, message, hint } = errorShape(error)
      // Of a shell that has ended the stream tells why; one that does not keep up goes on.
      if (code === 'conflict') say(message)
      else if (code !== 'not-found') end(lostWords(error), hint)
    },
  )
  const term: ShellTerminal = openShellTerminal({
    label: `Shell on ${options.host}. Ctrl Shift O leaves it.`,
    onInput(text) {
      // Before there is a shell nothing may be typed into it.
      if (shell !== null && !writer.write(text)) say('Too much waits to be sent')
    },
    onResize() {
      clearTimeout(sizeTimer)
      sizeTimer = setTimeout(() => {
        if (shell === null || control.signal.aborted) return
        bridge.call('shell.resize', { shell, ...term.size() }).catch(() => {}) // its end is told by the stream
      }, resizeMs)
    },
    onPaste(raw) {
      if (shell === null || control.signal.aborted || raw === '') return
      if (raw.length > Math.min(pasteCharsMax, waitingCharsMax))
        return say('Too long to paste: send it as a file')
      const paste = pasteText(raw)
      if (needsWord(paste)) store.setState({ asked: paste })
      else term.paste(paste.text)
    },
    onCopy(text) {
      navigator.clipboard.writeText(text).then(
        () => say('Copied'),
        () => say('Cannot copy'),
      )
    },
    onLeave: () => onLeave(),
  })

  async function run(): Promise<void> {
    try {
      const opened = await bridge.call('shell.open', {
        ...address,
        ...term.size(),
        secrets: options.secrets,
      })
      shell = opened.shell
      if (control.signal.aborted) return closeThere()
      store.setState({ state: { kind: 'open', host: opened.host, folder: opened.folder } })
      // What was drawn to fit meanwhile.
      void bridge.call('shell.resize', { shell, ...term.size() }).catch(() => {})
      for await (const item of bridge.stream('shell.watch', { shell }, control.signal)) {
        if (!(item instanceof Uint8Array)) return end(item.why)
        await term.write(item)
      }
      end('The shell has ended.')
    } catch (error) {
      if (!control.signal.aborted) end(lostWords(error), errorShape(error).hint)
    }
  }

  function closeThere(): void {
    if (shell !== null) bridge.call('shell.close', { shell }).catch(() => {}) // gone already
  }

  return Object.assign(store, {
    address,
    secrets: options.secrets,
    host: options.host,
    /** Opens the shell the first time, when the size of the pane is known. */
    attach(place: HTMLElement, leave: () => void): () => void {
      onLeave = leave
      const detach = term.attach(place)
      if (shell === null && store.getState().state.kind === 'opening' && !started) {
        started = true
        void run()
      }
      return detach
    },
    focus: () => term.focus(),
    reset: () => term.reset(),
    copy() {
      const text = term.selection()
      if (text === '') say('Nothing is selected')
      else void navigator.clipboard.writeText(text).then(() => say('Copied'))
    },
    /** A person has looked at the paste. */
    answerPaste(paste: boolean) {
      const { asked } = store.getState()
      store.setState({ asked: null })
      if (paste && asked !== null) term.paste(asked.text)
      term.focus()
    },
    close() {
      control.abort()
      writer.close()
      clearTimeout(sayTimer)
      clearTimeout(sizeTimer)
      closeThere()
      term.close()
    },
  })
}

function lostWords(error: unknown): string {
  if (error instanceof AppError && error.code === 'link-closed')
    return 'The link to the engine is gone, and the shell went with it.'
  return errorShape(error).message
}
