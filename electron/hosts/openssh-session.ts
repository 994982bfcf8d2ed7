// One command as a session of a master connection. With -v the client says when the session is open: until then a refusal is
// a refusal, from then on its stderr is the command's.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../ports/clock.ts'
import type { Terminal, TerminalSize } from '../ports/terminal.ts'
import { openLocalTerminal } from './local-terminal.ts'
import { onceClosed } from './once-closed.ts'
import { serverText } from './server-text.ts'
import type { SshConfig } from './ssh-config.ts'
import { unreachable, type Place } from './ssh-transport-errors.ts'
import { TransportError, type Pipe } from './transport.ts'

export interface SessionParts {
  program: string
  config: SshConfig
  control: string
  place: Place
  clock: Clock
  /** Why the master is gone; null: it is not. */
  over: () => string | null
  onOver: (listener: (why: string) => void) => void
  /** The command of this session has exited, perhaps before its output ended; gives back its undo. */
  onExit: (session: string, listener: () => void) => () => void
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const openLimitMs = 30_000
const afterExitMs = 500
/** A session that the end of its master ends may be the first to be seen. */
const masterEndMs = 1000
const saidMax = 16 * 1024
const noiseBytesMax = 64 * 1024
const opened = /master session id: (\d+)\r?\n/

/** What the client says where the master could open no session. */
export const sessionRefusal = /session open refused|refused by peer/i

export interface Sessions {
  exec(command: string): Promise<Pipe>
  terminal(command: string, size: TerminalSize): Promise<Terminal>
}

export function openSessions(parts: SessionParts): Sessions {
  const { program, config, control, place, clock, over, onOver } = parts
  // Where the master is gone (ProxyCommand): no second login.
  const options = ['BatchMode=yes', 'ControlMaster=no', 'ProxyCommand=exit 1', 'EscapeChar=none']
  const common = ['-F', 'none', '-S', control, ...options.flatMap((one) => ['-o', one])]
  const args = [...common, '-v', '-T']
  return {
    // The client wants a terminal on this side too: its size is told to the host as it changes.
    async terminal(command, size) {
      const gone = over()
      if (gone !== null) throw unreachable(place, gone)
      const words = [program, ...common, '-tt', '--', 'sluice', command]
      const line = `exec ${words.map(shellWord).join(' ')}`
      const terminal = await openLocalTerminal(line, size, config.env)
      onOver(() => terminal.close())
      return terminal
    },
    exec(command) {
      return new Promise((resolve, reject) => {
        const gone = over()
        if (gone !== null) return reject(unreachable(place, gone))
        const child: Child = spawn(program, [...args, '--', 'sluice', command], {
          env: { ...config.env },
          stdio: ['pipe', 'pipe', 'pipe'],
        })
        let said = ''
        const fail = (error: TransportError): void => {
          settle()
          child.kill('SIGTERM')
          reject(error)
        }
        const stopLimit = clock.after(openLimitMs, () =>
          fail(unreachable(place, `no session within ${openLimitMs / 1000} s`)),
        )
        const onSaid = (chunk: Buffer): void => {
          said = (said + chunk.toString('utf8')).slice(-saidMax)
          const found = opened.exec(said)
          if (found === null) return
          settle()
          resolve(
            pipeOf(child, {
              ...parts,
              id: found[1] ?? '',
              early: said.slice(found.index + found[0].length),
            }),
          )
        }
        const onExit = (): void => {
          const line = said.split('\n').findLast((one) => /mux_client|refused|failed/i.test(one))
          const refusal = sessionRefused(place, serverText(line ?? 'the ssh program ended'))
          const stop = clock.after(masterEndMs, () => fail(refusal))
          onOver((why) => {
            stop()
            fail(unreachable(place, why))
          })
        }
        const onError = (error: Error): void => fail(unreachable(place, error.message, error))
        const settle = (): void => {
          stopLimit()
          child.stderr.off('data', onSaid)
          child.off('close', onExit)
          child.off('error', onError)
          child.on('error', () => {})
        }
        child.stdin.on('error', () => {})
        child.stderr.on('data', onSaid)
        child.on('close', onExit)
        child.on('error', onError)
      })
    },
  }
}

const shellWord = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

function sessionRefused(place: Place, why: string): TransportError {
  return new TransportError(
    'host_refused',
    `${place.host} does not start another command on this connection: ${why}. Its MaxSessions may be used up.`,
    { isFull: sessionRefusal.test(why) },
  )
}

function pipeOf(
  child: Child,
  { clock, over, onOver, onExit, id, early }: SessionParts & { id: string; early: string },
): Pipe {
  const closed = onceClosed()
  const noise = openNoise(child.stderr, early)
  let exited: string | null = null
  let stopExit: (() => void) | null = null
  let listening = false
  const onClose = (): void => {
    stopExit?.()
    forget()
    const say = (): void => closed.say(over() ?? exited ?? 'the session ended')
    if (exited !== 'exited with 255') return say()
    closed.listen(clock.after(masterEndMs, say))
    onOver(say)
  }
  // A child of the command may hold its stdout open; the command has ended all the same.
  const closeSoon = (): void => {
    stopExit?.()
    stopExit = clock.after(afterExitMs, () => {
      if (child.stdout.isPaused()) return closeSoon()
      exited ??= 'exited'
      child.kill('SIGTERM')
      child.stdout.destroy()
      child.stderr.destroy()
      onClose()
    })
  }
  const forget = onExit(id, closeSoon)
  child.on('exit', (code, signal) => {
    exited = code === null ? `ended by ${signal}` : `exited with ${code}`
    closeSoon()
  })
  child.on('close', onClose)

  return {
    write(bytes) {
      const why = closed.why() ?? exited
      if (why !== null) return Promise.reject(new Error(`The pipe is closed: ${why}`))
      return new Promise((resolve, reject) => {
        child.stdin.write(bytes, (error) => {
          if (error instanceof Error) reject(new Error(`The pipe is closed: ${error.message}`))
          else resolve()
        })
      })
    },
    onData(listener) {
      listening = true
      child.stdout.on('data', (bytes: Buffer) => {
        if (stopExit !== null) closeSoon()
        listener(bytes)
      })
    },
    onNoise: noise,
    onClose: closed.listen,
    pause: () => void child.stdout.pause(),
    resume() {
      if (listening) child.stdout.resume()
    },
    close() {
      child.stdin.destroy()
      child.stdout.removeAllListeners('data')
      child.stdout.resume()
      child.kill('SIGTERM')
    },
  }
}

function openNoise(stderr: Readable, early: string): (listener: (text: string) => void) => void {
  const listeners: ((text: string) => void)[] = []
  let kept = ''
  let bytes = 0
  const take = (text: string): void => {
    // -v has a few words of its own at the end.
    const words = text.replace(/^(?:debug\d: |Transferred: |Bytes per second: ).*\r?\n/gm, '')
    if (words === '' || bytes >= noiseBytesMax) return
    bytes += words.length
    if (listeners.length === 0) kept += words
    for (const listener of listeners) listener(words)
  }
  take(early)
  stderr.on('data', (chunk: Buffer) => take(chunk.toString('utf8')))
  return (listener) => {
    listeners.push(listener)
    if (kept !== '') listener(kept)
    kept = ''
  }
}
