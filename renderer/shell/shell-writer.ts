// Carries what is typed to the shell: in order, one call at a time, what comes meanwhile in one piece.

/** What may wait to be sent; a paste is the only way to come near it. */
export const waitingCharsMax = 2_000_000
const callCharsMax = 16_384

export interface ShellWriter {
  /** False: too much waits already, and this was not taken. */
  write(text: string): boolean
  close(): void
}

export function openShellWriter(
  send: (text: string) => Promise<unknown>,
  onError: (error: unknown) => void,
): ShellWriter {
  let waiting = ''
  let busy = false
  let closed = false

  async function pump(): Promise<void> {
    if (busy) return
    busy = true
    try {
      while (waiting !== '' && !closed) {
        const part = firstPart(waiting)
        waiting = waiting.slice(part.length)
        await send(part)
      }
    } catch (error) {
      waiting = ''
      if (!closed) onError(error)
    } finally {
      busy = false
    }
  }

  return {
    write(text) {
      if (closed || waiting.length + text.length > waitingCharsMax) return false
      waiting += text
      void pump()
      return true
    },
    close() {
      closed = true
      waiting = ''
    },
  }
}

/** Never half of a character that UTF-16 writes as two. */
function firstPart(text: string): string {
  if (text.length <= callCharsMax) return text
  const last = text.charCodeAt(callCharsMax - 1)
  const isHigh = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, isHigh ? callCharsMax - 1 : callCharsMax)
}
