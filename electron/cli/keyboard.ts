// What a person types: keys as they come for a shell, and a line for a question.
import type { ReadStream } from 'node:tty'

export interface Keyboard {
  isTTY: boolean
  /**
   * Bytes as they are typed, Ctrl-C too, without echo; until it is undone. `onEnd`: nobody types any more.
   * One reader at a time.
   */
  read(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): () => void
}

/** `open`: only when it is read, since an open stdin can hold the process. */
export function makeKeyboard(open: () => ReadStream, isTTY: boolean): Keyboard {
  return {
    isTTY,
    read(onBytes, onEnd) {
      const stdin = open()
      if (isTTY) stdin.setRawMode(true)
      stdin.on('data', onBytes)
      stdin.on('end', onEnd)
      // A terminal that is closed under us: read as its end.
      stdin.on('error', onEnd)
      stdin.resume()
      return () => {
        stdin.off('data', onBytes)
        stdin.off('end', onEnd)
        if (isTTY) stdin.setRawMode(false)
        // It would hold the process.
        stdin.pause()
        stdin.off('error', onEnd)
      }
    },
  }
}
