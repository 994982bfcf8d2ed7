// What was read from the pipelines of a workspace, so that files that have not changed are not read again: in memory, and
// in a file of the home for the next start. A help only: without it, or with a file that cannot be read, all is parsed.
//   C1  A file is known by its size, times (ns) and inode. One that was touched in the last seconds is not kept: it might
//       be written again within the grain of the clock.
//   C2  All that a reading depends on besides its file is in the key: the names of sluice.yaml, and this very code.
//   C3  Only readings without problems are kept.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { PipelineSpec } from '../../shared/pipeline/spec.ts'
import type { Clock } from '../ports/clock.ts'

export interface KeptPipeline {
  name: string
  text: string
  spec: PipelineSpec
}

export interface ParseCache {
  /** Before a workspace is loaded: `key` tells all that its readings depend on. */
  begin(key: string): Promise<void>
  /** What the file is known by; null: it must be read. */
  signatureOf(file: string): Promise<string | null>
  find(file: string, signature: string): KeptPipeline | null
  keep(file: string, signature: string, kept: KeptPipeline): void
  /** After it: what was neither found nor kept is forgotten. */
  end(): Promise<void>
}

export const noCache: ParseCache = {
  begin: () => Promise.resolve(),
  signatureOf: () => Promise.resolve(null),
  find: () => null,
  keep: () => {},
  end: () => Promise.resolve(),
}

const settledMs = 3000
/** A file is written again when so many readings are new; fewer are quickly done again. */
const newMin = 50
const newShare = 0.02
const format = 1

interface Entry extends KeptPipeline {
  signature: string
}

interface Stored {
  format: number
  key: string
  entries: [file: string, entry: Entry][]
}

/** `file`: absolute. */
export function openParseCache({ file, clock }: { file: string; clock: Clock }): ParseCache {
  let key = ''
  let entries = new Map<string, Entry>()
  let used = new Map<string, Entry>()
  let fresh = 0
  return {
    begin: async (asked) => {
      const wanted = `${await codeStamp()} ${asked}`
      used = new Map()
      fresh = 0
      if (wanted === key) return
      key = wanted
      entries = await readStored(file, key)
    },
    signatureOf: async (path) => {
      const found = await stat(path, { bigint: true }).catch(() => null)
      if (found === null || !found.isFile()) return null
      const { size, mtimeNs, ctimeNs, ino, mtimeMs, ctimeMs } = found
      const touched = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs)
      // C1. A time that lies ahead says nothing.
      if (Math.abs(clock.now() - touched) < settledMs || touched > clock.now()) return null
      return `${size} ${mtimeNs} ${ctimeNs} ${ino}`
    },
    find: (path, signature) => {
      const entry = entries.get(path)
      if (entry?.signature !== signature) return null
      used.set(path, entry)
      return entry
    },
    keep: (path, signature, kept) => {
      used.set(path, { ...kept, signature })
      fresh += 1
    },
    end: async () => {
      const isWorth = fresh >= Math.max(newMin, used.size * newShare)
      entries = used
      used = new Map()
      if (isWorth) await writeStored(file, { format, key, entries: [...entries] })
    },
  }
}

async function readStored(file: string, key: string): Promise<Map<string, Entry>> {
  try {
    const stored = JSON.parse(await readFile(file, 'utf8')) as Partial<Stored> | null
    const isOurs = stored?.format === format && stored.key === key
    return new Map(isOurs ? stored.entries : [])
  } catch {
    // None yet, or half of one: it is made again.
    return new Map()
  }
}

async function writeStored(file: string, stored: Stored): Promise<void> {
  const half = `${file}.${process.pid}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(half, JSON.stringify(stored), { mode: 0o600 })
    await rename(half, file)
  } catch {
    // A full disk makes the next start slower, no more.
  }
}

let stamp: Promise<string> | null = null

/** C2. Changes with any file of this code, in a checkout as in a build. */
function codeStamp(): Promise<string> {
  stamp ??= stampOf(import.meta.dirname)
  return stamp
}

async function stampOf(folder: string): Promise<string> {
  const names = (await readdir(folder)).sort()
  const parts = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => null)
      return `${name} ${found?.size} ${found?.mtimeMs}`
    }),
  )
  return createHash('sha256').update(parts.join('\n')).digest('hex')
}
