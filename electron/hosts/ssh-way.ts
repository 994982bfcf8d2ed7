// The bytes to a host's ssh port: a TCP connection, a channel through the jump host before it, or a ProxyCommand.
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { Deadline } from './patience.ts'
import type { SshTarget } from './ssh-config.ts'
import { openProxyCommand } from './ssh-proxy-command.ts'
import { dialError, unreachable, type Place } from './ssh-transport-errors.ts'

export interface Way {
  socket: Duplex
  /** What it hands out is overwritten by what it hands out next. */
  isReused: boolean
  /** Where it goes, when that is known. */
  ip: string | null
  /** What it stands on ends. */
  cut: () => void
  /** Why it ended, in words, where that is known better here than by who reads from it. */
  trouble: () => string | null
}

/** Four packets of a busy channel. */
const readBytes = 128 * 1024

/** TCP_NODELAY: a start would wait 40 ms for the delayed acknowledgement (H2). */
export function dial(
  target: SshTarget,
  place: Place,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<Way> {
  return new Promise((resolve, reject) => {
    const { host, port, family, bindAddress } = target
    const from = bindAddress === null ? {} : { localAddress: bindAddress }
    const options = { host, port, family, ...from, noDelay: true, keepAlive: true }
    // Into the same memory again and again: a new piece for each read is what the garbage collector would run for.
    const callback = (count: number, memory: Uint8Array): boolean => {
      socket.emit('data', Buffer.from(memory.buffer, memory.byteOffset, count))
      return true
    }
    const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback }
    const socket = createConnection({ ...options, onread })
    // Until ssh2 listens and resumes: such a socket keeps nothing for later.
    socket.pause()
    const end = (error: Error | null): void => {
      stopClock()
      signal.removeEventListener('abort', onAbort)
      if (error === null) return resolve(wayOf(socket))
      socket.on('error', () => {}).destroy()
      reject(error)
    }
    const onAbort = (): void => end(reasonOf(signal))
    const stopClock = deadline.clock.after(deadline.ms, () =>
      end(unreachable(place, `no answer within ${deadline.ms / 1000} s`)),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', (error) => end(dialError(place, host, error)))
    socket.once('connect', () => end(null))
  })
}

const wayOf = (socket: Socket): Way => ({
  socket,
  isReused: true,
  ip: socket.remoteAddress ?? null,
  // Not a plain close: the kernel would go on sending what the dead link has not taken, and an order to start that arrives
  // after an hour would begin a second copy.
  cut() {
    if (socket.destroyed) return
    const reset = (): void => void (socket.destroyed || socket.resetAndDestroy())
    // libuv refuses to reset while a shutdown is under way, and Node then never closes the socket: the process would stay.
    const isShuttingDown =
      socket.writableEnded && !socket.writableFinished && socket.writableLength === 0
    if (isShuttingDown) socket.once('finish', reset)
    else reset()
  },
  trouble: () => null,
})

export function throughJump(
  through: { client: Client; close: () => void },
  target: SshTarget,
  place: Place,
): Promise<Way> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined, socket: Duplex): void =>
      error instanceof Error
        ? reject(unreachable(place, `the jump host cannot reach it: ${error.message}`, error))
        : resolve({ socket, isReused: false, ip: null, cut: through.close, trouble: () => null })
    try {
      through.client.forwardOut('127.0.0.1', 0, target.host, target.port, done)
    } catch (error) {
      reject(unreachable(place, 'the jump host has closed the connection', error))
    }
  })
}

export function throughCommand(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
  { clock }: Deadline,
): Way {
  const proxy = openProxyCommand(command, env, clock)
  return {
    socket: proxy.socket,
    isReused: false,
    ip: null,
    cut: proxy.kill,
    trouble: proxy.ended,
  }
}

export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))
}
