// A host over ssh2, or over the system's `ssh` where ssh2 cannot. ssh2's defaults are wrong for us, each with its reason here:
//   T1  `hostVerifier` is always given: without one ssh2 accepts every key (H8). Also for each jump host.
//   T2  We dial ourselves, with TCP_NODELAY (ssh-way.ts).
//   T3  Keepalive is on: a link that is cut without a word is noticed after a minute.
//   T4  No cipher is named by us: Electron's BoringSSL lacks some of Node's. What a configuration names is followed, and host
//       key types are put in order.
//   T5  What ssh2 lacks (certificates, security keys, Kerberos, some algorithms) is left to OpenSSH's own program: at once
//       where the configuration or known_hosts want it, else after ssh2 was refused and something was left to offer.
import ssh2 from 'ssh2'
import type { Client, ConnectConfig } from 'ssh2'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { Ask } from '../ports/asks.ts'
import type { Clock } from '../ports/clock.ts'
import { openKeyring, type Keyring } from './keyring.ts'
import { decideHostKey, hasAuthority, knownKeyTypes } from './known-hosts.ts'
import type { HostName, KnownHostLine } from './known-hosts.ts'
import { connectByOpenSsh } from './openssh-transport.ts'
import { openPatience, type Deadline } from './patience.ts'
import { algorithmsFor } from './ssh-algorithms.ts'
import { openAuth, type Auth } from './ssh-auth.ts'
import type { SshConfig, SshTarget } from './ssh-config.ts'
import { openConnection } from './ssh-transport-connection.ts'
import {
  handshakeError,
  hostKeyError,
  placeText,
  refused,
  unreachable,
} from './ssh-transport-errors.ts'
import type { Place } from './ssh-transport-errors.ts'
import {
  copyWhatIsKept,
  giveBackRead,
  hearFailures,
  prepareKeys,
  writeTogether,
} from './ssh-transport-inside.ts'
import { dial, reasonOf, throughCommand, throughJump, type Way } from './ssh-way.ts'
import { TransportError, type Connection, type Transport } from './transport.ts'
import type { Trust } from './trust.ts'

export interface SshTransportOptions {
  config: SshConfig
  trust: Trust
  clock: Clock
  /** Asks the person at the screen; null at once where there is none, which is also the default. */
  ask?: Ask
  /** One for all transports: a key is opened once. */
  keyring?: Keyring
  connectTimeoutMs?: number
  /** Over OpenSSH's own program from the start (T5). */
  byOpenSsh?: boolean
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
  const given = {
    ...options,
    config: spec.transport === 'ssh2' ? withoutProgram(options.config) : options.config,
    ask: options.ask ?? nobody,
    keyring: options.keyring ?? openKeyring(),
  }
  let wantsOpenSsh = options.byOpenSsh ?? spec.transport === 'openssh'
  let learned: readonly string[] = spec.transport === 'openssh' ? ['transport: openssh'] : []
  const findTarget = async (): Promise<SshTarget> =>
    spec.address === null
      ? await options.config.resolve(spec.ssh ?? spec.name)
      : direct(spec, options)
  return {
    get address() {
      return address
    },
    async gate() {
      const { jumps, host, port } = await findTarget()
      return jumps[0] ?? `${host}:${port}`
    },
    async connect(signal) {
      signal.throwIfAborted()
      const target = await findTarget()
      address = addressOf(target)
      const place = { host: spec.name, address, hop: '' }
      const connecting = { ...given, signal, beyond: [] }
      if (wantsOpenSsh || target.needsOpenSsh.length > 0) {
        if (spec.transport === 'ssh2') throw needsProgram(place, target.needsOpenSsh)
        const why = [...new Set([...learned, ...target.needsOpenSsh])]
        return await connectByOpenSsh({ ...connecting, target, place, why })
      }
      try {
        const hop = { target, place, jumps: target.jumps, left: hopsMax }
        const { connection } = await openHop(hop, connecting)
        return Object.assign(connection, { route: { program: 'ssh2', why: target.namedLists } })
      } catch (error) {
        const why: readonly string[] = connecting.beyond
        if (why.length === 0 || given.config.program() === null) throw error
        const connection = await connectByOpenSsh({ ...connecting, target, place, why })
        // It is the way in: the next connect is spared the refusal.
        wantsOpenSsh = true
        learned = why
        return connection
      }
    },
  }
}

/** Who wants ssh2 alone has no program: its configuration is read by it all the same. */
function withoutProgram(config: SshConfig): SshConfig {
  return { ...config, program: () => null }
}

function needsProgram(place: Place, why: readonly string[]): TransportError {
  const text = `Cannot reach ${placeText(place)}: ${why.join(', ')} of its configuration needs the ssh program, which is not there or left out by "transport: ssh2".`
  return new TransportError('host_unreachable', text, { permanent: true })
}

const nobody: Ask = async () => null

function direct(spec: HostSpec, { config }: SshTransportOptions): SshTarget {
  const { address, port, user, key } = spec
  return config.direct({ host: address ?? spec.name, port, user, key })
}

interface Connecting extends SshTransportOptions {
  ask: Ask
  keyring: Keyring
  signal: AbortSignal
  /** What stood in the way that OpenSSH's own program could do, in words. */
  beyond: string[]
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

async function openHop(hop: Hop, connecting: Connecting): Promise<OpenHop> {
  const way = await openWay(hop, connecting)
  try {
    return await login({ ...hop, ...way }, connecting)
  } catch (error) {
    way.cut()
    throw error
  }
}

async function openWay(hop: Hop, connecting: Connecting): Promise<Way> {
  const { target, place, jumps } = hop
  const last = jumps.at(-1)
  if (last === undefined) {
    const deadline = deadlineOf(target, connecting)
    return target.proxyCommand === null
      ? await dial(target, place, deadline, connecting.signal)
      : throughCommand(target.proxyCommand, connecting.config.env, deadline)
  }
  if (hop.left === 0) throw unreachable(place, `there are more than ${hopsMax} jump hosts`)
  const jump = await resolveJump(last, connecting.config)
  if (jump.needsOpenSsh.length > 0) {
    connecting.beyond.push(...jump.needsOpenSsh)
    throw needsProgram({ ...place, address: addressOf(jump), hop: last }, jump.needsOpenSsh)
  }
  const before = jumps.slice(0, -1)
  const opened = await openHop(
    {
      target: jump,
      place: { host: place.host, address: addressOf(jump), hop: last },
      // As OpenSSH does: only the first of a chain follows its own ProxyJump.
      jumps: before.length > 0 ? before : jump.jumps,
      left: hop.left - 1,
    },
    connecting,
  )
  const close = (): void => opened.connection.close()
  try {
    return await throughJump({ client: opened.client, close }, target, place)
  } catch (error) {
    close()
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

function deadlineOf(target: SshTarget, options: SshTransportOptions): Deadline {
  const ms = options.connectTimeoutMs ?? target.connectTimeoutMs ?? connectTimeoutMs
  return { clock: options.clock, ms }
}

async function login(hop: Hop & Way, connecting: Connecting): Promise<OpenHop> {
  const { target, place, socket, cut } = hop
  const { trust, clock, signal, beyond } = connecting
  const name = nameOf(hop)
  const files = [...target.userKnownHostsFiles, ...target.globalKnownHostsFiles]
  const lines = await trust.linesOf(name, files)
  if (hasAuthority(lines, name) && connecting.config.program() !== null) {
    beyond.push('a host certificate')
    // Nothing was said to the host: the program looks at its certificate, or at its key.
    throw unreachable(place, 'known_hosts names an authority for it, which needs the ssh program')
  }
  // What was aborted meanwhile is not told a second time either, and nobody would close the connection.
  if (signal.aborted) throw reasonOf(signal)
  // Its close would not be told a second time.
  if (socket.destroyed) throw unreachable(place, hop.trouble() ?? 'the host closed the connection')
  const client = new ssh2.Client()
  writeTogether(socket)
  const patience = openPatience(deadlineOf(target, connecting))

  const connection = await new Promise<Connection>((resolve, reject) => {
    let keyError: TransportError | null = null
    const fail = (error: Error): void => {
      settle()
      client.on('error', () => {})
      client.end()
      reject(error)
    }
    const settle = (): void => {
      patience.stop()
      signal.removeEventListener('abort', onAbort)
      client.removeAllListeners()
    }
    const lost = (why: string): void => fail(keyError ?? unreachable(place, hop.trouble() ?? why))
    const auth: Auth = openAuth({
      ...connecting,
      target,
      host: place.host,
      hop: place.address,
      patiently: (work) => patience.during(work),
      giveUp: () => fail(refused(place, auth.report())),
    })
    const onAbort = (): void => fail(reasonOf(signal))
    const onError = (error: Error & { level?: string }): void => {
      // One way in did not work; ssh2 goes on with the next by itself.
      const passing = error.level === 'agent' || error.level === 'client-authentication'
      if (passing && !auth.exhausted()) return auth.note(error.message)
      const found = keyError ?? handshakeError(place, error, auth.report())
      if (found.kind === 'ssh_auth_failure') beyond.push(...auth.beyond())
      if (isTooNew(error)) beyond.push('an algorithm')
      const trouble = found.kind === 'host_unreachable' ? hop.trouble() : null
      fail(trouble === null ? found : unreachable(place, trouble, error))
    }
    patience.onEnd((ms) => lost(`no login within ${ms / 1000} s`))
    signal.addEventListener('abort', onAbort, { once: true })
    client.on('error', onError)
    client.on('handshake', () => prepareKeys(client))
    client.on('close', () => lost('the host closed the connection'))
    client.on('change password', () =>
      fail(refused(place, `The password has expired. Change it: ssh ${place.address}`)),
    )
    // At once: what follows the login in the same packet may be an error, which must find a listener.
    client.on('ready', () => {
      settle()
      auth.succeeded()
      if (!hop.isReused) giveBackRead(client, socket)
      client.on('handshake', () => prepareKeys(client))
      resolve(openConnection({ client, place, clock, cut }))
    })
    client.connect({
      sock: socket,
      username: target.user,
      authHandler: auth.handler,
      algorithms: algorithmsFor(target.algorithms, knownKeyTypes(lines, name)),
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
    if (hop.isReused) copyWhatIsKept(client)
    hearFailures(client, (left, isPart) => auth.failed(left, isPart))
  })
  return { client, connection }
}

/** T5: the host speaks no key exchange, cipher or kind of host key that ssh2 knows. */
const isTooNew = (error: Error): boolean => /no matching/i.test(error.message)

function checkKey(check: {
  hop: Hop & Way
  lines: readonly KnownHostLine[]
  name: HostName
  key: Buffer
  trust: Trust
}): TransportError | null {
  const { hop, lines, name, key, trust } = check
  const decision = decideHostKey(lines, name, key)
  if (decision.kind === 'ok') return null
  trust.met(hop.place.host, { name, key, decision })
  return hostKeyError(hop.place, { key, decision, lines, name })
}

/** HostKeyAlias stands in known_hosts without a port. */
function nameOf({ target, ip }: Hop & Way): HostName {
  return target.hostKeyAlias === null
    ? { host: target.host, port: target.port, ip: target.checkHostIp ? ip : null }
    : { host: target.hostKeyAlias, port: 22 }
}

function addressOf({ user, host, port }: SshTarget): string {
  return `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`
}
