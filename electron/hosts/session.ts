// One connection to a host and its channels: the main one for requests and notices, the bulk one, opened when first
// needed, for bytes. Where the host allows no second channel, the main one does both.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { BlobStore } from '../ports/logs.ts'
import { agentText, type AgentMode } from './agent-text.ts'
import type { Channel } from './channel.ts'
import { openCourier, type Courier, type CourierOptions } from './courier.ts'
import type { PumpLink } from './log-pump.ts'
import { openChannel } from './open-channel.ts'
import { Pulse, pulseLimitMsMin, pulseQuietMs, type RoundTrips } from './pulse.ts'
import { openSessionBudget, type SessionBudget, type SessionLimit } from './session-budget.ts'
import { TransportError, type Connection, type Transport } from './transport.ts'

export interface Session extends PumpLink {
  readonly main: Channel
  readonly courier: Courier
  readonly connection: Connection
  /** What may be opened on this connection beside its channels. */
  readonly budget: SessionBudget
  /** Something has come to need it. */
  stir(): void
  /** The machine slept or its network changed: a dead peer is found out soon. */
  wake(): void
  onClose(listener: (why: string) => void): void
  /** `why`: for those who listen; none where it is over as it should be. */
  close(why?: string): void
}

export interface SessionOptions {
  transport: Transport
  clock: Clock
  dice: Dice
  blobs: BlobStore
  /** Names this home to the host's agents. */
  client: string
  folder: string | null
  /** Of this host, over all its connections. */
  roundTrips: RoundTrips
  sessions: SessionLimit
  isNeeded: () => boolean
  onTransfer: CourierOptions['onTransfer']
  /** Something that a row shows was measured or learned. */
  onLearned: () => void
}

/** The transport has limits of its own; this one also covers a person who answers its questions. */
const connectLimitMs = 180_000
const bulkAgainMs = 60_000
/** For an agent's answer to a ping, where the transport itself cannot be asked: its machine may be overloaded. */
const agentLimitMs = 30_000
const agentQuietMs = 15_000

/** Rejects with a TransportError. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { transport, clock } = options
  const limit = new AbortController()
  const stop = (): void => limit.abort(signal.reason)
  const cancelLimit = clock.after(connectLimitMs, () => {
    const text = `${transport.address} did not answer within ${connectLimitMs / 1000} s.`
    limit.abort(new TransportError('host_unreachable', text))
  })
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    const connecting = transport.connect(limit.signal)
    // Nobody waits for it any more: left open, it would hold the process for ever.
    connecting.then(
      (late) => limit.signal.aborted && late.close(),
      () => undefined,
    )
    const connection = await abortable(connecting, limit.signal)
    const budget = openSessionBudget(options.sessions, options.onLearned)
    try {
      const opening = openBudgeted(options, connection, budget, 'main')
      const main = await abortable(opening, limit.signal)
      return liveSession(options, connection, { main, budget })
    } catch (error) {
      connection.close()
      throw error
    }
  } finally {
    cancelLimit()
    signal.removeEventListener('abort', stop)
  }
}

function openBudgeted(
  options: SessionOptions,
  connection: Connection,
  budget: SessionBudget,
  mode: AgentMode,
): Promise<Channel> {
  const { clock, dice, client, folder } = options
  const nonce = dice.tail(20)
  return budget.open(
    () => openChannel(connection, { agent: agentText(), nonce, mode, client, folder, clock }),
    (channel, closed) => channel.onClose(closed),
  )
}

function liveSession(
  options: SessionOptions,
  connection: Connection,
  { main, budget }: { main: Channel; budget: SessionBudget },
): Session {
  const { blobs, clock } = options
  const listeners: ((why: string) => void)[] = []
  let closedWhy: string | null = null
  let bulk: Promise<Channel> | null = null
  let isBulk = true
  let bulkAgainAt = 0
  const pulse = openPulse(options, connection, main, (why) => {
    end(why)
    main.close()
  })
  const end = (why: string): void => {
    if (closedWhy !== null) return
    closedWhy = why
    pulse.close()
    connection.close()
    for (const listener of listeners) listener(why)
  }
  main.onClose(end)
  connection.onClose((why) => {
    end(why)
    main.close()
  })

  // MaxSessions 1, a forced command, a full process table: bytes then share the main channel, until it is tried again.
  const openBulk = async (): Promise<Channel> => {
    try {
      const channel = await openBudgeted(options, connection, budget, 'bulk')
      channel.onClose(() => (bulk = null))
      isBulk = true
      return channel
    } catch (error) {
      bulk = null
      if (closedWhy !== null) throw error
      isBulk = false
      bulkAgainAt = clock.monotonic() + bulkAgainMs
      return main
    }
  }
  const channel = (): Promise<Channel> => {
    if (bulk !== null) return bulk
    if (!isBulk && (clock.monotonic() < bulkAgainAt || !budget.hasRoom()))
      return Promise.resolve(main)
    return (bulk = openBulk())
  }

  return {
    main,
    connection,
    budget,
    courier: openCourier({ blobs, clock, main, channel, onTransfer: options.onTransfer }),
    channel,
    isBulk: () => isBulk,
    stir: () => pulse.stir(),
    wake: () => pulse.wake(),
    onClose(listener) {
      if (closedWhy === null) listeners.push(listener)
      else listener(closedWhy)
    },
    close(why = 'closed here') {
      end(why)
      main.close()
      void bulk?.then(
        (one) => one.close(),
        () => undefined,
      )
    },
  }
}

/** By the transport's own signs of life where it has some; else the agent is asked, which may be busy for longer. */
function openPulse(
  options: SessionOptions,
  connection: Connection,
  main: Channel,
  onDead: (why: string) => void,
): Pulse {
  const { clock, roundTrips, isNeeded, onLearned } = options
  const { life } = connection
  let isFirst = true
  const probe = async (): Promise<void> => {
    await (life === undefined ? main.ping() : life.probe())
    if (isFirst) queueMicrotask(onLearned)
    isFirst = false
  }
  const pulse = new Pulse({
    clock,
    roundTrips,
    isNeeded,
    onDead,
    probe,
    outgoing: () => life?.outgoing() ?? { isWaiting: false, taken: 0 },
    quietMs: life === undefined ? agentQuietMs : pulseQuietMs,
    limitMsMin: life === undefined ? agentLimitMs : pulseLimitMsMin,
  })
  if (life === undefined) main.onHeard(() => pulse.heard())
  else life.onHeard(() => pulse.heard())
  return pulse
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
