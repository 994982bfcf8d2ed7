// Two ends of a wire in one process: frames arrive in order, in a later turn of the loop, as on a socket.
import type { Wire } from '../../shared/api/wire.ts'

type Frame = string | Uint8Array

export interface TestWire extends Wire {
  /** Frames and bytes that this end has sent. */
  sent: { frames: number; bytes: number }
  lastSent: Frame | null
}

interface TestEnd extends TestWire {
  deliver: (frame: Frame) => void
  other: TestEnd | null
}

export function wirePair(): [TestWire, TestWire] {
  const closers: ((why: string) => void)[] = []
  let why: string | null = null
  const close = (reason: string): void => {
    if (why !== null) return
    why = reason
    for (const closer of closers) closer(reason)
  }
  const makeEnd = (): TestEnd => {
    let listener: ((frame: Frame) => void) | null = null
    return {
      sent: { frames: 0, bytes: 0 },
      lastSent: null,
      other: null,
      send(frame) {
        if (why !== null) return
        this.sent.frames += 1
        this.sent.bytes += frame.length
        this.lastSent = frame
        const { other } = this
        setImmediate(() => {
          if (why === null) other?.deliver(frame)
        })
      },
      deliver: (frame) => listener?.(frame),
      onMessage: (next) => (listener = next),
      onClose: (next) => (why === null ? closers.push(next) : next(why)),
      close: () => close('closed by the test'),
      bufferedBytes: () => 0,
    }
  }
  const a = makeEnd()
  const b = makeEnd()
  a.other = b
  b.other = a
  return [a, b]
}
