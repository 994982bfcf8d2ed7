// A ProxyCommand as OpenSSH runs it: by the person's shell, its stdin and stdout are the bytes to the ssh port. It has a
// process group of its own, so that what it started ends with it; where we are killed, the end of its stdin ends it.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { Duplex, type Readable, type Writable } from 'node:stream'
import type { Clock } from '../ports/clock.ts'
import { serverText } from './server-text.ts'

export interface ProxyCommand {
  socket: Duplex
  /** How it ended and what it said, in words; null while it runs. */
  ended: () => string | null
  kill: () => void
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

const saidMax = 2048
const graceMs = 2000
/** A program that closes its stdout and stays. */
const endWaitMs = 1000

export function openProxyCommand(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): ProxyCommand {
  // As ssh does: without `exec` the shell would stay between.
  const shell = env['SHELL'] || '/bin/sh'
  const child: Child = spawn(shell, ['-c', `exec ${command}`], {
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  let end: string | null = null
  let stopGrace: (() => void) | null = null
  let stopEnd: (() => void) | null = null
  const kill = (): void => {
    if (end !== null || stopGrace !== null) return
    signalGroup(child, 'SIGTERM')
    stopGrace = clock.after(graceMs, () => signalGroup(child, 'SIGKILL'))
  }
  const socket = duplexOf(child, kill)
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < saidMax) said += chunk.toString('utf8')
  })
  const ended = (how: string): void => {
    end ??= [`the ProxyCommand ${how}`, serverText(said)].filter((text) => text !== '').join(': ')
    stopGrace?.()
    stopEnd?.()
  }
  child.on('error', (error) => {
    ended(`cannot be run: ${error.message}`)
    socket.destroy()
  })
  child.on('exit', (code, signal) => {
    ended(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`)
    // What it had started may hold its stdout, also where it left the group.
    signalGroup(child, 'SIGTERM')
    clock.after(endWaitMs, () => {
      child.stdout.destroy()
      child.stderr.destroy()
    })
  })
  // How it ended is to be known before its bytes are seen to end.
  child.on('close', () => socket.push(null))
  child.stdout.on('end', () => (stopEnd = clock.after(endWaitMs, () => socket.push(null))))
  return { socket, ended: () => end, kill }
}

function duplexOf({ stdin, stdout }: Child, kill: () => void): Duplex {
  const socket = new Duplex({
    read: () => void stdout.resume(),
    // What it does not take any more is no word about why: its exit is.
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, () => done()),
    final: (done) => void stdin.end(() => done()),
    destroy(error, done) {
      kill()
      done(error)
    },
  })
  // Nothing can be written after it either: ssh2 waits for a close.
  socket.once('end', () => socket.destroy())
  // It may be gone while we write: its end is told by its exit.
  stdin.on('error', () => {})
  stdout.on('data', (chunk: Buffer) => {
    if (!socket.push(chunk)) stdout.pause()
  })
  return socket
}

function signalGroup({ pid }: Child, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // Nobody is left in it.
  }
}
