// Which algorithms a configuration names, and what ssh2 has of them. Lists that nobody named stay ssh2's own: those it offers
// depend on what the crypto library of this process has (Electron's BoringSSL lacks some of Node's).
import { createRequire } from 'node:module'
import type { Algorithms } from 'ssh2'
import { matchesList } from './known-hosts.ts'
import type { ConfigWords } from './ssh-config-file.ts'

/** Lists in the order of the configuration, of what ssh2 has; null: nothing was named. */
export interface SshAlgorithms {
  kex: readonly string[] | null
  cipher: readonly string[] | null
  hmac: readonly string[] | null
  serverHostKey: readonly string[] | null
  /** For the keys of the person; as named, also what ssh2 has not. */
  userKey: readonly string[] | null
}

export interface NamedAlgorithms {
  algorithms: SshAlgorithms
  /** Keywords whose list is followed by ssh2. */
  named: readonly string[]
  /** Keywords of whose list ssh2 has nothing: only OpenSSH's own program will do. */
  lacking: readonly string[]
}

interface Kind {
  field: Exclude<keyof SshAlgorithms, 'userKey'>
  keyword: string
  /** In ssh2's lists. */
  list: string
}

const kinds: readonly Kind[] = [
  { field: 'kex', keyword: 'KexAlgorithms', list: 'KEX' },
  { field: 'cipher', keyword: 'Ciphers', list: 'CIPHER' },
  { field: 'hmac', keyword: 'MACs', list: 'MAC' },
  { field: 'serverHostKey', keyword: 'HostKeyAlgorithms', list: 'SERVER_HOST_KEY' },
]

const userKeyWord = 'PubkeyAcceptedAlgorithms'
/** ssh2 signs with it wherever the host takes it. */
const rsaOfSsh2 = 'rsa-sha2-256'

/** `defaults`: what the program says without any file, as it tells of every list; null: only what was written is there. */
export function namedAlgorithms(words: ConfigWords, defaults: ConfigWords | null): NamedAlgorithms {
  const algorithms: { -readonly [field in keyof SshAlgorithms]: SshAlgorithms[field] } = {
    kex: null,
    cipher: null,
    hmac: null,
    serverHostKey: null,
    userKey: null,
  }
  const named: string[] = []
  const lacking: string[] = []
  for (const { field, keyword, list } of kinds) {
    const text = namedText(keyword, words, defaults)
    if (text === null) continue
    const has = new Set(ssh2List(`SUPPORTED_${list}`))
    const found = resolved(text, ssh2List(`DEFAULT_${list}`)).filter((name) => has.has(name))
    if (found.length === 0) lacking.push(keyword)
    else {
      algorithms[field] = found
      named.push(keyword)
    }
  }
  const text =
    namedText(userKeyWord, words, defaults) ?? namedText('PubkeyAcceptedKeyTypes', words, defaults)
  if (text !== null) {
    const found = resolved(text, userKeysOfSsh2)
    const takesRsa = found.some((name) => rsaNames.has(name))
    const isOfSsh2 = found.some((name) => userKeysOfSsh2.includes(name))
    if (!isOfSsh2 || (takesRsa && !found.includes(rsaOfSsh2))) lacking.push(userKeyWord)
    else {
      algorithms.userKey = found
      named.push(userKeyWord)
    }
  }
  return { algorithms, named, lacking }
}

/** Whether a key of this type may be shown, as far as its type tells. */
export function takesKeyType({ userKey }: SshAlgorithms, type: string): boolean {
  if (userKey === null) return true
  return type === 'ssh-rsa' ? userKey.some((name) => rsaNames.has(name)) : userKey.includes(type)
}

/** An rsa key signs in three ways; the host may leave ssh2 but the oldest. */
export function takesRsaHash({ userKey }: SshAlgorithms, hash: string): boolean {
  return (
    userKey === null || userKey.includes(hash === 'sha1' ? 'ssh-rsa' : `rsa-sha2-${hash.slice(3)}`)
  )
}

/**
 * For ssh2. Host keys by whose types the host is known come first, as OpenSSH asks: a server has a key of each type, and one
 * that is known by its ed25519 must not look changed because it was asked for its rsa.
 */
export function algorithmsFor(named: SshAlgorithms, knownTypes: readonly string[]): Algorithms {
  const { kex, cipher, hmac, serverHostKey } = named
  const isKnown = (name: string): boolean =>
    name !== 'ssh-rsa' && knownTypes.includes(rsaNames.has(name) ? 'ssh-rsa' : name)
  const hostKeys = serverHostKey ?? ssh2List('DEFAULT_SERVER_HOST_KEY')
  const first = hostKeys.filter(isKnown)
  const rest = hostKeys.filter((name) => !isKnown(name))
  return {
    ...(hostKeys.length === 0 ? {} : { serverHostKey: [...first, ...rest] }),
    ...(kex === null ? {} : { kex }),
    ...(cipher === null ? {} : { cipher }),
    ...(hmac === null ? {} : { hmac }),
  } as Algorithms // names that ssh2 itself has told
}

const rsaNames = new Set(['rsa-sha2-512', rsaOfSsh2, 'ssh-rsa'])
const userKeysOfSsh2 = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  rsaOfSsh2,
]

function namedText(
  keyword: string,
  words: ConfigWords,
  defaults: ConfigWords | null,
): string | null {
  const text = words.get(keyword.toLowerCase())?.[0] ?? ''
  return text === '' || text === defaults?.get(keyword.toLowerCase())?.[0] ? null : text
}

/** ssh_config(5): `+` adds to the end, `^` puts first, `-` takes away, by patterns. `ssh -G` has done that already. */
function resolved(text: string, standard: readonly string[]): string[] {
  const sign = text.charAt(0)
  const given = text
    .replace(/^[+^-]/, '')
    .split(',')
    .filter((name) => name !== '')
  if (sign === '-') return standard.filter((name) => !matchesList(given.join(','), name))
  if (sign === '+') return [...new Set([...standard, ...given])]
  if (sign === '^') return [...new Set([...given, ...standard])]
  return [...new Set(given)]
}

/** ssh2 1.17 keeps its lists to itself. Where a later one has others, a list that is named is left to OpenSSH's program. */
function ssh2List(name: string): readonly string[] {
  const lists: unknown = createRequire(import.meta.url)('ssh2/lib/protocol/constants.js')
  const list: unknown =
    typeof lists === 'object' && lists !== null ? Reflect.get(lists, name) : undefined
  return Array.isArray(list) ? list.map(String) : []
}
