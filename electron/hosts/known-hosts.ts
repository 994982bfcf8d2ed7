// Decides whether a server's key is the one that is known for it, as OpenSSH reads its known_hosts files (sshd(8)). Pure.
//   K1  A line marked @revoked beats every other line.
//   K2  On another port than 22 `[host]:port` is asked first; only a matching key is taken from a line without port.
//   K3  A host that is known by any other key has *changed*, also when that key is of another type.
//   K4  A line that cannot be read counts for nothing: neither as a match nor as a change.
//   K5  @cert-authority lines vouch for certificates, never for a plain key.
//   K6  Where CheckHostIP is on, the address may not be known by another key; it need not be known.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface KnownHostLine {
  file: string
  /** From 1. */
  line: number
  marker: 'revoked' | 'cert-authority' | null
  /** Patterns with commas, or one hashed name `|1|salt|hash`. */
  hosts: string
  type: string
  key: Buffer
}

/** A host as known_hosts names it. An alias (HostKeyAlias) stands without its port: as on port 22. */
export interface HostName {
  host: string
  port: number
  /** Only where CheckHostIP is on. */
  ip?: string | null
}

export type KnownHostDecision =
  | { kind: 'ok' }
  | { kind: 'unknown' }
  /** `by`: the line that says otherwise. */
  | { kind: 'changed'; by: KnownHostLine }
  | { kind: 'revoked'; by: KnownHostLine }

export function readKnownHosts(text: string, file: string): KnownHostLine[] {
  return text.split('\n').flatMap((line, index) => readLine(line, file, index + 1, null) ?? [])
}

/** Those that name the host. A long file is read a part at a time: a hashed name costs a digest for each line. */
export async function readKnownHostsOf(
  name: HostName,
  text: string,
  file: string,
): Promise<KnownHostLine[]> {
  const names = namesOf(name)
  if (typeof name.ip === 'string') names.push(...namesOf({ host: name.ip, port: name.port }))
  const found: KnownHostLine[] = []
  let number = 0
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('\n', at)
    const end = next < 0 ? text.length : next
    const read = readLine(text.slice(at, end), file, ++number, names)
    if (read !== null) found.push(read)
    at = end + 1
    if (number % linesPerTurn === 0) await new Promise(setImmediate)
  }
  return found
}

/** Some 5 ms. */
const linesPerTurn = 200

/** `key`: the public key as the server sends it. */
export function decideHostKey(
  lines: readonly KnownHostLine[],
  name: HostName,
  key: Buffer,
): KnownHostDecision {
  const decision = decideName(lines, name, key)
  if (decision.kind !== 'ok' || typeof name.ip !== 'string') return decision
  const byAddress = decideName(lines, { host: name.ip, port: name.port }, key)
  return byAddress.kind === 'unknown' ? decision : byAddress
}

function decideName(
  lines: readonly KnownHostLine[],
  name: HostName,
  key: Buffer,
): KnownHostDecision {
  const [exact, ...fallback] = namesOf(name)
  const named = linesFor(lines, exact)
  const loose = fallback.flatMap((other) => linesFor(lines, other))
  const revoked = [...named, ...loose].find(
    (line) => line.marker === 'revoked' && line.key.equals(key),
  )
  if (revoked !== undefined) return { kind: 'revoked', by: revoked }
  const plain = named.filter((line) => line.marker === null)
  if (plain.some((line) => line.key.equals(key))) return { kind: 'ok' }
  if (plain[0] !== undefined) return { kind: 'changed', by: plain[0] }
  const match = loose.some((line) => line.marker === null && line.key.equals(key))
  return { kind: match ? 'ok' : 'unknown' }
}

/**
 * Types of the keys that are known for a host. To be asked for first: a server has a key of each type, and one of
 * them known by ed25519 must not look changed because it was asked for its rsa key.
 */
export function knownKeyTypes(lines: readonly KnownHostLine[], name: HostName): string[] {
  const found = linesOf(lines, name).filter((line) => line.marker === null)
  return [...new Set(found.map((line) => line.type))]
}

/** Every line that names the host, marked ones too, in the order of the file. */
export function linesOf(lines: readonly KnownHostLine[], name: HostName): KnownHostLine[] {
  return namesOf(name).flatMap((one) => linesFor(lines, one))
}

/** K5. An authority vouches for the host: it may show a certificate instead of a key. */
export function hasAuthority(lines: readonly KnownHostLine[], name: HostName): boolean {
  return linesOf(lines, name).some((line) => line.marker === 'cert-authority')
}

/** `SHA256:...`, as ssh and ssh-keygen print it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`
}

export function keyTypeOf(key: Buffer): string {
  return wireStrings(key)?.[0]?.toString('latin1') ?? ''
}

/**
 * The line that makes a key known, for this name alone. Throws for a name that would say something else there: a
 * pattern, a list, a comment or a second line.
 */
export function knownHostLine(name: HostName, key: Buffer): string {
  const [asked] = namesOf(name)
  const bare = asked.replace(/^\[(.*)\]:\d+$/, '$1')
  if (!/^[^\s\p{Cc},*?!|@#[\]"\\]+$/u.test(bare)) {
    throw new Error(`"${bare}" is no name of a host that known_hosts could hold`)
  }
  return `${asked} ${keyTypeOf(key)} ${key.toString('base64')}`
}

/** K2. */
function namesOf({ host, port }: HostName): [string, ...string[]] {
  const lower = host.toLowerCase()
  return port === 22 ? [lower] : [`[${lower}]:${port}`, lower]
}

/** `names`: only where the line names one of them; null: in any case. */
function readLine(
  line: string,
  file: string,
  number: number,
  names: readonly string[] | null,
): KnownHostLine | null {
  const fields = line.trim().split(/[ \t]+/)
  if (fields[0] === '' || fields[0]?.startsWith('#') === true) return null
  const mark = fields[0]?.startsWith('@') === true ? fields.shift() : null
  const marker = markerOf(mark ?? null)
  const [hosts, type, base64] = fields
  if (marker === undefined || hosts === undefined || type === undefined) return null
  if (names !== null && !names.some((name) => isNamed(hosts, name))) return null
  const key = Buffer.from(base64 ?? '', 'base64')
  // K4. The type stands twice, and a key that was cut short does not end where its last part ends.
  if (keyTypeOf(key) !== type) return null
  return { file, line: number, marker, hosts, type, key }
}

function markerOf(mark: string | null): KnownHostLine['marker'] | undefined {
  if (mark === null) return null
  if (mark === '@revoked') return 'revoked'
  if (mark === '@cert-authority') return 'cert-authority'
  return undefined
}

function linesFor(lines: readonly KnownHostLine[], name: string): KnownHostLine[] {
  return lines.filter((line) => isNamed(line.hosts, name))
}

function isNamed(hosts: string, name: string): boolean {
  return hosts.startsWith('|') ? isHashOf(hosts, name) : matchesList(hosts, name)
}

/** `|1|` base64 salt `|` base64 HMAC-SHA1 of the name. */
function isHashOf(hosts: string, name: string): boolean {
  const [, version, salt, hash] = hosts.split('|')
  if (version !== '1' || salt === undefined || hash === undefined) return false
  const expected = Buffer.from(hash, 'base64')
  const found = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  return expected.length === found.length && timingSafeEqual(expected, found)
}

/** A list of patterns matches when one does and none with `!` does. Also ssh_config's `Host`, with other separators. */
export function matchesList(list: string, name: string, separator: string | RegExp = ','): boolean {
  let matched = false
  for (const item of list.split(separator)) {
    const negated = item.startsWith('!')
    if (!matchesPattern(negated ? item.slice(1) : item, name)) continue
    if (negated) return false
    matched = true
  }
  return matched
}

/** `*` and `?`; letters alike in both cases. Walks back to the last `*` only, so no pattern takes exponential time. */
function matchesPattern(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase()
  const given = name.toLowerCase()
  let at = 0
  let star = -1
  let resume = 0
  let i = 0
  while (i < given.length) {
    if (wanted[at] === '*') {
      star = at++
      resume = i
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[i])) {
      at++
      i++
    } else if (star >= 0) {
      at = star + 1
      i = ++resume
    } else {
      return false
    }
  }
  while (wanted[at] === '*') at++
  return at === wanted.length
}

/** The length-prefixed parts of an SSH key, or null when they do not fill it exactly. */
function wireStrings(key: Buffer): Buffer[] | null {
  const parts: Buffer[] = []
  for (let at = 0; at < key.length;) {
    if (at + 4 > key.length) return null
    const end = at + 4 + key.readUInt32BE(at)
    if (end > key.length) return null
    parts.push(key.subarray(at + 4, end))
    at = end
  }
  return parts.length > 1 ? parts : null
}
