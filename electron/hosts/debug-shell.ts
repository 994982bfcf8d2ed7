// A person's terminal on a host: the agent in the mode `shell`, which goes to the folder of an attempt, takes its environment
// and becomes the account's own shell. What comes before that is not for the person's eyes.
//   H7  The environment is written to the terminal once its echo is off: it is in no argument and in no file.
import type { Terminal, TerminalSize } from '../ports/terminal.ts'
import type { StartOrder } from '../ports/hosts.ts'
import { agentText, agentUpload, bootstrapCommand } from './agent-text.ts'
import { sessionRefusal } from './openssh-session.ts'
import { filesWord } from './start-line.ts'
import { TransportError, type Connection } from './transport.ts'
import { badEnvName, envText, escapeText } from './wire.ts'

export interface DebugShell {
  terminal: Terminal
  /** On the host. */
  folder: string
  /** The attempt's own folder was there still; else it is a fresh one with the files that the attempt was given. */
  isOwnFolder: boolean
}

export interface DebugShellOptions {
  order: StartOrder
  size: TerminalSize
  nonce: string
  client: string
  /** Sluice's folder on the host. */
  folder: string | null
  signal: AbortSignal
}

/** rc files and banners. */
const headBytesMax = 256 * 1024
const orderBytesMax = 1024 * 1024

/** Rejects with a TransportError, or the signal's reason. */
export async function openDebugShell(
  connection: Connection,
  options: DebugShellOptions,
): Promise<DebugShell> {
  const { size, nonce, client, folder, signal } = options
  const line = shellOrder(options.order)
  if (connection.terminal === undefined)
    throw refused('This way to the host has no terminals: open one by `ssh` yourself.')
  const boot = { agentHash: agentText().hash, nonce, mode: 'shell', client, folder } as const
  const terminal = await connection.terminal(bootstrapCommand({ ...boot, force: false }), size)
  try {
    return await greet(terminal, { nonce, line, signal })
  } catch (error) {
    terminal.close()
    throw error
  }
}

function shellOrder({ key, run, env, files }: StartOrder): string {
  const badName = badEnvName(env)
  if (badName !== null)
    throw refused(`"${badName}" cannot be set as an environment variable of a shell.`)
  const words = [key, filesWord(files), escapeText(`${run}\n`), envText(env)]
  const line = `${words.join(' ')}\n`
  if (line.length > orderBytesMax) throw refused('The environment is above 1 MB.')
  return line
}

function greet(
  terminal: Terminal,
  { nonce, line, signal }: { nonce: string; line: string; signal: AbortSignal },
): Promise<DebugShell> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    let isSent = false
    let isAsked = false
    let listener: ((bytes: Uint8Array) => void) | null = null
    /** Between the answer and the person's listener. */
    let early: Buffer | null = null
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const settle = (): void => signal.removeEventListener('abort', onAbort)
    terminal.onClose((why) => {
      settle()
      const said = saidBy(head)
      const isFull = sessionRefusal.test(said)
      const text = `The shell ended before it began: ${why}.${said}`
      reject(new TransportError('host_refused', text, { isFull }))
    })
    terminal.onData((bytes) => {
      if (listener !== null) return listener(bytes)
      if (early !== null) {
        early = Buffer.concat([early, bytes])
        return
      }
      head = Buffer.concat([head, bytes])
      const text = head.toString('latin1')
      const complaint = new RegExp(`! ${nonce} ([^\\r\\n]*)\\r*\\n`).exec(text)
      const answer = new RegExp(`shell ${nonce} (own|fresh) ([^\\r\\n]*)\\r*\\n`).exec(text)
      if (!isAsked && text.includes(`ready ${nonce}`)) {
        isAsked = true
        terminal.write(Buffer.from(line, 'latin1')).catch(reject)
      }
      if (answer !== null) {
        settle()
        early = head.subarray(answer.index + answer[0].length)
        terminal.pause()
        const [, how, folder = ''] = answer
        return resolve({
          folder,
          isOwnFolder: how === 'own',
          terminal: {
            ...terminal,
            onData(wanted) {
              if (early !== null && early.length > 0) wanted(early)
              early = null
              listener = wanted
              terminal.resume()
            },
          },
        })
      }
      if (complaint !== null)
        return reject(refused(`The host opens no shell: ${complaint[1]?.replaceAll('_', ' ')}.`))
      if (!isSent && text.includes(`sluice-${nonce} want\r\n`)) {
        // It was taken away while the link lived. What the terminal echoes of it is skipped.
        isSent = true
        terminal.write(agentUpload(agentText(), nonce)).catch(reject)
      }
      if (head.length > headBytesMax)
        reject(refused('The host said more than 256 KB before its shell began.'))
    })
  })
}

/** The last of what a host said, for a message; nothing in it may act on a terminal. */
function saidBy(head: Buffer): string {
  const text = head
    .toString('utf8')
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(-300)
  return text === '' ? '' : ` It said: ${text}`
}

function refused(message: string): TransportError {
  return new TransportError('host_refused', message)
}
