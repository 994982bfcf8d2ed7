import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { gapAt } from '../../shared/run/log-gaps.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'

let dir: string
let kit: HostKit

async function open(): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
  kit = await openHostKit({ transport: localTransport({ env }), folder: join(dir, 'host') })
}
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-logs-limits-'))
  await open()
})
afterEach(async () => {
  await kit.close()
  rmSync(dir, { recursive: true, force: true })
})

/** What is kept, each stretch with its offset. */
async function kept(key: AttemptKey): Promise<{ offset: number; bytes: Buffer }[]> {
  const found: { offset: number; bytes: Buffer }[] = []
  const end = await kit.logs.size(key)
  for (let offset = 0; offset < end;) {
    const start = offset
    const parts: Uint8Array[] = []
    for (;;) {
      const bytes = await kit.logs.read(key, offset, 1 << 20)
      if (bytes.length === 0) break
      parts.push(bytes)
      offset += bytes.length
    }
    if (parts.length > 0) found.push({ offset: start, bytes: Buffer.concat(parts) })
    offset += gapAt(kit.logs.gaps(key), offset)?.bytes ?? end
  }
  return found
}

const limit = 1024 * 1024
const canPunch = (): boolean => {
  const file = join(dir, 'punch')
  writeFileSync(file, Buffer.alloc(1 << 20, 1))
  return spawnSync('fallocate', ['-p', '-o', '0', '-l', String(1 << 20), file]).status === 0
}

test('H6: of a log above its limit the head and the tail are here, the middle is a gap and leaves the disk of the host', async () => {
  const whole = Buffer.from(
    Array.from({ length: 400_000 }, (_, i) => `line ${i} of a log without end\n`).join(''),
  )
  for (let part = 0; part < 8; part++) {
    const size = Math.ceil(whole.length / 8)
    writeFileSync(join(dir, `part${part}`), whole.subarray(part * size, (part + 1) * size))
  }
  const one = order(`for i in 0 1 2 3 4 5 6 7; do cat '${dir}'/part$i; sleep 0.3; done`, {
    logLimitBytes: limit,
  })
  kit.start(one)
  await new Promise<void>((resolve) => {
    const undo = kit.logs.onChange(one.key, () => {
      if (kit.logs.gaps(one.key).length === 0) return
      undo()
      resolve()
    })
  })
  // The same limit, the same parts, after a crash in the middle.
  kit.reopen()
  kit.fleet.watch(hostName, one)
  const { bytes, gaps, sha256, verified } = await kit.report('log_closed', one.key)
  expect(bytes).toBe(whole.length)
  expect(sha256).toBe(null)
  // No hash of the whole, yet compared, and said so.
  expect(verified).toMatch(/gmac|blake2b512|sha256/)
  expect(gaps).toHaveLength(1)
  expect(gaps[0]!.why).toBe(`over the limit of ${limit} bytes`)
  const stretches = await kept(one.key)
  expect(stretches).toHaveLength(2)
  for (const { offset, bytes: got } of stretches) {
    expect(got.equals(whole.subarray(offset, offset + got.length))).toBe(true)
  }
  const [head, tail] = stretches
  expect(head!.bytes.length).toBe(limit / 2)
  expect(tail!.offset + tail!.bytes.length).toBe(whole.length)
  expect(tail!.bytes.length).toBeGreaterThanOrEqual(limit / 2)
  expect(head!.bytes.length + tail!.bytes.length).toBeLessThanOrEqual(limit + 64 * 1024)
  // Only what is kept is compared, and it was.
  expect(kit.logs.closing(one.key)?.verified).toMatch(/gmac|blake2b512|sha256/)
  const atHost = statSync(join(dir, 'host', 'log', one.key))
  expect(atHost.size).toBe(whole.length)
  // Where it cannot be freed it stays.
  expect(atHost.blocks * 512).toBeLessThan(whole.length * (canPunch() ? 0.5 : 2))
  expect(kit.errors).toEqual([])
})

test('H6: a line without end is kept by halves as well', async () => {
  const one = order(`head -c 40000000 /dev/zero | tr '\\0' x`, { logLimitBytes: 300_000 })
  kit.start(one)
  const { bytes, gaps } = await kit.report('log_closed', one.key)
  expect(bytes).toBe(40_000_000)
  expect(gaps).toHaveLength(1)
  const stretches = await kept(one.key)
  const total = stretches.reduce((sum, stretch) => sum + stretch.bytes.length, 0)
  expect(total + gaps[0]!.bytes!).toBe(bytes)
  expect(total).toBeGreaterThanOrEqual(300_000)
  expect(total).toBeLessThanOrEqual(300_000 + 2 * 64 * 1024)
})

test('H6: a log below its limit is kept whole, also where it is longer than the first half', async () => {
  const one = order(`head -c 900000 /dev/zero | tr '\\0' y`, { logLimitBytes: limit })
  const { log, sha256 } = await kit.run(one)
  expect(log.equals(Buffer.alloc(900_000, 'y'))).toBe(true)
  expect(sha256).not.toBe(null)
  expect(kit.logs.gaps(one.key)).toEqual([])
})

test('H6: a gap is told again after a crash between the close and its report', async () => {
  const one = order('echo one; echo two; sleep 1')
  kit.start(one)
  await kit.report('started', one.key)
  await new Promise<void>((resolve) => kit.logs.onChange(one.key, resolve))
  truncateSync(join(dir, 'host', 'log', one.key), 3)
  await expect.poll(() => kit.logs.gaps(one.key), { timeout: 20_000 }).toHaveLength(1)
  // Found before the close, and no longer to be seen by looking: what follows makes the log longer again.
  kit.reopen()
  kit.fleet.watch(hostName, one)
  const first = await kit.report('log_closed', one.key)
  expect(first.gaps[0]).toMatchObject({ bytes: null, why: 'the log on the host shrank to 3 bytes' })
  kit.reopen()
  kit.fleet.watch(hostName, one)
  const again = await kit.report('log_closed', one.key)
  expect(again).toEqual(first)
})

test('H6: bytes that the full disk here refuses are asked for again when there is room', async (context) => {
  const small = join(dir, 'small')
  mkdirSync(small)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'sluice', small]).status === 0
  if (!mounted) context.skip('a small disk cannot be made here: no right to mount')
  const was = process.env['TMPDIR']
  await kit.close()
  try {
    process.env['TMPDIR'] = small
    await open()
    const ballast = join(small, 'ballast')
    writeFileSync(ballast, Buffer.alloc(2_500_000))
    const one = order('i=0; while [ $i -lt 60000 ]; do echo "line $i of it"; i=$((i+1)); done')
    kit.start(one)
    await kit.report('ended', one.key)
    await expect.poll(() => kit.errors.length, { timeout: 20_000 }).toBeGreaterThan(0)
    expect(String(kit.errors[0])).toContain('the disk is full')
    // Said once, however often it is tried.
    await new Promise((resolve) => setTimeout(resolve, 4500))
    expect(kit.errors).toHaveLength(1)
    expect(readdirSync(small)).toContain('ballast')
    rmSync(ballast)
    const { sha256, gaps } = await kit.report('log_closed', one.key)
    expect(gaps).toEqual([])
    const expected = Array.from({ length: 60_000 }, (_, i) => `line ${i} of it\n`).join('')
    expect((await kit.wholeLog(one.key)).toString()).toBe(expected)
    expect(sha256).not.toBe(null)
  } finally {
    if (was === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = was
    await kit.close()
    spawnSync('umount', [small])
    await open()
  }
})
