// A small reader of OpenSSH client configuration, for machines without an `ssh` to ask: Host, Match by host and user,
// negation, Include, and the keywords that a connection needs. It runs no command: `Match exec` is refused. What OpenSSH
// would refuse in the words that matter here is refused too: a misread configuration may lead to another machine.
import { readdir } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import { errorCode } from '../system/error-code.ts'
import { matchesList } from './known-hosts.ts'
import { readSmallFile } from './small-file.ts'
import { isKnownKeyword, isPort, readConfigLine } from './ssh-config-line.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Keyword in small letters -> its values, in order. */
export type ConfigWords = ReadonlyMap<string, readonly string[]>

/** As in OpenSSH; also ends a file that includes itself. */
const includeDepthMax = 16
const filesMax = 1000
const fileBytesMax = 1 << 20
/** For these, each value counts; of all others the first one does. */
const manyValued = new Set(['identityfile', 'certificatefile'])

export async function readConfigFor(
  alias: string,
  file: string | null,
  env: Env,
): Promise<ConfigWords> {
  const home = env['HOME'] ?? homedir()
  const words = new Map<string, string[]>()
  // `user@host` is allowed where an alias is; the user given there beats every file.
  const at = alias.lastIndexOf('@')
  if (at > 0) words.set('user', [alias.slice(0, at)])
  const host = at > 0 ? alias.slice(at + 1) : alias
  const count = { read: 0 }
  const files = file === null ? [join(home, '.ssh', 'config'), '/etc/ssh/ssh_config'] : [file]
  for (const one of files) {
    // Relative includes are looked for beside the user's own file, or the system's.
    const folder = one.startsWith('/etc/ssh/') ? '/etc/ssh' : join(home, '.ssh')
    await readInto(words, {
      host,
      file: one,
      folder,
      home,
      env,
      depth: 0,
      files: count,
      active: true,
    })
  }
  if (!words.has('hostname')) words.set('hostname', [host])
  return words
}

interface Reading {
  /** As it was asked for. */
  host: string
  file: string
  folder: string
  home: string
  env: Env
  depth: number
  /** Of all files so far: one that includes itself twice would be read 65,536 times. */
  files: { read: number }
  /** Whether the block that includes the file applies. */
  active: boolean
}

async function readInto(words: Map<string, string[]>, reading: Reading): Promise<void> {
  if (reading.depth > includeDepthMax) {
    throw new AppError('bad-input', `${reading.file}: too many levels of Include`)
  }
  if (++reading.files.read > filesMax) {
    throw new AppError('bad-input', `${reading.file}: more than ${filesMax} files by Include`)
  }
  let active = reading.active
  const lines = (await textOf(reading.file)).split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    const at = `${reading.file}:${index + 1}`
    const found = readConfigLine(line)
    if (found.kind === 'nothing') continue
    const ignored = words.get('ignoreunknown')?.[0] ?? ''
    if (!isKnownKeyword(found.keyword)) {
      if (matchesList(ignored, found.keyword)) continue
      throw refusal(at, `has "${found.keyword}", which OpenSSH does not know`)
    }
    // Also where the block does not apply, as OpenSSH does.
    if (found.kind === 'refused') throw refusal(at, found.why)
    const { keyword: name, words: values } = found
    if (name === 'host') {
      active = reading.active && matchesList(values.join('\n'), reading.host, '\n')
    } else if (name === 'match') {
      active = matchApplies(values, words, reading)
    } else if (name === 'include') {
      for (const file of await filesOf(values, reading)) {
        await readInto(words, { ...reading, file, depth: reading.depth + 1, active })
      }
    } else if (active && name === 'canonicalizehostname' && values[0] !== 'no') {
      throw needsSsh('CanonicalizeHostname', reading.file)
    } else if (active) {
      if (name === 'hostname' && (values[0] ?? '').replace(/%[%h]/g, '').includes('%')) {
        throw refusal(at, `has a token in HostName that is not %h: ${values[0]}`)
      }
      refuseUnset(at, name, values, reading.env)
      add(
        words,
        name,
        values
          .map((value) => (/\s/.test(value) && values.length > 1 ? `"${value}"` : value))
          .join(' '),
      )
    }
    if (name === 'proxyjump' && values[0] !== 'none') refuseOddJumps(at, values[0] ?? '')
  }
}

/** As OpenSSH refuses them; tokens stand for the host and the user alone. */
function refuseOddJumps(at: string, jumps: string): void {
  for (const jump of jumps.split(',')) {
    const port = /(?<!^)(?<!:):([^:\]]*)$/.exec(jump.replace(/^ssh:\/\//, ''))?.[1]
    if (port === undefined || isPort(port)) continue
    throw refusal(at, `has the jump host "${jump}", whose port is no number`)
  }
}

// A key file's name is filled in only when the key is looked for.
const takesVariables = /^(?:userknownhostsfile|controlpath|identityagent|forwardagent)$/

function refuseUnset(at: string, keyword: string, values: readonly string[], env: Env): void {
  if (!takesVariables.test(keyword)) return
  for (const [whole, name = ''] of values.join(' ').matchAll(/\$\{([^}]*)\}/g)) {
    if (env[name] === undefined) throw refusal(at, `names ${whole}, which is not set`)
  }
}

function refusal(at: string, why: string): AppError {
  return new AppError('bad-input', `${at} ${why}.`, {
    hint: 'OpenSSH would refuse the whole file as well.',
  })
}

function add(words: Map<string, string[]>, name: string, value: string): void {
  const before = words.get(name)
  if (before === undefined) words.set(name, [value])
  else if (manyValued.has(name)) before.push(value)
}

/** Each condition of a Match line, all of which must hold. Names are final only after the whole file, as in OpenSSH. */
function matchApplies(
  conditions: readonly string[],
  words: ConfigWords,
  reading: Reading,
): boolean {
  const rest = [...conditions]
  let applies = reading.active
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    const negated = next.startsWith('!')
    const kind = next.replace('!', '').toLowerCase()
    if (kind === 'all') continue
    // A pass that OpenSSH makes only for canonical names, which are refused here.
    if (kind === 'canonical') {
      applies &&= negated
      continue
    }
    if (kind === 'final') {
      if (applies) throw needsSsh('Match final', reading.file)
      continue
    }
    const [word = '', joined] = next.replace('!', '').split('=')
    const wanted = joined ?? rest.shift()
    if (wanted === undefined) throw refusal(reading.file, `has "Match ${word}" without a value`)
    // What does not apply runs no command and needs no ssh.
    if (!applies) continue
    applies = matchesList(wanted, matchName(word.toLowerCase(), words, reading)) !== negated
  }
  return applies
}

function matchName(kind: string, words: ConfigWords, reading: Reading): string {
  const local = userInfo().username
  if (kind === 'originalhost') return reading.host
  if (kind === 'localuser') return local
  if (kind === 'user') return words.get('user')?.[0] ?? local
  if (kind === 'host') {
    return (words.get('hostname')?.[0] ?? reading.host).replaceAll('%h', reading.host)
  }
  throw needsSsh(`Match ${kind}`, reading.file)
}

/** Never a silent misreading: what decides about the address and is not done here is refused. */
function needsSsh(words: string, file: string): AppError {
  return new AppError('bad-input', `${file} has "${words}", which needs an ssh program.`, {
    hint: 'Install the OpenSSH client, or give the host by its address in sluice.yaml.',
  })
}

/** The paths of one Include, `*` and `?` in their last part filled in, in alphabetical order. */
async function filesOf(patterns: readonly string[], reading: Reading): Promise<string[]> {
  const files: string[] = []
  for (const pattern of patterns) {
    const home = pattern.startsWith('~/') ? join(reading.home, pattern.slice(2)) : pattern
    const path = isAbsolute(home) ? home : join(reading.folder, home)
    if (!/[*?]/.test(basename(path))) files.push(path)
    else files.push(...(await matchingFiles(path)))
  }
  return files
}

async function matchingFiles(path: string): Promise<string[]> {
  try {
    const names = await readdir(dirname(path))
    return names
      .filter((name) => matchesList(basename(path), name, '\n'))
      .sort()
      .map((name) => join(dirname(path), name))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

async function textOf(file: string): Promise<string> {
  const found = await readSmallFile(file, fileBytesMax)
  if (found.kind === 'text') return found.text
  if (found.code !== 'EFBIG' && found.code !== 'ENXIO') return ''
  throw new AppError('bad-input', `${file} is no configuration of ssh: above 1 MB, or no file.`)
}
