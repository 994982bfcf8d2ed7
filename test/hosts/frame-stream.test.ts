import { expect, test } from 'vitest'
import { FrameReader, streamBytesMax } from '../../electron/hosts/wire.ts'

const nonce = 'abcdefghij0123456789'

/** Feeds the text in pieces of a size and says what came of it. */
function read(text: string, pieceBytes: number) {
  const got = { bytes: '', lines: [] as string[], whole: [] as string[], broken: '' }
  const reader = new FrameReader(nonce, {
    onLine: (line) => got.lines.push(line),
    onRaw: (id) => got.whole.push(id),
    onBroken: (why) => (got.broken = why),
    streamOf: (id) =>
      id === '7' ? (bytes) => (got.bytes += Buffer.from(bytes).toString('latin1')) : null,
  })
  const all = Buffer.from(text, 'latin1')
  for (let at = 0; at < all.length; at += pieceBytes) {
    const piece = Buffer.from(all.subarray(at, at + pieceBytes))
    reader.push(piece)
    // Its memory is given back.
    piece.fill(0)
  }
  return got
}

const sizes = [1, 2, 3, 7, 25, 26, 27, 64, 1000, 100_000]
const log = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join('')

test('H6: a frame that is handed on while it comes is the same in pieces of any size', () => {
  const text = `=1 ok\n#7 ${log.length}\n${log}\n${nonce} 7\n=2 ok\n`
  for (const size of sizes) {
    expect(read(text, size)).toEqual({
      bytes: log,
      lines: ['=1 ok', '=2 ok'],
      whole: ['7'],
      broken: '',
    })
  }
})

test('H6: of a file that was cut short no byte of the protocol is taken for the log', () => {
  // By some, by a part of the trailer, and by all of it.
  for (const missing of [1, 5, 24, 30, 500, log.length]) {
    const short = log.slice(0, log.length - missing)
    const next = `=2 ok\n#8 3\nabc\n${nonce} 8\n`
    const text = `#7 ${log.length}\n${short}\n${nonce} 7\n${next.repeat(40)}`
    for (const size of sizes) {
      const got = read(text, size)
      expect(got.broken).not.toBe('')
      expect(got.whole).toEqual([])
      expect(short.startsWith(got.bytes), `${missing} missing, pieces of ${size}`).toBe(true)
    }
  }
})

test('a log that shows the trailer of another frame or channel changes nothing', () => {
  const odd = `\n${nonce} 8\n\n${nonce} 77\n\nzzzzzzzzzz0123456789 7\n${nonce}\n`
  for (const size of sizes) {
    expect(read(`#7 ${odd.length}\n${odd}\n${nonce} 7\n`, size)).toMatchObject({
      bytes: odd,
      broken: '',
    })
  }
})

test('a frame of no byte, one out of bounds, and one that nobody takes piece by piece', () => {
  expect(read(`#7 0\n\n${nonce} 7\n=1 ok\n`, 3)).toMatchObject({ whole: ['7'], lines: ['=1 ok'] })
  expect(read(`#7 ${streamBytesMax + 1}\n`, 100).broken).toContain('out of bounds')
  expect(read(`#8 ${streamBytesMax}\n`, 100).broken).toContain('out of bounds')
})
