// A small reader of OpenSSH client configuration, for machines without an `ssh` to ask: Host, negation, Include, and the
// keywords that a connection needs. `Match` blocks other than `Match all` are passed over, as they may need a shell.
import { readFile, readdir } from 'node:fs/promises'
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
  const files = file === null ? [join(home, '.ssh', 'config'), '/etc/ssh/ssh_config'] : [file]
  for (const one of files) {
    // Relative includes are looked for beside the user's own file, or the system's.
    const folder = one.startsWith('/etc/ssh/') ? '/etc/ssh' : join(home, '.ssh')
    await readInto(words, { alias, file: one, folder, home, depth: 0, active: true })
  }
  return words
}

interface Reading {
  alias: string
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
  for (const line of (await textOf(reading.file)).split(/\r?\n/)) {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? []
    const name = keyword.toLowerCase()
    if (name === 'host') {
      active = reading.active && matchesList(unquoted(rest), reading.alias, /\s+/)
    } else if (name === 'match') {
      active = reading.active && rest.toLowerCase() === 'all'
    } else if (name === 'include' && active) {
      for (const file of await filesOf(rest, reading)) {
        await readInto(words, { ...reading, file, depth: reading.depth + 1, active })
      }
    } else if (name !== '' && active) {
      add(words, name, rest)
    }
  }
}

function add(words: Map<string, string[]>, name: string, value: string): void {
  const before = words.get(name)
  if (before === undefined) words.set(name, [value])
  else if (manyValued.has(name)) before.push(value)
}

/** The paths of one Include, `*` and `?` in their last part filled in, in alphabetical order. */
async function filesOf(patterns: string, reading: Reading): Promise<string[]> {
  const files: string[] = []
  for (const pattern of unquoted(patterns).split(/\s+/)) {
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

const unquoted = (text: string): string => text.replaceAll('"', '')
