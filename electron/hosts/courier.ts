// Carries files: inputs to a host, once per host and named by their hash; declared outputs back into the blob store. Either
// way in pieces, so that a file of any size needs little memory, and on from where a cut had left it.
import type { Transfer } from '../../shared/api/views.ts'
import type { Clock } from '../ports/clock.ts'
import type { BlobSource, BlobStore } from '../ports/logs.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import type { Channel } from './channel.ts'
import {
  fetchOutputs,
  fetchSmall,
  type FetchedOutputs,
  type SmallFetched,
} from './fetch-outputs.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** Why an attempt cannot have its files. */
export class FilesRefused extends Error {
  readonly reason: 'input_missing' | 'host_refused'

  constructor(reason: 'input_missing' | 'host_refused', message: string) {
    super(message)
    this.name = 'FilesRefused'
    this.reason = reason
  }
}

export interface Courier {
  /** True when nothing has to be carried. */
  has(files: readonly PlannedFile[]): boolean
  /** Rejects with FilesRefused, or ChannelClosed. */
  provide(files: readonly PlannedFile[]): Promise<void>
  fetchOutputs(
    key: AttemptKey,
    outputs: Readonly<Record<string, string>>,
    bytesMax?: number,
  ): Promise<FetchedOutputs>
  /** A file of an attempt into memory. Rejects with ChannelClosed. */
  fetchSmall(key: AttemptKey, path: string, bytesMax: number): Promise<SmallFetched>
}

export interface CourierOptions {
  blobs: BlobStore
  clock: Clock
  /** For what takes long: it is made there beside everything else. */
  main: Channel
  channel: () => Promise<Channel>
  /** How far one has come; `done` when nothing of it moves any more. */
  onTransfer: (transfer: Transfer, done: boolean) => void
}

/** After an upload that arrived otherwise than it was sent. */
const triesMax = 2
const packBytes = 4 * 1024 * 1024
const putBytesMin = 1024 * 1024
const putBytesMax = 32 * 1024 * 1024
const quickPutMs = 500
const slowPutMs = 2_000
/** Files up to this size travel together: on its own each costs the host eight processes. */
const smallBytes = 256 * 1024
const togetherMax = 200

/** For one connection: what is known to be at the host is forgotten with it. */
export function openCourier(options: CourierOptions): Courier {
  const { blobs, main, channel, clock, onTransfer } = options
  const here = new Map<string, Promise<void>>()
  const settled = new Set<string>()
  /** The host answers each part: the larger, the less a distant one costs. The longer, the longer logs wait. */
  let putBytes = 4 * putBytesMin

  const carry = async (file: PlannedFile): Promise<void> => {
    const link = await channel()
    // What came otherwise than it was sent is of no use, and whoever wrote it may write on: the next one is another file.
    let isAnew = false
    for (let round = 1; ; round++) {
      const { parts } = await link.ask(`have ${file.sha256}`)
      if (parts[0] === undefined) return
      const source = await blobs.open(file.sha256)
      if (source === null) throw missing(file)
      const from = isAnew ? 0 : offsetIn(parts[0][1], source.bytes)
      const words = await send(link, file, source, from)
      if (words[0] === 'ok') return
      isAnew = true
      if (words[1] === 'cannot_write' || round === triesMax) {
        const text = `The host did not take ${file.path}: ${words[1] ?? ''}`
        throw new FilesRefused('host_refused', text)
      }
    }
  }

  // In parts, between which logs can be read: nothing else goes over the channel during one.
  const send = async (
    link: Channel,
    file: PlannedFile,
    source: BlobSource,
    from: number,
  ): Promise<readonly string[]> => {
    const totalBytes = source.bytes
    let bytes = from
    const tell = (done: boolean): void =>
      onTransfer({ path: file.path, direction: 'to', bytes, totalBytes }, done)
    try {
      for (;;) {
        tell(false)
        const length = Math.min(putBytes, totalBytes - bytes)
        const isLast = bytes + length === totalBytes
        const request = `put ${file.sha256} ${length} ${bytes}${isLast ? '' : ' more'}`
        const askedAt = clock.monotonic()
        const { words } = await link.askWithBytes(request, exactly(source, bytes, length))
        if (isLast || words[0] !== 'ok') return words
        bytes += length
        const tookMs = clock.monotonic() - askedAt
        if (tookMs < quickPutMs) putBytes = Math.min(putBytes * 2, putBytesMax)
        else if (tookMs > slowPutMs) putBytes = Math.max(putBytes / 2, putBytesMin)
      }
    } finally {
      tell(true)
    }
  }

  /** Those that are there now. The others are carried on their own, which also tells why. */
  const carryTogether = async (files: readonly PlannedFile[]): Promise<Set<string>> => {
    const link = await channel()
    const there = new Set(files.map((file) => file.sha256))
    const { parts } = await link.ask(`have ${[...there].join(' ')}`)
    for (const [sha256 = ''] of parts) there.delete(sha256)
    let pack: Packed[] = []
    const send = async (): Promise<void> => {
      const failed = await sendPack(link, pack)
      for (const { file } of pack) if (!failed.has(file.sha256)) there.add(file.sha256)
      pack = []
    }
    for (const file of files.filter(({ sha256 }) => !there.has(sha256))) {
      const source = await blobs.open(file.sha256)
      if (source === null || source.bytes === 0 || source.bytes > smallBytes) continue
      if (bytesOf(pack) + source.bytes > packBytes) await send()
      pack.push({ file, source })
    }
    if (pack.length > 0) await send()
    return there
  }

  /** Those that did not arrive. */
  const sendPack = async (link: Channel, pack: readonly Packed[]): Promise<Set<string>> => {
    const totalBytes = bytesOf(pack)
    const path = pack.length === 1 ? pack[0]!.file.path : `${pack.length} files`
    const tell = (bytes: number, done: boolean): void =>
      onTransfer({ path, direction: 'to', bytes, totalBytes }, done)
    async function* bytes(): AsyncGenerator<Uint8Array> {
      for (const { file, source } of pack) {
        yield tarHeader(file.sha256, source.bytes)
        yield* exactly(source, 0, source.bytes)
        yield tarPadding(source.bytes)
      }
      yield tarEnd()
    }
    tell(0, false)
    try {
      const words = pack.map(({ file, source }) => `${file.sha256}:${source.bytes}`)
      const { parts } = await link.askWithBytes(`puts ${words.join(',')}`, bytes())
      return new Set(parts.map(([sha256 = '']) => sha256))
    } finally {
      tell(totalBytes, true)
    }
  }

  const track = (sha256: string, going: Promise<void>): void => {
    here.set(sha256, going)
    going.then(
      () => settled.add(sha256),
      () => here.delete(sha256),
    )
  }

  return {
    has: (files) => files.every((file) => settled.has(file.sha256)),
    async provide(files) {
      const bad = files.find(({ sha256 }) => !/^[0-9a-f]{64}$/.test(sha256))
      if (bad !== undefined) throw missing(bad)
      const bySum = new Map(files.map((file) => [file.sha256, file]))
      const fresh = [...bySum.values()].filter(({ sha256 }) => !here.has(sha256))
      const isSmall = ({ bytes }: PlannedFile): boolean => bytes > 0 && bytes <= smallBytes
      const small = main.hello.canHash ? fresh.filter(isSmall) : []
      for (let at = 0; at < small.length; at += togetherMax) {
        const some = small.slice(at, at + togetherMax)
        const together = carryTogether(some)
        for (const file of some)
          track(
            file.sha256,
            together.then((there) => (there.has(file.sha256) ? undefined : carry(file))),
          )
      }
      for (const file of fresh) if (!here.has(file.sha256)) track(file.sha256, carry(file))
      await Promise.all([...bySum.keys()].map(async (sha256) => await here.get(sha256)))
    },
    async fetchSmall(key, path, bytesMax) {
      return await fetchSmall({ key, main, link: await channel(), onTransfer }, path, bytesMax)
    },
    async fetchOutputs(key, outputs, bytesMax) {
      const link = await channel()
      const limit = bytesMax === undefined ? {} : { bytesMax }
      return await fetchOutputs({ key, outputs, blobs, main, link, onTransfer, ...limit })
    },
  }
}

interface Packed {
  file: PlannedFile
  source: BlobSource
}

function bytesOf(pack: readonly Packed[]): number {
  return pack.reduce((sum, { source }) => sum + source.bytes, 0)
}

/** The host waits for all that was announced. */
async function* exactly(
  source: BlobSource,
  from: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length
  if (left === 0) return
  for await (const piece of source.read(from, length)) {
    left -= piece.length
    yield piece
  }
  if (left !== 0) throw new Error('A file of the blob store is shorter than it was.')
}

/** Never more than there is: the host may say anything. */
function offsetIn(word: string | undefined, bytes: number): number {
  const offset = Number(word ?? 0)
  return Number.isSafeInteger(offset) && offset > 0 && offset < bytes ? offset : 0
}

function missing(file: PlannedFile): FilesRefused {
  const text = `The bytes of ${file.path} are no longer in this home's blob store.`
  return new FilesRefused('input_missing', text)
}
