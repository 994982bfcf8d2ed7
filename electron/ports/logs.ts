// The seam for log bytes. Offsets are those of the log at its host, always (H6): the next byte to read there is the one
// at `size`. A log may have a limit; then its middle is not kept, and what is kept keeps its offsets.
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { LogGap, LogProof } from '../../shared/run/events.ts'

/** How two copies of bytes are compared: the way's name, for a GMAC with its key, 32 hex digits, chosen for this once. */
export type DigestWay = 'sha256' | 'blake2b512' | `gmac:${string}`

/** What a closed log says about itself. */
export interface LogClosing {
  /** Bytes of the whole, kept or not. */
  bytes: number
  /** Of the whole as it is here; null where a part is missing, or the log is so large that it was compared another way. */
  sha256: string | null
  /** By what the kept bytes were found equal to those at the host; null: not compared, or not equal. */
  verified: LogProof | null
  gaps: readonly LogGap[]
  closedAt: number
}

export interface LogHalves {
  headBytes: number
  tailBytes: number
}

export interface LogStore {
  /** Where the next byte stands; 0 for an attempt never seen. */
  size(key: AttemptKey): Promise<number>
  /**
   * Appends at `offset`, which must be the present size; anything else is refused as a bug. Resolves when written. The
   * bytes are the store's until then.
   */
  append(key: AttemptKey, offset: number, bytes: Uint8Array): Promise<void>
  /** Of a log above `bytes` about the first and the last half of that are kept: so much. Said again after a restart. */
  limit(key: AttemptKey, bytes: number): LogHalves
  /** Nothing between the present size and `offset` will come: only of a log with a limit. */
  skip(key: AttemptKey, offset: number): Promise<void>
  /** At most `lengthMax` bytes from `offset`, never across a gap; empty in a gap and at the end. */
  read(key: AttemptKey, offset: number, lengthMax: number): Promise<Uint8Array>
  /** What is missing, in order; also of a log that still grows, whose middle then grows too. */
  gaps(key: AttemptKey): readonly LogGap[]
  /** A gap that was found before the close; kept over a restart. */
  noteGap(key: AttemptKey, gap: LogGap): void
  /**
   * `digest` will be asked by this GMAC for all bytes, and its key is told to nobody before: the store may make it while
   * they come.
   */
  digestAhead(key: AttemptKey, way: DigestWay): void
  /** Of the bytes from `from` to `to`, all of them kept. Hex, lower case. */
  digest(key: AttemptKey, way: DigestWay, from: number, to: number): Promise<string>
  /** sha256 of all the bytes that are here, 64 hex digits. */
  hash(key: AttemptKey): Promise<string>
  /** No bytes will follow. Wakes every follower. Closed before: changes nothing. Gives what is kept about it. */
  close(
    key: AttemptKey,
    gaps: readonly LogGap[],
    found?: Pick<LogClosing, 'sha256' | 'verified'>,
  ): Promise<LogClosing>
  /** null while bytes may follow. */
  closing(key: AttemptKey): LogClosing | null
  isClosed(key: AttemptKey): boolean
  /** Called after each append and at the close; gives back its undo. */
  onChange(key: AttemptKey, listener: () => void): () => void
}

/** Bytes named by their hash: workspace files of a version, outputs of tasks. */
export interface BlobStore {
  /** sha256, 64 hex digits. Writing the same bytes again changes nothing. */
  put(bytes: Uint8Array): Promise<string>
  has(sha256: string): Promise<boolean>
  /** null when it is not here. Checks the hash. Holds all of it in memory: for small ones. */
  get(sha256: string): Promise<Uint8Array | null>
  /** For those of any size; null when it is not here. Does not check the hash. */
  open(sha256: string): Promise<BlobSource | null>
  /** Takes bytes that come piece by piece. What had come before a cut or a crash under the same name is here again. */
  receive(sha256: string): Promise<BlobSink>
}

export interface BlobSource {
  bytes: number
  /** So many from an offset on; less at the end. */
  read(from: number, length: number): AsyncIterable<Uint8Array>
}

export interface BlobSink {
  /** Bytes that are here. */
  readonly bytes: number
  write(bytes: Uint8Array): Promise<void>
  /** Keeps what came for the next try. */
  leave(): Promise<void>
  /** Puts it in the store; false, and nothing is kept, where the bytes have another hash. */
  finish(): Promise<boolean>
}
