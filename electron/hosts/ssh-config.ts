// What OpenSSH's configuration says about a host: `ssh -G` where there is an `ssh`, which alone gets every rule right;
// a small reader of our own (ssh-config-file.ts) elsewhere.
import { homedir, hostname, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import { errorCode } from '../system/error-code.ts'
import { namedAlgorithms, type SshAlgorithms } from './ssh-algorithms.ts'
import { readConfigFor, type ConfigWords } from './ssh-config-file.ts'
import { askSsh } from './ssh-config-program.ts'

export type Env = Readonly<Record<string, string | undefined>>

export type LoginMethod = 'publickey' | 'keyboard-interactive' | 'password'

/** All that a connection needs to know, with every default filled in. */
export interface SshTarget {
  host: string
  port: number
  user: string
  /** Private keys to try, in order; some may not exist. */
  identityFiles: readonly string[]
  /** Only these keys, also of those that the agent holds. */
  identitiesOnly: boolean
  /** Socket of the ssh-agent; null: none. */
  agent: string | null
  /** `[user@]host[:port]` or aliases, in the order they are passed. */
  jumps: readonly string[]
  proxyCommand: string | null
  userKnownHostsFiles: readonly string[]
  globalKnownHostsFiles: readonly string[]
  hostKeyAlias: string | null
  checkHostIp: boolean
  connectTimeoutMs: number | null
  /** What one would type after `ssh`; null: no configuration was asked. */
  alias: string | null
  /** Settings that ssh2 cannot follow, by their keywords: only OpenSSH's own program will do. */
  needsOpenSsh: readonly string[]
  /** 0: either. */
  family: 0 | 4 | 6
  /** Of this machine; null: any. */
  bindAddress: string | null
  /** Named by the configuration (Ciphers and the like), as far as ssh2 has them. */
  algorithms: SshAlgorithms
  /** Keywords whose lists `algorithms` follows. */
  namedLists: readonly string[]
  /** Ways in that the configuration allows, in its order. */
  methods: readonly LoginMethod[]
  /** Further ways in that it may try: `gssapi-with-mic`, `hostbased`. */
  otherMethods: readonly string[]
}

export interface SshConfig {
  readonly env: Env
  /** Instead of the usual files; null: those. */
  readonly file: string | null
  /** The `ssh` to run; null: there is none. */
  program(): string | null
  /** `alias`: what one would type after `ssh`. Throws AppError('bad-input') with OpenSSH's words when it refuses the file. */
  resolve(alias: string): Promise<SshTarget>
  /** Where no configuration is asked: an address of the workspace file. */
  direct(address: {
    host: string
    port: number | null
    user: string | null
    key: string | null
  }): SshTarget
}

export interface SshConfigOptions {
  env: Env
  clock: Clock
  /** Instead of `~/.ssh/config` and the system's; SLUICE_SSH_CONFIG says the same. */
  file?: string
  /** The `ssh` to ask; null: none, read the files ourselves. */
  program?: string | null
}

/** A reconnect storm asks once; an edit is seen at the next try. */
const keepMs = 5_000
/** Asked without any file: ssh tells its own lists of `Ciphers` and the like where nothing is named. */
const anyAlias = 'sluice'

export function openSshConfig(options: SshConfigOptions): SshConfig {
  const { env, clock } = options
  const file = options.file ?? env['SLUICE_SSH_CONFIG'] ?? null
  let program = options.program === undefined ? 'ssh' : options.program
  const answers = new Map<string, { target: Promise<SshTarget>; goodUntil: number }>()
  let defaults: Promise<ConfigWords> | null = null
  const read = async (alias: string): Promise<SshTarget> => {
    if (program !== null) {
      try {
        const asked = { program, env, clock }
        defaults ??= askSsh(anyAlias, { ...asked, file: 'none' })
        defaults.catch(() => (defaults = null))
        const words = await askSsh(alias, { ...asked, file })
        return targetOf(words, alias, { env, defaults: await defaults })
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error
        program = null
      }
    }
    return targetOf(await readConfigFor(alias, file, env), alias, { env, defaults: null })
  }

  return {
    env,
    file,
    program: () => program,
    async resolve(alias) {
      refuseOdd(alias)
      const known = answers.get(alias)
      if (known !== undefined && known.goodUntil > clock.monotonic()) return await known.target
      const target = read(alias)
      for (const [name, answer] of answers) {
        if (answer.goodUntil <= clock.monotonic()) answers.delete(name)
      }
      answers.set(alias, { target, goodUntil: clock.monotonic() + keepMs })
      // A refusal is not kept: the next try comes after the file was mended.
      target.catch(() => answers.delete(alias))
      return await target
    },
    direct({ host, port, user, key }) {
      const words = new Map<string, string[]>([['hostname', [host]]])
      if (port !== null) words.set('port', [String(port)])
      if (user !== null) words.set('user', [user])
      if (key !== null) words.set('identityfile', [key]).set('identitiesonly', ['yes'])
      return { ...targetOf(words, host, { env, defaults: null }), alias: null }
    },
  }
}

/**
 * Tokens put the alias into commands (ProxyCommand, Match exec), and a workspace comes from a repository: what a shell would
 * take for more than a name is refused, as OpenSSH 9.6 does for what is typed.
 */
function refuseOdd(alias: string): void {
  if (alias !== '' && alias.length <= 1024 && !/^-|@-|[\s\p{Cc}'"`$\\;&<>|(){}]/u.test(alias))
    return
  throw new AppError('bad-input', `"${alias}" is no name of a host that ssh would take.`, {
    hint: 'Write it under `ssh:` as you would type it after "ssh".',
  })
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

function targetOf(
  words: ConfigWords,
  alias: string,
  { env, defaults }: { env: Env; defaults: ConfigWords | null },
): SshTarget {
  const one = (keyword: string): string | null => words.get(keyword)?.[0] ?? null
  const home = homeOf(env)
  const user = one('user') ?? userInfo().username
  const host = expand(one('hostname') ?? alias, { h: alias, '%': '%' }).toLowerCase()
  const port = Number(one('port') ?? 22)
  const tokens = {
    '%': '%',
    d: home,
    h: host,
    i: String(userInfo().uid),
    k: one('hostkeyalias') ?? host,
    L: hostname().split('.')[0] ?? '',
    l: hostname(),
    n: alias,
    p: String(port),
    r: user,
    u: userInfo().username,
  }
  const path = (text: string): string => {
    const full = expandEnv(expand(text, tokens), env)
    if (full === '~' || full.startsWith('~/')) return join(home, full.slice(1))
    return isAbsolute(full) ? full : join(home, full)
  }
  const files = (keyword: string, fallback: readonly string[]): string[] =>
    (words.get(keyword)?.flatMap(splitWords) ?? fallback)
      .filter((name) => name !== 'none' && name !== '/dev/null')
      .map(path)
  const jump = one('proxyjump')
  const command = one('proxycommand')
  const timeout = Number(one('connecttimeout') ?? Number.NaN)
  const { algorithms, named, lacking } = namedAlgorithms(words, defaults)
  const preferred = one('preferredauthentications')?.split(',') ?? null
  return {
    host,
    port,
    user,
    identityFiles: (words.get('identityfile') ?? defaultKeys.map((name) => `~/.ssh/${name}`))
      .filter((name) => name !== 'none')
      .map((name) => path(unquoted(name))),
    identitiesOnly: one('identitiesonly') === 'yes',
    agent: agentOf(one('identityagent'), env, path),
    jumps: jump === null || jump === 'none' ? [] : jump.split(',').map((hop) => hop.trim()),
    proxyCommand: command === null || command === 'none' ? null : expand(command, tokens),
    userKnownHostsFiles: files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2']),
    globalKnownHostsFiles: files('globalknownhostsfile', [
      '/etc/ssh/ssh_known_hosts',
      '/etc/ssh/ssh_known_hosts2',
    ]),
    hostKeyAlias: one('hostkeyalias'),
    checkHostIp: one('checkhostip') === 'yes',
    connectTimeoutMs: timeout > 0 ? timeout * 1000 : null,
    alias,
    needsOpenSsh: [
      ...openSshOnly
        .filter(([keyword, off]) => {
          const value = one(keyword)
          return value !== null && value !== '' && value !== 'none' && value !== off
        })
        .map(([, , name]) => name),
      ...lacking,
    ],
    family: one('addressfamily') === 'inet' ? 4 : one('addressfamily') === 'inet6' ? 6 : 0,
    bindAddress: one('bindaddress'),
    algorithms,
    namedLists: named,
    methods: methodsOf(words, preferred),
    otherMethods: otherMethodWords
      .filter(
        ([keyword, method]) => one(keyword) === 'yes' && preferred?.includes(method) !== false,
      )
      .map(([, method]) => method),
  }
}

/** Keyword, the value that means "off", and its name for people. */
const openSshOnly: readonly (readonly [string, string, string])[] = [
  ['certificatefile', '', 'CertificateFile'],
  ['pkcs11provider', '', 'PKCS11Provider'],
  ['knownhostscommand', '', 'KnownHostsCommand'],
  ['revokedhostkeys', '', 'RevokedHostKeys'],
  ['proxyusefdpass', 'no', 'ProxyUseFdpass'],
  ['bindinterface', '', 'BindInterface'],
]

/** In OpenSSH's order. */
const methodWords: readonly (readonly [string, LoginMethod])[] = [
  ['pubkeyauthentication', 'publickey'],
  ['kbdinteractiveauthentication', 'keyboard-interactive'],
  ['passwordauthentication', 'password'],
]

const otherMethodWords: readonly (readonly [string, string])[] = [
  ['gssapiauthentication', 'gssapi-with-mic'],
  ['hostbasedauthentication', 'hostbased'],
]

function methodsOf(words: ConfigWords, preferred: readonly string[] | null): LoginMethod[] {
  const allowed = methodWords
    .filter(([keyword]) => !['no', 'false'].includes(words.get(keyword)?.[0] ?? ''))
    .map(([, method]) => method)
  if (preferred === null) return allowed
  return [...new Set(preferred)].flatMap((name) => allowed.find((method) => method === name) ?? [])
}

function agentOf(option: string | null, env: Env, path: (text: string) => string): string | null {
  if (option === 'none') return null
  if (option !== null && option !== 'SSH_AUTH_SOCK') {
    return option.startsWith('$') && !option.startsWith('${')
      ? (env[option.slice(1)] ?? null)
      : path(option)
  }
  const socket = env['SSH_AUTH_SOCK']
  if (socket !== undefined && socket !== '') return socket
  // The service that Windows brings along.
  return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : null
}

const homeOf = (env: Env): string => env['HOME'] ?? homedir()

function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, letter: string) => tokens[letter] ?? whole)
}

function expandEnv(text: string, env: Env): string {
  return text.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => env[name] ?? '')
}

/** Words apart by blanks; one in quotes may hold some. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? '')
}

const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1')
