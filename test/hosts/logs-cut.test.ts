import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { cutInBytes, type Cutter } from '../helpers/cut-in-bytes.ts'
import { openHostKit, order, type HostKit } from '../helpers/host-kit.ts'

const seeds = 50
const cutsPerSeed = 3

let dir: string
let kit: HostKit
const cutter: Cutter = { down: [], up: [] }

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-logs-cut-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
  const transport = cutInBytes(localTransport({ env }), cutter)
  kit = await openHostKit({ transport, folder: join(dir, 'host') })
})
afterAll(async () => {
  await kit.close()
  rmSync(dir, { recursive: true, force: true })
})

test(`H6: a link cut in the middle of a chunk, at ${seeds} seeds of random bytes, costs no byte and doubles none`, async () => {
  for (let seed = 1; seed <= seeds; seed++) {
    const roll = dice(seed)
    const log = randomLog(roll, 20_000 + Math.floor(roll() * 2_000_000))
    const half = Math.floor(log.length * roll())
    writeFileSync(join(dir, 'a'), log.subarray(0, half))
    writeFileSync(join(dir, 'b'), log.subarray(half))
    // Small ones hit lines and hellos, large ones the bytes of the log.
    cutter.down = Array.from(
      { length: cutsPerSeed },
      () => 1 + Math.floor(roll() ** 2 * log.length),
    )
    const { log: got, sha256 } = await kit.run(order(`cat '${dir}/a'; sleep 0.05; cat '${dir}/b'`))
    const expected = createHash('sha256').update(log).digest('hex')
    expect({ seed, length: got.length, sha256 }).toEqual({
      seed,
      length: log.length,
      sha256: expected,
    })
    expect(got.equals(log), `seed ${seed}`).toBe(true)
  }
  expect(kit.errors).toEqual([])
  // Or nothing was cut.
  expect(kit.link.connects).toBeGreaterThan(seeds)
})

/** mulberry32. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Binary: NULs, torn UTF-8, long lines, what looks like the protocol. */
function randomLog(roll: () => number, length: number): Buffer {
  const parts: Buffer[] = []
  for (let bytes = 0; bytes < length;) {
    const kind = Math.floor(roll() * 4)
    const part =
      kind === 0
        ? Buffer.from(`line ${bytes} of a log, ü€\n`)
        : kind === 1
          ? Buffer.alloc(1 + Math.floor(roll() * 5000), Math.floor(roll() * 256))
          : kind === 2
            ? Buffer.from([0xe2, 0x82, 0, 0xff, 10, 13, 27])
            : Buffer.from(`#1 4096\n=1 ok\n* ended x\n`)
    parts.push(part)
    bytes += part.length
  }
  return Buffer.concat(parts).subarray(0, length)
}
