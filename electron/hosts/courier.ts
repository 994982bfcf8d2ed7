// Carries files: inputs to a host, once per host and named by their hash; declared outputs back into the blob store.
import { createHash } from 'node:crypto'
import type { BlobStore } from '../ports/logs.ts'
import type { OutputFile } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import type { Channel } from './channel.ts'
import { escapeText } from './wire.ts'

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
  ): Promise<{ outputs: OutputFile[]; missing: string[] }>
}

/** An output is held in memory on its way into the blob store. */
export const outputBytesMax = 1024 * 1024 * 1024
const chunkBytes = 1024 * 1024
const tries = 3

/** For one connection: what is known to be at the host is forgotten with it. */
export function openCourier(blobs: BlobStore, channel: () => Promise<Channel>): Courier {
  const here = new Map<string, Promise<void>>()
  const settled = new Set<string>()

  const carry = async (file: PlannedFile): Promise<void> => {
    const link = await channel()
    const { parts } = await link.ask(`have ${file.sha256}`)
    if (parts.length === 0) return
    const bytes = await blobs.get(file.sha256)
    if (bytes === null) throw missing(file)
    const { words } = await link.askWithBytes(`put ${file.sha256} ${bytes.length}`, once(bytes))
    if (words[0] !== 'ok')
      throw new FilesRefused('host_refused', `The host did not take ${file.path}: ${words[1]}`)
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
      const names = Object.entries(outputs)
      const link = await channel()
      const found: OutputFile[] = []
      const lost: string[] = []
      const list = names.map(([, path]) => escapeText(path)).join(' ')
      const { parts } = await link.ask(`outputs ${key} ${list}`)
      for (const [index, [name, path]] of names.entries()) {
        const part = parts.find((words) => words[0] === String(index))
        const bytes = Number(part?.[1] ?? Number.NaN)
        const output =
          part === undefined || !(bytes >= 0 && bytes <= outputBytesMax)
            ? null
            : await fetchOne(link, key, { name, path, bytes, sha256: part[2] ?? '-' })
        if (output === null) lost.push(name)
        else found.push(output)
      }
      return { outputs: found, missing: lost }
    },
  }

  // A file that changes while it is read has another hash: it is read again, then given up.
  async function fetchOne(
    link: Channel,
    key: AttemptKey,
    wanted: OutputFile,
  ): Promise<OutputFile | null> {
    const { name, path, bytes, sha256 } = wanted
    for (let round = 0; round < tries; round++) {
      const whole = await readWhole(link, key, path, bytes)
      const hash = createHash('sha256').update(whole).digest('hex')
      if (sha256 !== '-' && hash !== sha256) continue
      return { name, path, sha256: await blobs.put(whole), bytes }
    }
    return null
  }
}

async function readWhole(
  link: Channel,
  key: AttemptKey,
  path: string,
  bytes: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let offset = 0; offset < bytes; offset += chunkBytes) {
    const length = Math.min(chunkBytes, bytes - offset)
    pieces.push(await link.askRaw(`fetch ${key} ${offset} ${length} ${escapeText(path)}`))
  }
  return Buffer.concat(pieces)
}

function missing(file: PlannedFile): FilesRefused {
  const text = `The bytes of ${file.path} are no longer in this home's blob store.`
  return new FilesRefused('input_missing', text)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
