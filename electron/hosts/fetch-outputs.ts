// Brings the declared outputs of an attempt into the blob store, by the hash that the host made of each.
//   Only what lies in the working folder is read, links followed; anything else is refused in words.
import { createHash } from 'node:crypto'
import type { Transfer } from '../../shared/api/views.ts'
import type { OutputFile } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { BlobSink, BlobStore } from '../ports/logs.ts'
import type { Channel } from './channel.ts'
import { pullFile } from './file-pull.ts'
import { escapeText } from './wire.ts'

export interface FetchedOutputs {
  outputs: OutputFile[]
  /** Names; after one that is there and was refused, in brackets why. */
  missing: string[]
}

export interface FetchOptions {
  key: AttemptKey
  outputs: Readonly<Record<string, string>>
  blobs: BlobStore
  main: Channel
  link: Channel
  onTransfer: (transfer: Transfer, done: boolean) => void
  /** Of each; larger ones are refused. */
  bytesMax?: number
}

/** Without a hash of the host's, the file is held in memory until its own is known. */
const unhashedBytesMax = 256 * 1024 * 1024
const outputBytesMax = 1024 ** 4
const tries = 3

/** Follow "it is". */
export const oddWords: Readonly<Record<string, string>> = {
  outside: 'a link that leads out of the working folder',
  link: 'a link that leads nowhere',
  folder: 'a folder; pack it into one file',
  special: 'neither a file nor a folder',
  unreadable: 'not readable',
  large: 'too large',
  no_tar: 'a folder, and the host has no tar',
  changing: 'written to while it was read',
}

export async function fetchOutputs(options: FetchOptions): Promise<FetchedOutputs> {
  const { key, outputs, main } = options
  const names = Object.entries(outputs)
  const found: OutputFile[] = []
  const missing: string[] = []
  const list = names.map(([, path]) => escapeText(path)).join(' ')
  const { parts } = await main.ask(`outputs ${key} ${list}`)
  const wordsByIndex = new Map(parts.map(([index, ...words]) => [index, words]))
  for (const [index, [name, path]] of names.entries()) {
    const words = wordsByIndex.get(String(index))
    const got = words === undefined ? null : await fetchOne(options, name, path, words)
    if (got === null) missing.push(name)
    else if (typeof got === 'string') missing.push(`${name} (${oddWords[got] ?? 'refused'})`)
    else found.push(got)
  }
  return { outputs: found, missing }
}

export type SmallFetched =
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'absent' }
  /** `why` follows "it is". */
  | { kind: 'refused'; why: string }

/** A file of an attempt that is not wanted in the blob store. Read again where it changed meanwhile. */
export async function fetchSmall(
  options: Omit<FetchOptions, 'outputs' | 'blobs'>,
  path: string,
  bytesMax: number,
): Promise<SmallFetched> {
  for (let round = 0; round < tries; round++) {
    const { parts } = await options.main.ask(`outputs ${options.key} ${escapeText(path)}`)
    const [index, size = '', hash = '-'] = parts[0] ?? []
    if (index === undefined) return { kind: 'absent' }
    if (size === '-') return { kind: 'refused', why: oddWords[hash] ?? 'refused by the host' }
    const bytes = /^\d{1,15}$/.test(size) ? Number(size) : Number.NaN
    if (!(bytes <= bytesMax))
      return { kind: 'refused', why: `${bytes} bytes large, and ${bytesMax} are the most` }
    const whole = Buffer.alloc(bytes)
    await fillWhole(options, path, whole)
    if (hash === '-' || createHash('sha256').update(whole).digest('hex') === hash)
      return { kind: 'bytes', bytes: whole }
  }
  return { kind: 'refused', why: oddWords['changing'] ?? '' }
}

/** A word for why not. A file that changes while it is read has another hash: it is read again, then given up. */
async function fetchOne(
  options: FetchOptions,
  name: string,
  path: string,
  [size = '', hash = '-']: readonly string[],
): Promise<OutputFile | string> {
  if (size === '-') return hash
  const bytes = /^\d{1,15}$/.test(size) ? Number(size) : Number.NaN
  const isHashed = /^[0-9a-f]{64}$/.test(hash)
  const bytesMax = options.bytesMax ?? outputBytesMax
  if (!(bytes <= (isHashed ? bytesMax : Math.min(bytesMax, unhashedBytesMax)))) return 'large'
  // What begins so is the agent's word for it.
  const shown = path.startsWith('//') ? name : path
  const report = (done: number, isOver: boolean): void =>
    options.onTransfer({ path: shown, direction: 'from', bytes: done, totalBytes: bytes }, isOver)
  try {
    if (!isHashed) return await fetchUnhashed(options, { name, path, bytes })
    if (await options.blobs.has(hash)) return { name, path, sha256: hash, bytes }
    for (let round = 0; round < tries; round++) {
      const sink = await options.blobs.receive(hash)
      if (await fill(options, sink, { path, bytes, report }))
        return { name, path, sha256: hash, bytes }
    }
    return 'changing'
  } finally {
    report(bytes, true)
  }
}

async function fill(
  options: FetchOptions,
  sink: BlobSink,
  {
    path,
    bytes,
    report,
  }: { path: string; bytes: number; report: (done: number, isOver: boolean) => void },
): Promise<boolean> {
  try {
    report(sink.bytes, false)
    const write = async (piece: Uint8Array): Promise<void> => {
      await sink.write(piece)
      report(sink.bytes, false)
    }
    await pullFile({ ...options, path, from: sink.bytes, bytes, write })
  } catch (error) {
    await sink.leave()
    throw error
  }
  return await sink.finish()
}

async function fillWhole(
  options: Pick<FetchOptions, 'key' | 'link'>,
  path: string,
  whole: Uint8Array,
): Promise<void> {
  let done = 0
  await pullFile({
    ...options,
    path,
    from: 0,
    bytes: whole.length,
    async write(piece) {
      whole.set(piece, done)
      done += piece.length
    },
  })
}

async function fetchUnhashed(
  options: FetchOptions,
  wanted: { name: string; path: string; bytes: number },
): Promise<OutputFile> {
  const whole = Buffer.allocUnsafe(wanted.bytes)
  await fillWhole(options, wanted.path, whole)
  return { ...wanted, sha256: await options.blobs.put(whole) }
}
