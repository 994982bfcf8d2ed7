// One connection to a host and its channels: the main one for requests and notices, the bulk one, opened when first
// needed, for bytes. Where the host allows no second channel, the main one does both.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { BlobStore } from '../ports/logs.ts'
import { agentText } from './agent-text.ts'
import { openChannel, type Channel } from './channel.ts'
import { openCourier, type Courier } from './courier.ts'
import type { PumpLink } from './log-pump.ts'
import { TransportError, type Connection, type Transport } from './transport.ts'

export interface Session extends PumpLink {
  readonly main: Channel
  readonly courier: Courier
  onClose(listener: (why: string) => void): void
  close(): void
}

export interface SessionOptions {
  transport: Transport
  clock: Clock
  dice: Dice
  blobs: BlobStore
  /** Names this home to the host's agents. */
  client: string
  folder: string | null
}

/** The transport has limits of its own; this one also covers a person who answers its questions. */
const connectLimitMs = 180_000

/** Rejects with a TransportError. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { transport, clock, dice, client, folder } = options
  const limit = new AbortController()
  const stop = (): void => limit.abort(new TransportError('host_unreachable', 'stopped'))
  const cancelLimit = clock.after(connectLimitMs, () => {
    const text = `${transport.address} did not answer within ${connectLimitMs / 1000} s.`
    limit.abort(new TransportError('host_unreachable', text))
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const connection = await abortable(transport.connect(limit.signal), limit.signal)
    const agent = agentText()
    const channelOptions = { agent, client, folder, clock }
    try {
      const nonce = dice.tail(20)
      const main = await openChannel(connection, { ...channelOptions, nonce, mode: 'main' })
      return liveSession(options, connection, main)
    } catch (error) {
      connection.close()
      throw error
    }
  } finally {
    cancelLimit()
    signal.removeEventListener('abort', stop)
  }
}

function liveSession(options: SessionOptions, connection: Connection, main: Channel): Session {
  const { clock, dice, client, folder, blobs } = options
  const listeners: ((why: string) => void)[] = []
  let closedWhy: string | null = null
  let bulk: Promise<Channel> | null = null
  let isBulk = true
  const end = (why: string): void => {
    if (closedWhy !== null) return
    closedWhy = why
    connection.close()
    for (const listener of listeners) listener(why)
  }
  main.onClose(end)
  connection.onClose((why) => {
    main.close()
    end(why)
  })

  const openBulk = async (): Promise<Channel> => {
    try {
      const nonce = dice.tail(20)
      const agent = agentText()
      const channel = await openChannel(connection, {
        agent,
        nonce,
        mode: 'bulk',
        client,
        folder,
        clock,
      })
      channel.onClose(() => (bulk = null))
      return channel
    } catch (error) {
      if (closedWhy !== null) throw error
      // MaxSessions 1, a forced command, a full process table: bytes then share the main channel.
      isBulk = false
      return main
    }
  }
  const channel = (): Promise<Channel> => (bulk ??= openBulk())

  return {
    main,
    courier: openCourier(blobs, channel),
    channel,
    isBulk: () => isBulk,
    onClose(listener) {
      if (closedWhy === null) listeners.push(listener)
      else listener(closedWhy)
    },
    close() {
      main.close()
      void bulk?.then(
        (one) => one.close(),
        () => undefined,
      )
      end('closed here')
    },
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
