// What a failed connection is called and what a person reads about it.
import { TransportError } from './transport.ts'
import { errorCode } from '../system/error-code.ts'
import { fingerprintOf, linesOf } from './known-hosts.ts'
import type { HostName, KnownHostDecision, KnownHostLine } from './known-hosts.ts'
import { randomart } from './randomart.ts'
import { serverText } from './server-text.ts'
import { describeKey } from './trust.ts'

/** The one that is being connected to: `host` by the workspace's name, `hop` in words where it is a jump host. */
export interface Place {
  host: string
  /** `user@address:port`. */
  address: string
  /** '' for the host itself. */
  hop: string
}

/** `edge (etl@10.0.0.7:22)`, `jump host etl@10.0.0.1:22 on the way to edge`. */
export function placeText(place: Place): string {
  if (place.hop === '') return `${place.host} (${place.address})`
  return `jump host ${place.address} on the way to ${place.host}`
}

/** No TCP connection. None of these is permanent: networks, machines and VPNs come back. */
export function dialError(place: Place, name: string, error: unknown): TransportError {
  const code = errorCode(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'ENODATA') {
    const why = code === 'EAI_AGAIN' ? 'name lookup does not work at present' : 'no such name'
    return new TransportError(
      'dns_failure',
      `Cannot find the address of ${placeText(place)}: ${why}: "${name}". Check the spelling, the network and the VPN.`,
      { error },
    )
  }
  return unreachable(place, dialWords.get(code) ?? messageOf(error), error)
}

const dialWords = new Map([
  ['ECONNREFUSED', 'the machine answers, but nothing listens on that port'],
  ['EHOSTUNREACH', 'no route to the machine'],
  ['ENETUNREACH', 'no route to its network'],
  ['ETIMEDOUT', 'no answer'],
  ['ECONNRESET', 'the connection was reset'],
])

export function unreachable(place: Place, why: string, error?: unknown): TransportError {
  return new TransportError('host_unreachable', `Cannot reach ${placeText(place)}: ${why}.`, {
    error,
  })
}

export function refused(place: Place, report: string, error?: unknown): TransportError {
  return new TransportError(
    'ssh_auth_failure',
    `${placeText(place)} refuses the login. ${report}`,
    {
      permanent: true,
      error,
    },
  )
}

export interface JudgedKey {
  key: Buffer
  decision: Exclude<KnownHostDecision, { kind: 'ok' }>
  lines: readonly KnownHostLine[]
  name: HostName
}

/** H8: what is not known asks a person; what differs from what is known stops. */
export function hostKeyError(place: Place, judged: JudgedKey): TransportError {
  const { key, decision, lines, name } = judged
  if (decision.kind === 'unknown') {
    const fingerprint = fingerprintOf(key)
    return new TransportError(
      'ssh_host_key_unknown',
      `The key of ${placeText(place)} is not known: ${describeKey(key)}. ` +
        `If its owner confirms it: sluice hosts trust ${place.host} ${fingerprint}`,
      { permanent: true, fingerprint, randomart: randomart(key) },
    )
  }
  const { file, line } = decision.by
  const what =
    decision.kind === 'revoked'
      ? `is revoked by ${file}:${line}`
      : `differs from the one that is known (${file}:${line})`
  const known = linesOf(lines, name).filter(({ marker }) => marker === null)
  return new TransportError(
    'ssh_host_key_mismatch',
    `The key of ${placeText(place)} ${what}: it shows ${describeKey(key)}. Somebody may be between, or the machine ` +
      `was set up anew. Nothing was sent. If its owner confirms the new key, remove that line and connect again.`,
    {
      permanent: true,
      changedKey: {
        known: [...new Set(known.map((one) => describeKey(one.key)))].slice(0, knownShownMax),
        shown: describeKey(key),
      },
    },
  )
}

const knownShownMax = 16

/** An error of ssh2 before the connection was ready. */
export function handshakeError(place: Place, error: Error, report: string): TransportError {
  const level = 'level' in error ? String(error.level) : ''
  // sshd says no more than that when too many are logging in (MaxStartups), or a single line before it.
  const isDropped = /^Connection lost before handshake$/.test(error.message)
  if (isDropped || (level === 'client-socket' && errorCode(error) === 'ECONNRESET')) {
    const why = 'it takes no more logins at this moment (MaxStartups), or none from this address'
    const text = `${placeText(place)} closed the connection before the login: ${why}.`
    return new TransportError('host_unreachable', text, { error, isBusy: true })
  }
  if (level === 'client-authentication' || /authentication/i.test(error.message)) {
    return refused(place, report, error)
  }
  if (level === 'handshake' || /handshake|no matching/i.test(error.message)) {
    return unreachable(place, `the ssh handshake failed: ${serverText(error.message)}`, error)
  }
  return unreachable(place, dialWords.get(errorCode(error)) ?? serverText(error.message), error)
}

function messageOf(error: unknown): string {
  // All addresses of a name failed: the first tells the most.
  if (error instanceof AggregateError && error.errors.length > 0) {
    const first: unknown = error.errors[0]
    return dialWords.get(errorCode(first)) ?? messageOf(first)
  }
  return error instanceof Error ? error.message : String(error)
}
