// Ends every open escape sequence with its line. A terminal waits for the end of a title or a private string however long
// it takes; one that never comes would swallow the rest of the log.
const newline = 0x0a
const escape = 0x1b
/** First byte of the escapes that UTF-8 writes as one character (U+0080 to U+009F). */
const c1 = 0xc2
/** Leaves any sequence, prints nothing. */
export const cancel = 0x18

/** Takes the chunks of one log in order; those without escapes come back as they are. */
export function openLineGuard(): (chunk: Uint8Array) => Uint8Array {
  let armed = false
  return (chunk) => {
    if (!armed && !chunk.includes(escape) && !chunk.includes(c1)) return chunk
    const lastLine = chunk.subarray(chunk.lastIndexOf(newline) + 1)
    armed =
      lastLine.includes(escape) ||
      lastLine.includes(c1) ||
      (armed && lastLine.length === chunk.length)
    return guarded(chunk)
  }
}

function guarded(chunk: Uint8Array): Uint8Array {
  let lines = 0
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) lines += 1
  const safe = new Uint8Array(chunk.length + lines)
  let from = 0
  let to = 0
  for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
    safe.set(chunk.subarray(from, at), to)
    to += at - from
    safe[to] = cancel
    safe[to + 1] = newline
    to += 2
    from = at + 1
  }
  safe.set(chunk.subarray(from), to)
  return safe
}
