// A host over ssh2. Its defaults are wrong for us, each with its reason here:
//   T1  `hostVerifier` is always given: without one ssh2 accepts every key (H8). Also for each jump host.
//   T2  We dial ourselves, with TCP_NODELAY: a start would wait 40 ms for the delayed acknowledgement (H2).
//   T3  Keepalive is on: a link that is cut without a word is noticed after a minute.
//   T4  No cipher is named: Electron's BoringSSL lacks some of Node's. Only host key types are put in order.
import { createConnection, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import type { Client, ConnectConfig, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { Clock } from '../ports/clock.ts'
import { decideHostKey, knownKeyTypes } from './known-hosts.ts'
import type { HostName, KnownHostLine } from './known-hosts.ts'
import { openAuth, type Ask } from './ssh-auth.ts'
import type { SshConfig, SshTarget } from './ssh-config.ts'
import { openConnection } from './ssh-transport-connection.ts'
import { dialError, handshakeError, hostKeyError, unreachable } from './ssh-transport-errors.ts'
import type { Place } from './ssh-transport-errors.ts'
import { prepareKeys, writeTogether } from './ssh-transport-speed.ts'
import { TransportError, type Connection, type Transport } from './transport.ts'
import type { Trust } from './trust.ts'

export interface SshTransportOptions {
  config: SshConfig
  trust: Trust
  clock: Clock
  /** Asks the person at the screen. Without it nothing is asked (headless). */
  onAsk?: Ask
  connectTimeoutMs?: number
}

/** For the address, the handshake and the login of one hop; a person's time to answer does not count. */
const connectTimeoutMs = 20_000
const keepaliveMs = 15_000
const keepaliveMissesMax = 3
/** A jump host whose own configuration jumps back would go on for ever. */
const hopsMax = 8

export function sshTransport(spec: HostSpec, options: SshTransportOptions): Transport {
  // Of an alias it is known once the configuration was asked.
  let address = spec.address === null ? (spec.ssh ?? spec.name) : addressOf(direct(spec, options))
  return {
    get address() {
      return address
    },
    async connect(signal) {
      signal.throwIfAborted()
      const target =
        spec.address === null
          ? await options.config.resolve(spec.ssh ?? spec.name)
          : direct(spec, options)
      address = addressOf(target)
      const place = { host: spec.name, address, hop: '' }
      const hop = await openHop(
        { target, place, jumps: target.jumps, left: hopsMax },
        options,
        signal,
      )
      return hop.connection
    },
  }
}

function direct(spec: HostSpec, { config }: SshTransportOptions): SshTarget {
  const { address, port, user, key } = spec
  return config.direct({ host: address ?? spec.name, port, user, key })
}

interface Hop {
  target: SshTarget
  place: Place
  jumps: readonly string[]
  left: number
}

interface OpenHop {
  client: Client
  connection: Connection
}

async function openHop(
  hop: Hop,
  options: SshTransportOptions,
  signal: AbortSignal,
): Promise<OpenHop> {
  const { target, place } = hop
  if (target.proxyCommand !== null && hop.jumps.length === 0) {
    throw new TransportError(
      'host_unreachable',
      `${place.host} is reached by a ProxyCommand, which Sluice does not run. Write it as ProxyJump.`,
      { permanent: true },
    )
  }
  const way = await openWay(hop, options, signal)
  try {
    return await login({ ...hop, ...way }, options, signal)
  } catch (error) {
    way.cut()
    throw error
  }
}

/** The bytes to a hop's ssh port: a TCP connection, or a channel through the hop before. */
interface Way {
  socket: Duplex
  /** Where it goes, when that is known. */
  ip: string | null
  cut: () => void
}

async function openWay(hop: Hop, options: SshTransportOptions, signal: AbortSignal): Promise<Way> {
  const { target, place, jumps } = hop
  const last = jumps.at(-1)
  if (last === undefined) {
    const socket = await dial(target, place, deadlineOf(target, options), signal)
    return { socket, ip: socket.remoteAddress ?? null, cut: () => void socket.destroy() }
  }
  if (hop.left === 0) throw unreachable(place, `there are more than ${hopsMax} jump hosts`)
  const jump = await resolveJump(last, options.config)
  const before = jumps.slice(0, -1)
  const opened = await openHop(
    {
      target: jump,
      place: { host: place.host, address: addressOf(jump), hop: last },
      // As OpenSSH does: only the first of a chain follows its own ProxyJump.
      jumps: before.length > 0 ? before : jump.jumps,
      left: hop.left - 1,
    },
    options,
    signal,
  )
  try {
    const socket = await forward(opened.client, target, place)
    return { socket, ip: null, cut: () => opened.connection.close() }
  } catch (error) {
    opened.connection.close()
    throw error
  }
}

/** `[user@]host[:port]`, `ssh://` in front or not; the host may be an alias. */
async function resolveJump(text: string, config: SshConfig): Promise<SshTarget> {
  const parts = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(text)
  const [, user, host = text, port] = parts ?? []
  const target = await config.resolve(host.replace(/^\[(.*)\]$/, '$1'))
  return {
    ...target,
    user: user ?? target.user,
    port: port === undefined ? target.port : Number(port),
  }
}

interface Deadline {
  clock: Clock
  ms: number
}

function deadlineOf(target: SshTarget, options: SshTransportOptions): Deadline {
  const ms = options.connectTimeoutMs ?? target.connectTimeoutMs ?? connectTimeoutMs
  return { clock: options.clock, ms }
}

/** T2. */
function dial(
  target: SshTarget,
  place: Place,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = target
    const socket = createConnection({ host, port, noDelay: true, keepAlive: true })
    const end = (error: Error | null): void => {
      stopClock()
      signal.removeEventListener('abort', onAbort)
      if (error === null) return resolve(socket)
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

function forward(through: Client, target: SshTarget, place: Place): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | undefined, channel: Duplex): void =>
      error instanceof Error
        ? reject(unreachable(place, `the jump host cannot reach it: ${error.message}`, error))
        : resolve(channel)
    try {
      through.forwardOut('127.0.0.1', 0, target.host, target.port, done)
    } catch (error) {
      reject(unreachable(place, 'the jump host has closed the connection', error))
    }
  })
}

async function login(
  hop: Hop & Way,
  options: SshTransportOptions,
  signal: AbortSignal,
): Promise<OpenHop> {
  const { target, place, socket, cut } = hop
  const { trust, clock } = options
  const name = nameOf(hop)
  const lines = await trust.lines(target.knownHostsFiles)
  // Its close would not be told a second time.
  if (socket.destroyed) throw unreachable(place, 'the host closed the connection')
  const client = new ssh2.Client()
  writeTogether(socket)
  const wait = openWait(deadlineOf(target, options))
  const auth = openAuth(
    target,
    place.host,
    options.onAsk === undefined ? null : wait.asking(options.onAsk),
  )

  const connection = await new Promise<Connection>((resolve, reject) => {
    let keyError: TransportError | null = null
    const fail = (error: Error): void => {
      settle()
      client.on('error', () => {})
      client.end()
      reject(error)
    }
    const settle = (): void => {
      wait.stop()
      signal.removeEventListener('abort', onAbort)
      client.removeAllListeners()
    }
    const onAbort = (): void => fail(reasonOf(signal))
    const onError = (error: Error & { level?: string }): void => {
      // One way in did not work; ssh2 goes on with the next by itself.
      const passing = error.level === 'agent' || error.level === 'client-authentication'
      if (passing && !auth.exhausted()) return auth.note(error.message)
      fail(keyError ?? handshakeError(place, error, auth.report()))
    }
    wait.onEnd((ms) => fail(unreachable(place, `no login within ${ms / 1000} s`)))
    signal.addEventListener('abort', onAbort, { once: true })
    client.on('error', onError)
    client.on('handshake', () => prepareKeys(client))
    client.on('close', () => fail(keyError ?? unreachable(place, 'the host closed the connection')))
    // At once: what follows the login in the same packet may be an error, which must find a listener.
    client.on('ready', () => {
      settle()
      client.on('handshake', () => prepareKeys(client))
      resolve(openConnection({ client, place, clock, cut }))
    })
    client.connect({
      sock: socket,
      username: target.user,
      authHandler: auth.handler,
      algorithms: { serverHostKey: hostKeyOrder(lines, name) },
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepaliveMissesMax,
      // Ours stands still while a person is asked.
      readyTimeout: 0,
      // T1.
      hostVerifier: (key: Buffer) => {
        keyError = checkKey({ hop, lines, name, key, trust })
        return keyError === null
      },
    } satisfies ConnectConfig)
  })
  return { client, connection }
}

function checkKey(check: {
  hop: Hop & Way
  lines: readonly KnownHostLine[]
  name: HostName
  key: Buffer
  trust: Trust
}): TransportError | null {
  const { hop, lines, name, key, trust } = check
  const decision = decideHostKey(lines, name, key)
  if (decision.kind === 'unknown') trust.show(hop.place.host, name, key)
  return decision.kind === 'ok' ? null : hostKeyError(hop.place, key, decision)
}

/** HostKeyAlias stands in known_hosts without a port. */
function nameOf({ target, ip }: Hop & Way): HostName {
  return target.hostKeyAlias === null
    ? { host: target.host, port: target.port, ip: target.checkHostIp ? ip : null }
    : { host: target.hostKeyAlias, port: 22 }
}

/** T4. Types by which the host is known come first, as OpenSSH asks; an rsa key signs in three ways. */
function hostKeyOrder(
  lines: readonly KnownHostLine[],
  name: HostName,
): { remove: ServerHostKeyAlgorithm[]; prepend: ServerHostKeyAlgorithm[]; append: never[] } {
  const first = knownKeyTypes(lines, name).flatMap((type) => signatures.get(type) ?? [])
  // ssh2 leaves one that is in its list where it is, so it is taken out before.
  return { remove: first, prepend: first, append: [] }
}

const signatures = new Map<string, ServerHostKeyAlgorithm[]>([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
])

interface Wait {
  onEnd(listener: (ms: number) => void): void
  /** The time stands still while an answer is awaited. */
  asking(ask: Ask): Ask
  stop(): void
}

function openWait({ clock, ms }: Deadline): Wait {
  let listener: (ms: number) => void = () => {}
  let stopped = false
  let stop = clock.after(ms, () => listener(ms))
  return {
    onEnd(end) {
      listener = end
    },
    asking: (ask) => async (question) => {
      stop()
      try {
        return await ask(question)
      } finally {
        if (!stopped) stop = clock.after(ms, () => listener(ms))
      }
    },
    stop() {
      stopped = true
      stop()
    },
  }
}

function addressOf({ user, host, port }: SshTarget): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))
}
