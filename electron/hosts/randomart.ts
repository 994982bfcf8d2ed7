// The picture of a host key that `ssh-keygen -lv` prints: a walk of a drunken bishop over a board of 17 by 9, steered by the
// bits of the fingerprint. People see at a glance that a picture is another one; they do not see it in 43 letters.
import { createHash } from 'node:crypto'
import { keyTypeOf } from './known-hosts.ts'

const columns = 17
const rows = 9
/** How often a field was walked on; the last two are the end's and the start's. */
const marks = ' .o+=*BOX@%&#/^SE'
const start = marks.length - 2
const end = marks.length - 1

/** Eleven lines. `key`: the public key as the server sends it. */
export function randomart(key: Buffer): string {
  const board = walk(createHash('sha256').update(key).digest())
  const lines = Array.from({ length: rows }, (_unused, row) => {
    const fields = board.slice(row * columns, (row + 1) * columns)
    return `|${fields.map((times) => marks[times]).join('')}|`
  })
  return [frame(titleOf(key)), ...lines, frame('[SHA256]')].join('\n')
}

function walk(hash: Buffer): number[] {
  const board = Array.from({ length: columns * rows }, () => 0)
  let x = Math.floor(columns / 2)
  let y = Math.floor(rows / 2)
  for (const byte of hash) {
    // Two bits a step, the lowest first: left or right, up or down; a wall is slid along.
    for (let shift = 0; shift < 8; shift += 2) {
      const step = byte >> shift
      x = clamp(x + ((step & 1) === 0 ? -1 : 1), columns)
      y = clamp(y + ((step & 2) === 0 ? -1 : 1), rows)
      const at = y * columns + x
      board[at] = Math.min((board[at] ?? 0) + 1, start - 1)
    }
  }
  board[Math.floor(rows / 2) * columns + Math.floor(columns / 2)] = start
  board[y * columns + x] = end
  return board
}

const clamp = (value: number, size: number): number => Math.min(Math.max(value, 0), size - 1)

/** `+--[ED25519 256]--+`; a title that is too long goes without its size. */
function frame(title: string): string {
  const left = Math.floor((columns - title.length) / 2)
  return `+${'-'.repeat(left)}${title}${'-'.repeat(columns - left - title.length)}+`
}

function titleOf(key: Buffer): string {
  const type = keyTypeOf(key)
  const name = names.find(([form]) => form.test(type))?.[1] ?? type.slice(0, 12)
  const long = `[${name} ${bitsOf(key, type)}]`
  return long.length <= columns ? long : `[${name}]`
}

const names: readonly (readonly [RegExp, string])[] = [
  [/^ssh-ed25519$/, 'ED25519'],
  [/^ecdsa-sha2-/, 'ECDSA'],
  [/^(?:ssh-rsa|rsa-sha2-)/, 'RSA'],
  [/^ssh-dss$/, 'DSA'],
  [/^sk-ssh-ed25519/, 'ED25519-SK'],
  [/^sk-ecdsa/, 'ECDSA-SK'],
]

function bitsOf(key: Buffer, type: string): number {
  const curve = /nistp(\d+)/.exec(type)?.[1]
  if (curve !== undefined) return Number(curve)
  return type === 'ssh-rsa' ? modulusBits(key) : 256
}

/** The modulus is the third part of an rsa key; a zero byte may stand before it. */
function modulusBits(key: Buffer): number {
  let at = 0
  for (let part = 0; part < 2; part++) {
    if (at + 4 > key.length) return 0
    at += 4 + key.readUInt32BE(at)
  }
  const bytes = key.subarray(at + 4)
  const first = bytes.findIndex((byte) => byte !== 0)
  if (first < 0) return 0
  return (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0))
}
