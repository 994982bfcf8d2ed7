// What a task hands back while it runs and after: the values that it wrote to `$SLUICE_OUTPUT`, and what it saved of its progress
// in `$SLUICE_CHECKPOINT`. Nothing is asked of the host until it has said that there is something.
import type { HostReport, StartOrder } from '../ports/hosts.ts'
import type { BlobStore } from '../ports/logs.ts'
import type { AttemptEnd, Checkpoint } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { ChannelClosed } from './channel.ts'
import type { Attempt } from './host-attempt.ts'
import type { Session } from './session.ts'
import { oddWords } from './fetch-outputs.ts'
import { isSafeTar } from './tar-check.ts'
import { parseLines, parseTaskValues, valuesBytesMax } from './task-values.ts'
import { escapeText } from './wire.ts'

export const checkpointBytesMax = 64 * 1024
export const checkpointFolderBytesMax = 1024 ** 3

/** `why`: one sentence about what is there and cannot be saved. */
type Found =
  | (Omit<Checkpoint, 'savedAt'> & { kind: 'saved'; isWhole: boolean })
  | { kind: 'refused'; why: string }

export interface HandedBackOptions {
  host: string
  blobs: BlobStore
  onReport: (report: HostReport) => void
}

/** A word of the start's options that places what an earlier attempt saved; null: nothing was. */
export function checkpointOption({ checkpoint }: StartOrder): string | null {
  if (checkpoint === undefined) return null
  if (checkpoint.folder !== null) return `checkpoint=folder.${checkpoint.folder.sha256}`
  const lines = Object.entries(checkpoint.values).map(([key, value]) => `${key}=${value}\n`)
  return lines.length === 0 ? null : `checkpoint=text.${escapeText(lines.join(''))}`
}

/** Everything that has to be at the host before the start. */
export function filesOf({ files, checkpoint }: StartOrder): StartOrder['files'] {
  if (checkpoint === undefined || checkpoint.folder === null) return files
  return [...files, { path: 'its checkpoint', ...checkpoint.folder, mode: 0o600 }]
}

export class HandedBack {
  readonly #options: HandedBackOptions
  /** The mark of what was fetched last, who is fetching, and what was told last meanwhile. */
  readonly #marks = new Map<AttemptKey, string>()
  readonly #fetching = new Map<AttemptKey, Promise<void>>()
  readonly #told = new Map<AttemptKey, readonly string[]>()

  constructor(options: HandedBackOptions) {
    this.#options = options
  }

  /** For the end of an attempt that exited 0. Rejects with ChannelClosed. */
  async values(
    key: AttemptKey,
    session: Session,
  ): Promise<Pick<Extract<AttemptEnd, { outcome: 'exited' }>, 'values' | 'badValues'>> {
    const got = await session.courier.fetchSmall(key, '//values', valuesBytesMax)
    if (got.kind === 'absent') return {}
    if (got.kind === 'refused') return { badValues: `$SLUICE_OUTPUT is ${got.why}.` }
    const read = parseTaskValues(got.bytes)
    if (read.kind === 'bad') return { badValues: read.why }
    return Object.keys(read.values).length === 0 ? {} : { values: read.values }
  }

  /** A notice: `SAVED_AT MARK`. Of many that come while one is fetched only the last counts. */
  async hear(attempt: Attempt, words: readonly string[], session: Session): Promise<void> {
    const { key } = attempt.order
    const isAwaited = this.#told.has(key)
    this.#told.set(key, words)
    if (isAwaited) return
    await this.#inTurn(key, async () => {
      const newest = this.#told.get(key) ?? words
      this.#told.delete(key)
      await this.#fetch(attempt, newest, session, false)
    })
  }

  /** After a cut, a restart or a failed end: the newest that the host has. */
  async ask(attempts: readonly Attempt[], session: Session, isOver: boolean): Promise<void> {
    if (attempts.length === 0) return
    const byKey = new Map<string, Attempt>(attempts.map((one) => [one.order.key, one]))
    const { parts } = await session.main.ask(`saved ${[...byKey.keys()].join(' ')}`)
    for (const [key = '', ...words] of parts) {
      const attempt = byKey.get(key)
      if (attempt === undefined) continue
      await this.#inTurn(attempt.order.key, () => this.#fetch(attempt, words, session, isOver))
    }
  }

  forget(key: AttemptKey): void {
    this.#marks.delete(key)
  }

  async #inTurn(key: AttemptKey, work: () => Promise<void>): Promise<void> {
    const before = this.#fetching.get(key) ?? Promise.resolve()
    const going = before.catch(() => undefined).then(work)
    this.#fetching.set(key, going)
    try {
      await going
    } finally {
      if (this.#fetching.get(key) === going) this.#fetching.delete(key)
    }
  }

  async #fetch(
    attempt: Attempt,
    [at = '', mark = '']: readonly string[],
    session: Session,
    isOver: boolean,
  ): Promise<void> {
    const { key } = attempt.order
    if (!/^\d{1,15}$/.test(at) || attempt.hasEnded || this.#marks.get(key) === mark) return
    const isFolder = mark.startsWith('folder.')
    const looking = isFolder ? this.#folder(key, session, isOver) : this.#file(key, session, isOver)
    const found = await looking.catch((error: unknown) => {
      // Once it is over its host may forget it in the middle of this, which ends the channel, and nobody wants it any more.
      if (attempt.hasEnded && error instanceof ChannelClosed) return null
      throw error
    })
    if (found === null || attempt.hasEnded) return
    // A file whose last line was not there yet is looked at again when the attempt is over.
    if (isFolder || found.kind === 'refused' || found.isWhole) this.#marks.set(key, mark)
    if (found.kind === 'refused') {
      const { why } = found
      const report = { host: this.#options.host, key, at: Number(at), why }
      return this.#options.onReport({ kind: 'checkpoint_refused', ...report })
    }
    const { values, folder } = found
    const checkpoint: Checkpoint = { savedAt: Number(at), values, folder }
    this.#options.onReport({ kind: 'checkpoint', host: this.#options.host, key, checkpoint })
  }

  async #file(key: AttemptKey, { courier }: Session, isOver: boolean): Promise<Found | null> {
    const got = await courier.fetchSmall(key, '//checkpoint', checkpointBytesMax)
    if (got.kind === 'absent') return null
    if (got.kind === 'refused') return refused(`$SLUICE_CHECKPOINT is ${got.why}.`)
    // Who still runs may be in the middle of its last line.
    const whole = isOver ? got.bytes : got.bytes.subarray(0, got.bytes.lastIndexOf(10) + 1)
    const read = parseLines(whole, '$SLUICE_CHECKPOINT')
    if (read.kind === 'bad') return refused(read.why)
    const { values } = read
    if (Object.keys(values).length === 0) return null
    return { kind: 'saved', values, folder: null, isWhole: whole.length === got.bytes.length }
  }

  async #folder(key: AttemptKey, { courier }: Session, isOver: boolean): Promise<Found | null> {
    const wanted = { checkpoint: '//checkpoint.tar' }
    const { outputs, missing } = await courier.fetchOutputs(key, wanted, checkpointFolderBytesMax)
    const [tar] = outputs
    if (tar === undefined) return refusedFolder(missing[0] ?? '', isOver)
    // Another host will unpack it: what leads out of the folder would be written there.
    const source = await this.#options.blobs.open(tar.sha256)
    if (source === null) return null
    if (!(await isSafeTar(source))) return refused(unsafeWords)
    return {
      kind: 'saved',
      values: {},
      folder: { sha256: tar.sha256, bytes: tar.bytes },
      isWhole: true,
    }
  }
}

const unsafeWords =
  'The folder $SLUICE_CHECKPOINT holds a link that leads out of it, something that is no file, or more than a million files.'

function refused(why: string): Found {
  return { kind: 'refused', why }
}

/** `told`: `checkpoint`, and in brackets why not. */
function refusedFolder(told: string, isOver: boolean): Found | null {
  const why = /\((.+)\)$/.exec(told)?.[1]
  if (why === undefined) return null
  // Who still runs may be writing it: it is looked at again.
  if (why === oddWords['changing'] && !isOver) return null
  const more = why === oddWords['large'] ? ', and 1 GiB is the most' : ''
  return refused(`The folder $SLUICE_CHECKPOINT is ${why}${more}.`)
}
