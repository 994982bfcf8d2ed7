// A small reader of OpenSSH client configuration, for machines without an `ssh` to ask: Host, Match by host and user,
// negation, Include, and the keywords that a connection needs. It runs no command: `Match exec` is refused. Words that it
// does not know are passed over, where OpenSSH would refuse the file.
import { readFile, readdir } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import { errorCode } from '../system/error-code.ts'
import { matchesList } from './known-hosts.ts'

/** Keyword in small letters -> its values, in order. */
export type ConfigWords = ReadonlyMap<string, readonly string[]>

/** As in OpenSSH; also ends a file that includes itself. */
const includeDepthMax = 16
/** For these, each value counts; of all others the first one does. */
const manyValued = new Set(['identityfile', 'certificatefile'])

export async function readConfigFor(
  alias: string,
  file: string | null,
  home: string,
): Promise<ConfigWords> {
  const words = new Map<string, string[]>()
  // `user@host` is allowed where an alias is; the user given there beats every file.
  const at = alias.lastIndexOf('@')
  if (at > 0) words.set('user', [alias.slice(0, at)])
  const host = at > 0 ? alias.slice(at + 1) : alias
  const files = file === null ? [join(home, '.ssh', 'config'), '/etc/ssh/ssh_config'] : [file]
  for (const one of files) {
    // Relative includes are looked for beside the user's own file, or the system's.
    const folder = one.startsWith('/etc/ssh/') ? '/etc/ssh' : join(home, '.ssh')
    await readInto(words, { host, file: one, folder, home, depth: 0, active: true })
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
  depth: number
  /** Whether the block that includes the file applies. */
  active: boolean
}

async function readInto(words: Map<string, string[]>, reading: Reading): Promise<void> {
  if (reading.depth > includeDepthMax) {
    throw new AppError('bad-input', `${reading.file}: too many levels of Include`)
  }
  let active = reading.active
  const lines = (await textOf(reading.file)).split(/\r?\n/)
  for (const line of lines) {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? []
    const name = keyword.toLowerCase()
    if (name === '') continue
    const values = splitWords(rest)
    if (name === 'host') {
      active = reading.active && matchesList(values.join(' '), reading.host, ' ')
    } else if (name === 'match') {
      active = reading.active && matchApplies(values, words, reading)
    } else if (name === 'include' && active) {
      for (const file of await filesOf(values, reading)) {
        await readInto(words, { ...reading, file, depth: reading.depth + 1, active })
      }
    } else if (active && name === 'canonicalizehostname' && values[0] !== 'no') {
      throw needsSsh('CanonicalizeHostname', reading.file)
    } else if (active) {
      // A command is taken to the end of its line.
      add(words, name, name.endsWith('command') ? rest.trim() : values.join(' '))
    }
  }
}

function add(words: Map<string, string[]>, name: string, value: string): void {
  const before = words.get(name)
  if (before === undefined) words.set(name, [value])
  else if (manyValued.has(name)) before.push(value)
}

/** Each condition of a Match line, all of which must hold. Names are final only after the whole file, as in OpenSSH. */
function matchApplies(conditions: string[], words: ConfigWords, reading: Reading): boolean {
  const rest = [...conditions]
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    const negated = next.startsWith('!')
    const kind = next.replace('!', '').toLowerCase()
    if (kind === 'all') continue
    // A pass that OpenSSH makes only for canonical names, which are refused here.
    if (kind === 'canonical') {
      if (!negated) return false
      continue
    }
    const [word = '', joined] = kind.split('=')
    const name = matchName(word, words, reading)
    if (matchesList(joined ?? rest.shift() ?? '', name) === negated) return false
  }
  return true
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
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EISDIR'].includes(errorCode(error))) return ''
    throw error
  }
}

/** Words apart by blanks; one in quotes may hold some; `#` begins a comment that goes to the end of the line. */
function splitWords(text: string): string[] {
  const words: string[] = []
  for (const [whole, quoted] of text.matchAll(/"([^"]*)"|\S+/g)) {
    if (quoted === undefined && whole.startsWith('#')) break
    words.push(quoted ?? whole)
  }
  return words
}
