// This machine as a host: the same agent, started by the same command line, over a plain pipe.
import { spawn, type ChildProcess } from 'node:child_process'
import type { Terminal } from '../ports/terminal.ts'
import { openLocalTerminal } from './local-terminal.ts'
import { onceClosed } from './once-closed.ts'
import { roomToWrite } from './room-to-write.ts'
import { TransportError, type Connection, type Pipe, type Transport } from './transport.ts'

type Env = Record<string, string | undefined>

export interface LocalOptions {
  /** Instead of this process's environment. */
  env?: Readonly<Env>
  /** Variables that are left out of it, asked for with each connection. */
  hidden?: () => ReadonlySet<string>
  /** The login shell that gets the command line by `-c`. */
  shell?: string
}

const noiseBytesMax = 16 * 1024

export function localTransport(options: LocalOptions = {}): Transport {
  return {
    address: 'this machine',
    async connect(signal) {
      signal.throwIfAborted()
      return localConnection({ ...options, env: envOf(options) })
    },
  }
}

function envOf({ env = process.env, hidden }: LocalOptions): Env {
  const names = hidden?.() ?? new Set()
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.has(name)))
}

function localConnection(options: LocalOptions & { env: Env }): Connection {
  const pipes = new Set<Pipe>()
  const terminals = new Set<Terminal>()
  const listeners: ((why: string) => void)[] = []
  let closedWhy: string | null = null
  return {
    async exec(command) {
      if (closedWhy !== null) throw new TransportError('host_unreachable', closedWhy)
      const pipe = await localPipe(command, options)
      pipes.add(pipe)
      pipe.onClose(() => pipes.delete(pipe))
      return pipe
    },
    async terminal(command, size) {
      if (closedWhy !== null) throw new TransportError('host_unreachable', closedWhy)
      const terminal = await openLocalTerminal(command, size, options.env)
      terminals.add(terminal)
      terminal.onClose(() => terminals.delete(terminal))
      return terminal
    },
    onClose(listener) {
      if (closedWhy === null) listeners.push(listener)
      else listener(closedWhy)
    },
    close() {
      if (closedWhy !== null) return
      closedWhy = 'closed here'
      for (const open of [...pipes, ...terminals]) open.close()
      for (const listener of listeners) listener(closedWhy)
    },
  }
}

async function localPipe(command: string, options: LocalOptions & { env: Env }): Promise<Pipe> {
  // Its own session: a Ctrl-C at our terminal is not for what runs on the host.
  const child = spawn(options.shell ?? '/bin/sh', ['-c', command], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: options.env,
  })
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) =>
      reject(
        new TransportError('host_refused', `Cannot start a shell here: ${error.message}`, {
          error,
        }),
      ),
    )
  })
  return pipeOf(child)
}

function pipeOf(child: ChildProcess): Pipe {
  const stdin = child.stdin!
  const stdout = child.stdout!
  const closed = onceClosed()
  const write = roomToWrite(stdin, closed)
  const noiseListeners: ((text: string) => void)[] = []
  let noiseBytes = 0
  const end = (why: string): void => {
    if (closed.why() !== null) return
    stdin.destroy()
    stdout.destroy()
    child.stderr?.destroy()
    closed.say(why)
  }
  stdin.on('error', () => end('its stdin is closed'))
  // Node closes it, without an error, when the process ends; stdout may be held open by a child of the agent.
  stdin.on('close', () => end('the agent ended'))
  stdout.on('error', () => end('its stdout is closed'))
  stdout.on('end', () => end('the agent ended'))
  child.on('error', (error) => end(error.message))
  child.stderr?.on('data', (bytes: Buffer) => {
    noiseBytes += bytes.length
    if (noiseBytes > noiseBytesMax) return
    for (const listener of noiseListeners) listener(bytes.toString('utf8'))
  })
  return {
    write,
    onData: (listener) => void stdout.on('data', listener),
    onNoise: (listener) => void noiseListeners.push(listener),
    onClose: closed.listen,
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
    close: () => end('closed here'),
  }
}
