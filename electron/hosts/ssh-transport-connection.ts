// One authenticated ssh2 client as a Connection, and one of its channels as a Pipe.
import type { Client, ClientChannel, ExecOptions } from 'ssh2'
import type { Clock } from '../ports/clock.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import { sshLife } from './ssh-life.ts'
import { onceClosed } from './once-closed.ts'
import { unreachable, type Place } from './ssh-transport-errors.ts'
import { TransportError, type Connection, type Pipe } from './transport.ts'

/** Of stderr: kept until somebody listens, and handed out in all. */
const noiseBytesMax = 64 * 1024
/** From the request to the host's word that the command runs. */
const execLimitMs = 30_000
/** Bytes that were on their way when the command exited come within this time of each other. */
const afterExitMs = 500
/** For a peer that is gone and never answers our goodbye. */
const goodbyeMs = 1_000

export interface ConnectionParts {
  client: Client
  place: Place
  clock: Clock
  /** Ends what the connection stands on: its socket, its jump hosts. */
  cut: () => void
}

export function openConnection({ client, place, clock, cut }: ConnectionParts): Connection {
  const life = sshLife(client)
  const closed = onceClosed()
  let trouble = ''
  let asked = false
  client.on('error', (error: Error) => {
    trouble ||= error.message
  })
  client.once('close', () => {
    closed.say(asked ? 'closed by Sluice' : connectionLoss(trouble))
    cut()
  })

  // The pipe is made at once: an exit may come in the same packet, and must find its listener.
  const open = <Opened extends Pipe>(
    command: string,
    options: ExecOptions,
    made: (channel: ClientChannel, pipe: Pipe) => Opened,
  ): Promise<Opened> =>
    new Promise((resolve, reject) => {
      let failed = false
      const fail = (error: Error): void => {
        failed = true
        stopWaiting()
        reject(execError(place, error, closed.why()))
      }
      const stopWaiting = clock.after(execLimitMs, () =>
        fail(new Error(`the host did not start a command within ${execLimitMs / 1000} s`)),
      )
      try {
        client.exec(command, options, (error, channel) => {
          if (error instanceof Error) return fail(error)
          // Too late: nobody would ever close it.
          if (failed) {
            channel.close()
            return
          }
          stopWaiting()
          resolve(
            made(
              channel,
              openPipe(channel, clock, () => trouble),
            ),
          )
        })
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    })

  return {
    exec: (command) => open(command, {}, (_channel, pipe) => pipe),
    terminal(command, { columns, rows }) {
      const pty = { term: 'xterm-256color', cols: columns, rows, width: 0, height: 0 }
      return open(command, { pty }, (channel, pipe) => ({
        ...pipe,
        resize(size: TerminalSize) {
          if (channel.writable) channel.setWindow(size.rows, size.columns, 0, 0)
        },
      }))
    },
    ...(life !== undefined && { life }),
    onClose: closed.listen,
    close() {
      if (asked) return
      asked = true
      client.end()
      const stop = clock.after(goodbyeMs, cut)
      closed.listen(stop)
    },
  }
}

/** A request that was under way when the connection closed looks refused. */
function execError(place: Place, error: Error, closed: string | null): TransportError {
  if (closed !== null) return unreachable(place, closed, error)
  if ('reason' in error || error.message === 'Unable to exec') {
    return new TransportError(
      'host_refused',
      `${place.host} does not start another command on this connection: ${error.message}. Its MaxSessions may be used up.`,
      { error, isFull: 'reason' in error },
    )
  }
  return unreachable(place, error.message, error)
}

function connectionLoss(trouble: string): string {
  if (trouble === '') return 'the connection was closed by the host'
  if (trouble === 'Keepalive timeout') return 'the connection is lost: the host does not answer'
  return `the connection is lost: ${trouble}`
}

function openPipe(channel: ClientChannel, clock: Clock, trouble: () => string): Pipe {
  const closed = onceClosed()
  const waiting = new Set<{ resolve(): void; reject(error: Error): void }>()
  const noise = openNoise(channel)
  let ended: string | null = null
  let listening = false
  let stopExit: (() => void) | null = null
  // A child that holds its stdout keeps the channel open, as long as it likes: the command has ended all the same.
  const closeSoon = (): void => {
    stopExit?.()
    stopExit = clock.after(afterExitMs, () => {
      if (channel.isPaused()) return closeSoon()
      channel.close()
      onClose()
    })
  }
  const onClose = (): void => {
    stopExit?.()
    const why = ended ?? connectionLoss(trouble())
    // ssh2 never calls back for what could not be written any more.
    for (const one of waiting) one.reject(new Error(`The pipe is closed: ${why}`))
    waiting.clear()
    closed.say(why)
  }

  channel.on('drain', () => {
    for (const one of waiting) one.resolve()
    waiting.clear()
  })
  channel.on('error', (error: Error) => {
    ended ??= error.message
  })
  channel.on('exit', (code: number | null, signal?: string) => {
    ended = code === null ? `killed by ${signal ?? 'a signal'}` : `exited with ${code}`
    closeSoon()
  })
  // Comes after the last byte was read.
  channel.on('close', onClose)

  return {
    write(bytes) {
      const why = closed.why()
      if (why !== null || !channel.writable) {
        return Promise.reject(
          new Error(`The pipe is closed: ${why ?? 'the command reads no more'}`),
        )
      }
      if (channel.write(bytes)) return Promise.resolve()
      return new Promise((resolve, reject) => waiting.add({ resolve, reject }))
    },
    onData(listener) {
      listening = true
      channel.on('data', (bytes: Buffer) => {
        if (stopExit !== null) closeSoon()
        listener(bytes)
      })
    },
    onNoise: noise.listen,
    onClose: closed.listen,
    pause: () => void channel.pause(),
    resume() {
      // Without a listener the bytes would be lost.
      if (listening) channel.resume()
    },
    close() {
      channel.end()
      channel.close()
      // What is still to be read would keep it open.
      channel.removeAllListeners('data')
      channel.resume()
    },
  }
}

/** stderr shares the channel's window, so it is always read, also when nobody listens. */
function openNoise(channel: ClientChannel): {
  listen: (listener: (text: string) => void) => void
} {
  const listeners: ((text: string) => void)[] = []
  let early = ''
  let bytes = 0
  channel.stderr.on('data', (chunk: Buffer) => {
    if (bytes >= noiseBytesMax) return
    bytes += chunk.length
    const text = chunk.toString('utf8')
    if (listeners.length === 0) early += text
    for (const listener of listeners) listener(text)
  })
  return {
    listen(listener) {
      listeners.push(listener)
      if (early !== '') listener(early)
      early = ''
    },
  }
}
