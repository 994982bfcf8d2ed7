// The seam for log bytes. One append-only file per attempt; the length of the file is the offset to read the host from (H6).
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { LogGap } from '../../shared/run/events.ts'

export interface LogStore {
  /** Bytes that are here; 0 for an attempt never seen. */
  size(key: AttemptKey): Promise<number>
  /** Appends at `offset`, which must be the present size; anything else is refused as a bug. Resolves when written. */
  append(key: AttemptKey, offset: number, bytes: Uint8Array): Promise<void>
  /** At most `lengthMax` bytes from `offset`; empty at the end. */
  read(key: AttemptKey, offset: number, lengthMax: number): Promise<Uint8Array>
  /** sha256 of all the bytes that are here, 64 hex digits. */
  hash(key: AttemptKey): Promise<string>
  /** No bytes will follow. Wakes every follower. */
  close(key: AttemptKey, gaps: readonly LogGap[]): Promise<void>
  isClosed(key: AttemptKey): boolean
  /** Called after each append and at the close; gives back its undo. */
  onChange(key: AttemptKey, listener: () => void): () => void
}

/** Bytes named by their hash: workspace files of a version, outputs of tasks. */
export interface BlobStore {
  /** sha256, 64 hex digits. Writing the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<string>
  has(sha256: string): Promise<boolean>
  /** null when it is not here. Checks the hash. */
  get(sha256: string): Promise<Uint8Array | null>
}
