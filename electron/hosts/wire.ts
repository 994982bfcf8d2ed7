// The lines between the client and the agent, written and read. docs/host-protocol.md is the contract.
//   H2  Payloads are binary-safe: what a shell could change travels as %b escapes. What a host sends is never trusted:
//       lines and frames are bounded, and a line that means nothing is counted and dropped.
import { isSettable } from '../../shared/pipeline/env-names.ts'
import { FrameStream } from './frame-stream.ts'

const utf8 = new TextEncoder()

/** Bytes that no shell, no field splitting and no glob changes: the rest becomes `\0ooo`. */
const plain = /^[A-Za-z0-9_./:=@%+^~-]$/

const escapes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const letter = String.fromCharCode(byte)
  return byte < 128 && plain.test(letter) ? letter : `\\0${byte.toString(8).padStart(3, '0')}`
})

/** For `printf %b`. One word; empty text has no form as a word, so the caller must not need it. */
export function escapeText(text: string): string {
  let out = ''
  for (const byte of utf8.encode(text)) out += escapes[byte]
  return out
}

export function badEnvName(env: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(env)) {
    if (!isSettable(name) || value.includes('\0')) return name
  }
  return null
}

/** H7: shell text, run by the shell that becomes the task, that exports `env`. Never an argument, never a file. */
export function envText(env: Readonly<Record<string, string>>): string {
  // Short, because most shells read it byte by byte.
  let plainNames = ''
  let others = ''
  for (const [name, value] of Object.entries(env)) {
    if (/^[\x20-\x7e\n]*$/.test(value)) {
      const isPlain = /^[A-Za-z0-9_./:@%+-]*$/.test(value)
      const quoted = `'${value.replaceAll("'", `'\\''`).replaceAll('\n', `'"$_nl"'`)}'`
      plainNames += ` ${name}=${isPlain ? value : quoted}`
    } else {
      // The x keeps line ends at the end of the value, which $( ) takes away.
      others += `;${name}=$(printf %bx '${escapeText(value)}');${name}=\${${name}%x};export ${name}`
    }
  }
  return plainNames === '' ? others.slice(1) : `export${plainNames}${others}`
}

export interface FrameSink {
  onLine(line: string): void
  /** Takes a frame's bytes while they come; null where it is wanted whole. */
  streamOf?(id: string): ((bytes: Uint8Array) => void) | null
  /** A raw frame is complete: its request's id and exactly the announced bytes. */
  onRaw(id: string, bytes: Uint8Array): void
  /** The stream cannot be trusted any more. */
  onBroken(why: string): void
}

export const lineBytesMax = 64 * 1024
export const frameBytesMax = 4 * 1024 * 1024
/** Of one whose bytes are handed on while they come. */
export const streamBytesMax = 64 * 1024 * 1024

const newline = 10

interface Frame {
  id: string
  bytes: Uint8Array
  have: number
}

/** Cuts the agent's stdout into lines and raw frames: `#ID LENGTH`, the bytes, `\nNONCE ID`. */
export class FrameReader {
  readonly #nonce: string
  readonly #sink: FrameSink
  #pieces: Uint8Array[] = []
  #pieceBytes = 0
  #reading: 'line' | 'raw' | 'stream' | 'blank' | 'trailer' | 'nothing' = 'line'
  #stream: FrameStream | null = null
  #frame: Frame = { id: '', bytes: new Uint8Array(0), have: 0 }

  constructor(nonce: string, sink: FrameSink) {
    this.#nonce = nonce
    this.#sink = sink
  }

  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length && this.#reading !== 'nothing') {
      if (this.#stream !== null && this.#reading === 'stream')
        at = this.#takeStream(chunk, at, this.#stream)
      else at = this.#reading === 'raw' ? this.#takeRaw(chunk, at) : this.#takeLine(chunk, at)
    }
  }

  #takeStream(chunk: Uint8Array, at: number, stream: FrameStream): number {
    const end = stream.push(chunk, at)
    if (end === -1) this.#break('a file that was cut short while it was read')
    else if (stream.isFull) this.#reading = 'blank'
    return end === -1 ? chunk.length : end
  }

  #takeRaw(chunk: Uint8Array, at: number): number {
    const frame = this.#frame
    const count = Math.min(frame.bytes.length - frame.have, chunk.length - at)
    frame.bytes.set(chunk.subarray(at, at + count), frame.have)
    frame.have += count
    if (frame.have === frame.bytes.length) this.#reading = 'blank'
    return at + count
  }

  #takeLine(chunk: Uint8Array, at: number): number {
    const end = chunk.indexOf(newline, at)
    const stop = end === -1 ? chunk.length : end
    const piece = chunk.subarray(at, stop)
    // Its owner uses it again.
    this.#pieces.push(end === -1 ? Buffer.from(piece) : piece)
    this.#pieceBytes += stop - at
    if (this.#pieceBytes > lineBytesMax) {
      this.#break(`a line of more than ${lineBytesMax} bytes`)
      return stop
    }
    if (end === -1) return stop
    const line = Buffer.concat(this.#pieces).toString('latin1')
    this.#pieces = []
    this.#pieceBytes = 0
    this.#line(line)
    return end + 1
  }

  // A frame is held until its trailer proves that the bytes are the file's, and not what followed a file cut short.
  #line(line: string): void {
    if (this.#reading === 'blank' && line === '') {
      this.#reading = 'trailer'
    } else if (this.#reading === 'trailer' && line === `${this.#nonce} ${this.#frame.id}`) {
      this.#reading = 'line'
      const { id, bytes } = this.#frame
      this.#frame = { id: '', bytes: new Uint8Array(0), have: 0 }
      this.#stream?.finish()
      this.#stream = null
      this.#sink.onRaw(id, bytes)
    } else if (this.#reading !== 'line') {
      this.#break('raw bytes that did not end where announced')
    } else if (line.startsWith('#')) {
      this.#openFrame(line)
    } else {
      this.#sink.onLine(line)
    }
  }

  #openFrame(header: string): void {
    const parts = /^#(\d{1,15}) (\d{1,12})$/.exec(header)
    const length = Number(parts?.[2] ?? Number.NaN)
    const onPiece = this.#sink.streamOf?.(parts?.[1] ?? '') ?? null
    const lengthMax = onPiece === null ? frameBytesMax : streamBytesMax
    if (parts === null || !(length <= lengthMax)) return this.#break('a frame out of bounds')
    if (onPiece !== null) {
      const id = parts[1]!
      this.#frame = { id, bytes: new Uint8Array(0), have: 0 }
      this.#stream = new FrameStream(length, `\n${this.#nonce} ${id}\n`, onPiece)
      this.#reading = length === 0 ? 'blank' : 'stream'
      return
    }
    // Not zeroed: nobody sees it before it is full.
    this.#frame = { id: parts[1]!, bytes: Buffer.allocUnsafeSlow(length), have: 0 }
    this.#reading = length === 0 ? 'blank' : 'raw'
  }

  #break(why: string): void {
    this.#reading = 'nothing'
    this.#sink.onBroken(`The host sent ${why}.`)
  }
}
