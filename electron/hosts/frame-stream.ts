// A raw frame whose bytes are handed on while they come, however long it is.
//   H6  Only bytes of the file are handed on: where the file was cut short, the trailer stands among what was announced, so
//       it is looked for, and the newest piece is held back until what follows shows that it held no part of one.

export class FrameStream {
  readonly #trailer: Buffer
  readonly #onPiece: (bytes: Uint8Array) => void
  #left: number
  #held: Uint8Array = new Uint8Array(0)

  constructor(length: number, trailer: string, onPiece: (bytes: Uint8Array) => void) {
    this.#left = length
    this.#trailer = Buffer.from(trailer, 'latin1')
    this.#onPiece = onPiece
  }

  /** All that was announced is here; `finish` hands on the rest once the trailer is seen. */
  get isFull(): boolean {
    return this.#left === 0
  }

  /** Takes what is its own of `chunk` from `at` and says where that ends; -1 where the file was cut short. */
  push(chunk: Uint8Array, at: number): number {
    const end = at + Math.min(this.#left, chunk.length - at)
    const piece = chunk.subarray(at, end)
    this.#left -= piece.length
    if (this.#endsEarly(piece)) return -1
    const reach = this.#trailer.length - 1
    if (piece.length < reach) {
      const all = Buffer.concat([this.#held, piece])
      const clean = Math.max(0, all.length - reach)
      if (clean > 0) this.#onPiece(all.subarray(0, clean))
      this.#held = all.subarray(clean)
    } else {
      this.finish()
      const clean = piece.length - reach
      if (clean > 0) this.#onPiece(piece.subarray(0, clean))
      this.#held = Buffer.from(piece.subarray(clean))
    }
    return end
  }

  finish(): void {
    if (this.#held.length > 0) this.#onPiece(this.#held)
    this.#held = new Uint8Array(0)
  }

  #endsEarly(piece: Uint8Array): boolean {
    if (indexOf(piece, this.#trailer) !== -1) return true
    const reach = this.#trailer.length - 1
    const seam = Buffer.concat([this.#held.subarray(-reach), piece.subarray(0, reach)])
    return seam.indexOf(this.#trailer) !== -1
  }
}

function indexOf(bytes: Uint8Array, text: Buffer): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text)
}
