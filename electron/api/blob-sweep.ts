// Removes bytes that nothing names any more: checkpoints that newer ones have replaced or whose tasks have succeeded, and what was
// put for something that never came about. Files first, then names: without an old file nothing of the store is read.
import type { BlobFiles, OldBlob } from '../artifacts/blob-files.ts'
import { sleep } from '../ports/clock.ts'
import type { Clock } from '../ports/clock.ts'
import { namedBlobs } from '../store/blob-names.ts'
import type { Db } from '../store/open.ts'
import type { AppLog } from '../system/app-log.ts'

/** What was put is named long before that, or asked for again: outputs of a host that was away are. */
export const blobGraceMs = 7 * 86_400_000

/** Between two slices, so that the engine has most of the time for itself. */
const restMs = 20
/** Removed in one go. */
const sliceFiles = 50
/** In one sweep; the rest is for the next one. */
const filesMax = 100_000
/** A start has other things to do; a short `sluice run` leaves it to those that stay. */
const firstAfterMs = 10 * 60_000
const everyMs = 86_400_000

export interface BlobSweepOptions {
  db: Db
  blobs: Pick<BlobFiles, 'olderThan' | 'removeOld'>
  clock: Clock
}

export interface Swept {
  files: number
  bytes: number
}

/** Rejects with the signal's reason when it is aborted; what was removed by then stays so. */
export async function sweepBlobs(options: BlobSweepOptions, signal: AbortSignal): Promise<Swept> {
  const { db, blobs, clock } = options
  const before = clock.now() - blobGraceMs
  const rest = (): Promise<void> => sleep(clock, restMs, signal)
  const old: OldBlob[] = []
  for await (const blob of blobs.olderThan(before)) {
    signal.throwIfAborted()
    if (old.push(blob) >= filesMax) break
  }
  if (old.length === 0) return { files: 0, bytes: 0 }
  const candidates = new Set(old.map(({ sha256 }) => sha256))
  for (const names of namedBlobs(db)) {
    for (const name of names) candidates.delete(name)
    await rest()
  }
  const swept = { files: 0, bytes: 0 }
  const unnamed = old.filter(({ sha256 }) => candidates.has(sha256))
  for (const [at, blob] of unnamed.entries()) {
    if (at % sliceFiles === 0) await rest()
    const bytes = blobs.removeOld(blob, before)
    if (bytes > 0) swept.files += 1
    swept.bytes += bytes
  }
  return swept
}

export interface SweepsOptions extends BlobSweepOptions {
  log: Pick<AppLog, 'write'>
}

/** Some minutes after the start, then daily. `close` waits until nothing is read or removed any more. */
export function openBlobSweeps(options: SweepsOptions): { close(): Promise<void> } {
  const leave = new AbortController()
  const done = sweepOn(options, leave.signal)
  return {
    async close() {
      leave.abort(new Error('Sluice closes'))
      await done
    },
  }
}

async function sweepOn(options: SweepsOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options
  for (let waitMs = firstAfterMs; !signal.aborted; waitMs = everyMs) {
    try {
      await sleep(clock, waitMs, signal)
      const swept = await sweepBlobs(options, signal)
      if (swept.files > 0)
        log.write('info', 'app', 'Removed bytes that nothing names any more', { ...swept })
    } catch (error) {
      if (!signal.aborted)
        log.write('error', 'app', 'Bytes that nothing names cannot be removed', { error })
    }
  }
}
