// A pseudo-terminal on this machine without native code: `script`, which every Linux (util-linux) and macOS have, holds the
// terminal and passes bytes on. Its size is set by `stty` on the device, whose name the first line tells.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, constants, openSync } from 'node:fs'
import type { Terminal, TerminalSize } from '../ports/terminal.ts'
import { onceClosed } from './once-closed.ts'
import { roomToWrite } from './room-to-write.ts'
import { TransportError } from './transport.ts'

type Env = Readonly<Record<string, string | undefined>>

const mark = 'sluice-terminal'
/** Before the mark comes nothing but what `script` itself says. */
const headBytesMax = 64 * 1024

/** Rejects with a TransportError where there is no way to a pseudo-terminal. */
export async function openLocalTerminal(
  command: string,
  size: TerminalSize,
  env: Env,
): Promise<Terminal> {
  if (process.platform === 'win32') throw none('Windows has no `script`')
  const { rows, columns } = size
  const inside = `stty rows ${rows} columns ${columns}; printf '${mark} %s\\n' "$(tty)"; ${command}`
  const args =
    process.platform === 'linux'
      ? ['-qfec', inside, '/dev/null']
      : ['-q', '/dev/null', '/bin/sh', '-c', inside]
  const child = spawn('script', args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...env, TERM: 'xterm-256color' },
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) => reject(none(error.message)))
  })
  return terminalOf(child)
}

function none(why: string): TransportError {
  return new TransportError('host_refused', `No terminal can be opened on this machine: ${why}.`)
}

function terminalOf(child: ChildProcess): Terminal {
  const stdin = child.stdin!
  const stdout = child.stdout!
  const closed = onceClosed()
  const write = roomToWrite(stdin, closed)
  const dataListeners: ((bytes: Uint8Array) => void)[] = []
  let device: string | null = null
  let head = Buffer.alloc(0)
  const end = (why: string): void => {
    if (closed.why() !== null) return
    stdin.destroy()
    stdout.destroy()
    // Its terminal hangs up with it, and what runs there is told so.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGHUP')
    closed.say(why)
  }
  const give = (bytes: Uint8Array): void => {
    if (bytes.length > 0) for (const listener of dataListeners) listener(bytes)
  }
  stdout.on('data', (bytes: Buffer) => {
    if (device !== null) return give(bytes)
    head = Buffer.concat([head, bytes])
    const at = head.indexOf(`${mark} `)
    const stop = at === -1 ? -1 : head.indexOf('\n', at)
    if (stop !== -1) {
      device = head.toString('latin1', at + mark.length + 1, stop).trim()
      give(head.subarray(stop + 1))
    } else if (head.length > headBytesMax) {
      device = ''
      give(head)
    }
  })
  stdin.on('error', () => end('the terminal is gone'))
  child.on('error', (error) => end(error.message))
  child.on('close', (code, signal) =>
    end(code === null ? `killed by ${signal ?? 'a signal'}` : `exited with ${code}`),
  )
  return {
    write,
    resize(size) {
      if (device !== null && closed.why() === null) setSize(device, size)
    },
    onData: (listener) => void dataListeners.push(listener),
    onClose: closed.listen,
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
    close: () => end('closed by Sluice'),
  }
}

function setSize(device: string, { rows, columns }: TerminalSize): void {
  if (!/^\/dev\/[A-Za-z0-9/]+$/.test(device)) return
  let fd: number
  try {
    fd = openSync(device, constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    return // it has ended by itself
  }
  const stty = spawn('stty', ['rows', String(rows), 'columns', String(columns)], {
    stdio: [fd, 'ignore', 'ignore'],
  })
  stty.on('error', () => {}) // without stty it keeps its size
  closeSync(fd)
}
