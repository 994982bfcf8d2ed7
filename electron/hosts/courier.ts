// Carries files: inputs to a host, once per host and named by their hash; declared outputs back into the blob store. Either
// way in pieces, so that a file of any size needs little memory, and on from where a cut had left it.
import type { Transfer } from '../../shared/api/views.ts'
import type { BlobSource, BlobStore } from '../ports/logs.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import type { Channel } from './channel.ts'
import { fetchOutputs, type FetchedOutputs } from './fetch-outputs.ts'

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
  fetchOutputs(key: AttemptKey, outputs: Readonly<Record<string, string>>): Promise<FetchedOutputs>
}

export interface CourierOptions {
  blobs: BlobStore
  /** For what takes long: it is made there beside everything else. */
  main: Channel
  channel: () => Promise<Channel>
  /** How far one has come; `done` when nothing of it moves any more. */
  onTransfer: (transfer: Transfer, done: boolean) => void
}

/** After an upload that arrived otherwise than it was sent. */
const triesMax = 2
const partBytes = 4 * 1024 * 1024

/** For one connection: what is known to be at the host is forgotten with it. */
export function openCourier(options: CourierOptions): Courier {
  const { blobs, main, channel, onTransfer } = options
  const here = new Map<string, Promise<void>>()
  const settled = new Set<string>()

  const carry = async (file: PlannedFile): Promise<void> => {
    const link = await channel()
    for (let round = 1; ; round++) {
      const { parts } = await link.ask(`have ${file.sha256}`)
      if (parts[0] === undefined) return
      const source = await blobs.open(file.sha256)
      if (source === null) throw missing(file)
      const from = offsetIn(parts[0][1], source.bytes)
      const words = await send(link, file, source, from)
      if (words[0] === 'ok') return
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
        const length = Math.min(partBytes, totalBytes - bytes)
        const isLast = bytes + length === totalBytes
        const request = `put ${file.sha256} ${length} ${bytes}${isLast ? '' : ' more'}`
        const { words } = await link.askWithBytes(request, exactly(source, bytes, length))
        if (isLast || words[0] !== 'ok') return words
        bytes += length
      }
    } finally {
      tell(true)
    }
  }

  const provideOne = (file: PlannedFile): Promise<void> => {
    if (!/^[0-9a-f]{64}$/.test(file.sha256)) return Promise.reject(missing(file))
    const known = here.get(file.sha256)
    if (known !== undefined) return known
    const going = carry(file)
    here.set(file.sha256, going)
    going.then(
      () => settled.add(file.sha256),
      () => here.delete(file.sha256),
    )
    return going
  }

  return {
    has: (files) => files.every((file) => settled.has(file.sha256)),
    async provide(files) {
      await Promise.all(files.map(provideOne))
    },
    async fetchOutputs(key, outputs) {
      return await fetchOutputs({ key, outputs, blobs, main, link: await channel(), onTransfer })
    },
  }
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
