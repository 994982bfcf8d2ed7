// What OpenSSH's configuration says about a host: `ssh -G` where there is an `ssh`, which alone gets every rule right;
// a small reader of our own (ssh-config-file.ts) elsewhere.
import { execFile } from 'node:child_process'
import { homedir, hostname, userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../shared/api/app-error.ts'
import type { Clock } from '../ports/clock.ts'
import { errorCode } from '../system/error-code.ts'
import { readConfigFor, type ConfigWords } from './ssh-config-file.ts'

export type Env = Readonly<Record<string, string | undefined>>

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
  /** Ways in that the configuration turns off: `password`. */
  methodsOff: readonly string[]
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
const askTimeoutMs = 10_000

const ask = promisify(execFile)

export function openSshConfig(options: SshConfigOptions): SshConfig {
  const { env, clock } = options
  const file = options.file ?? env['SLUICE_SSH_CONFIG'] ?? null
  let program = options.program === undefined ? 'ssh' : options.program
  const answers = new Map<string, { target: Promise<SshTarget>; goodUntil: number }>()

  const read = async (alias: string): Promise<SshTarget> => {
    if (program !== null) {
      try {
        return targetOf(await askSsh(program, file, alias, env), alias, env)
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error
        program = null
      }
    }
    return targetOf(await readConfigFor(alias, file, env), alias, env)
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
      return { ...targetOf(words, host, env), alias: null }
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

async function askSsh(
  program: string,
  file: string | null,
  alias: string,
  env: Env,
): Promise<ConfigWords> {
  // `--` so that an alias that begins with `-` cannot be an option.
  const args = [...(file === null ? [] : ['-F', file]), '-G', '--', alias]
  try {
    const { stdout } = await ask(program, args, { env, timeout: askTimeoutMs, maxBuffer: 1 << 20 })
    return wordsOf(stdout)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw error
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new AppError('bad-input', `ssh refuses its configuration for "${alias}": ${said}`, {
      hint: `Try "ssh -G ${alias}" in a terminal.`,
      cause: error,
    })
  }
}

function wordsOf(text: string): ConfigWords {
  const words = new Map<string, string[]>()
  for (const line of text.split(/\r?\n/)) {
    const space = line.indexOf(' ')
    if (space < 0) continue
    const keyword = line.slice(0, space)
    words.set(keyword, [...(words.get(keyword) ?? []), line.slice(space + 1)])
  }
  return words
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa']

function targetOf(words: ConfigWords, alias: string, env: Env): SshTarget {
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
    needsOpenSsh: openSshOnly
      .filter(([keyword, off]) => {
        const value = one(keyword)
        return value !== null && value !== '' && value !== 'none' && value !== off
      })
      .map(([, , name]) => name),
    family: one('addressfamily') === 'inet' ? 4 : one('addressfamily') === 'inet6' ? 6 : 0,
    bindAddress: one('bindaddress'),
    methodsOff: methodWords
      .filter(([keyword]) => ['no', 'false'].includes(one(keyword) ?? ''))
      .map(([, method]) => method),
    otherMethods: [
      ...(one('gssapiauthentication') === 'yes' ? ['gssapi-with-mic'] : []),
      ...(one('hostbasedauthentication') === 'yes' ? ['hostbased'] : []),
    ],
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

const methodWords: readonly (readonly [string, string])[] = [
  ['pubkeyauthentication', 'publickey'],
  ['passwordauthentication', 'password'],
  ['kbdinteractiveauthentication', 'keyboard-interactive'],
]

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
