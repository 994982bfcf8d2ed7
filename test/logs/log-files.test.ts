import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../electron/ports/clock.ts'
import { openLogFiles, type LogFiles } from '../../electron/logs/log-files.ts'
import { linesMax } from '../../electron/logs/log-times.ts'
import { attemptKey, type AttemptKey, type RunId } from '../../shared/run/ids.ts'

const run = '20260101-000000-abcdefgh' as RunId
const key = attemptKey(run, 'load', null, 1)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array): string => new TextDecoder().decode(found)

let dir: string
let nowMs = 0
const clock: Clock = { now: () => 1000 + nowMs, monotonic: () => nowMs, after: () => () => {} }

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-logs-'))
  nowMs = 0
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('bytes are read back from any offset, and none past the end', async () => {
  const logs = openLogFiles(dir, clock)
  await logs.append(key, 0, bytes('hello '))
  await logs.append(key, 6, bytes('world'))
  expect(await logs.size(key)).toBe(11)
  expect(text(await logs.read(key, 3, 5))).toBe('lo wo')
  expect(text(await logs.read(key, 9, 100))).toBe('ld')
  expect(await logs.read(key, 11, 100)).toHaveLength(0)
  expect(readFileSync(join(dir, run, 'load.x.1.log'), 'utf8')).toBe('hello world')
  await logs.closeFiles()
})

test('an attempt never seen has no bytes, and asking makes no file', async () => {
  const logs = openLogFiles(dir, clock)
  expect(await logs.size(key)).toBe(0)
  expect(await logs.read(key, 0, 10)).toHaveLength(0)
  expect(logs.isClosed(key)).toBe(false)
  expect(await logs.hash(key)).toBe(sha256(bytes('')))
  expect(readdirSync(dir).filter((name) => name.endsWith('.log'))).toEqual([])
  await logs.closeFiles()
})

test('bytes at another offset than the size are refused and change nothing', async () => {
  const logs = openLogFiles(dir, clock)
  await logs.append(key, 0, bytes('abc'))
  await expect(logs.append(key, 2, bytes('x'))).rejects.toThrow('came at 2, but its log has 3')
  await expect(logs.append(key, 4, bytes('x'))).rejects.toThrow('came at 4')
  expect(text(await logs.read(key, 0, 10))).toBe('abc')
  expect(await logs.hash(key)).toBe(sha256(bytes('abc')))
  await logs.closeFiles()
})

test('appends that overlap in time keep their order, small and large mixed', async () => {
  const logs = openLogFiles(dir, clock)
  const parts = Array.from({ length: 40 }, (_, i) =>
    new Uint8Array(i % 3 === 0 ? 100_000 : 17).fill(65 + i),
  )
  let offset = 0
  const all = parts.map((part) => {
    const done = logs.append(key, offset, part)
    offset += part.length
    return done
  })
  await Promise.all(all)
  const whole = Buffer.concat(parts)
  expect(Buffer.from(await logs.read(key, 0, whole.length)).equals(whole)).toBe(true)
  expect(await logs.hash(key)).toBe(sha256(whole))
  await logs.closeFiles()
})

test('a close is told to followers, kept over a restart, and lets no byte follow', async () => {
  const logs = openLogFiles(dir, clock)
  let changes = 0
  const stop = logs.onChange(key, () => (changes += 1))
  await logs.append(key, 0, bytes('abc'))
  await logs.close(key, [{ offset: 3, bytes: 7, why: 'the host lost them' }])
  await logs.close(key, [])
  expect(changes).toBe(2)
  stop()
  await expect(logs.append(key, 3, bytes('x'))).rejects.toThrow('closed')
  await logs.closeFiles()

  const again = openLogFiles(dir, clock)
  expect(again.isClosed(key)).toBe(true)
  expect(again.closing(key)).toMatchObject({
    bytes: 3,
    sha256: sha256(bytes('abc')),
    gaps: [{ offset: 3, bytes: 7, why: 'the host lost them' }],
  })
  expect(text(await again.read(key, 0, 10))).toBe('abc')
  await again.closeFiles()
})

test('a listener that was taken back hears nothing', async () => {
  const logs = openLogFiles(dir, clock)
  let changes = 0
  logs.onChange(key, () => (changes += 1))()
  await logs.append(key, 0, bytes('abc'))
  expect(changes).toBe(0)
  await logs.closeFiles()
})

test('a log without a byte can be closed', async () => {
  const logs = openLogFiles(dir, clock)
  await logs.close(key, [])
  expect(logs.isClosed(key)).toBe(true)
  expect(logs.closing(key)?.sha256).toBe(sha256(bytes('')))
  await logs.closeFiles()
})

test('after a restart the log goes on where the file ends, and the hash is of the whole', async () => {
  const logs = openLogFiles(dir, clock)
  await logs.append(key, 0, bytes('first '))
  await logs.closeFiles()
  const again = openLogFiles(dir, clock)
  expect(await again.size(key)).toBe(6)
  await again.append(key, 6, bytes('second'))
  expect(await again.hash(key)).toBe(sha256(bytes('first second')))
  await again.append(key, 12, bytes('!'))
  expect(await again.hash(key)).toBe(sha256(bytes('first second!')))
  await again.closeFiles()
})

test('a killed engine has lost no byte whose append had resolved', async () => {
  const script = `
    import { openLogFiles } from ${JSON.stringify(join(import.meta.dirname, '../../electron/logs/log-files.ts'))}
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, '../../electron/system/clock.ts'))}
    const logs = openLogFiles(process.argv[1], systemClock)
    for (let offset = 0; ; ) {
      const part = new Uint8Array(1 + (offset % 50000)).fill(offset % 251)
      await logs.append(${JSON.stringify(key)}, offset, part)
      offset += part.length
      process.stdout.write(offset + '\\n')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    if (out.length > 3000) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const told = Number(out.slice(0, out.lastIndexOf('\n')).split('\n').at(-1))
  const logs = openLogFiles(dir, clock)
  const size = await logs.size(key)
  expect(told).toBeGreaterThan(0)
  expect(size).toBeGreaterThanOrEqual(told)
  await logs.append(key, size, bytes('end'))
  const whole = readFileSync(join(dir, run, 'load.x.1.log'))
  expect(await logs.hash(key)).toBe(sha256(whole))
  await logs.closeFiles()
})

test('a large log has the right hash while it grows, after a restart, and when it is closed', async () => {
  const part = new Uint8Array(1_000_000)
  const whole = createHash('sha256')
  const grow = async (logs: LogFiles, parts: number): Promise<void> => {
    for (let i = 0; i < parts; i++) {
      const offset = await logs.size(key)
      part.fill((offset / part.length) % 251)
      whole.update(part)
      await logs.append(key, offset, part)
    }
  }
  const logs = openLogFiles(dir, clock)
  await grow(logs, 12)
  expect(await logs.hash(key)).toBe(whole.copy().digest('hex'))
  await grow(logs, 9)
  expect(await logs.hash(key)).toBe(whole.copy().digest('hex'))
  await logs.closeFiles()
  const again = openLogFiles(dir, clock)
  await grow(again, 1)
  await again.close(key, [])
  expect(again.closing(key)?.sha256).toBe(whole.digest('hex'))
  await again.closeFiles()
})

test('H6: a digest that is made while bytes come is the one of the files, and good for one answer', async () => {
  const way = `gmac:${'5a'.repeat(16)}` as const
  const logs = openLogFiles(dir, clock)
  const other = `${run}.t.x.2` as typeof key
  const grow = async (log: typeof key, count: number, byte: number): Promise<void> => {
    await logs.append(log, await logs.size(log), Buffer.alloc(count, byte))
  }
  // What was there before is taken in, however it is cut.
  await grow(key, 1_500_001, 1)
  logs.digestAhead(key, way)
  await grow(key, 700_000, 2)
  await grow(key, 17, 3)
  const bytes = await logs.size(key)
  const digest = await logs.digest(key, way, 0, bytes)
  // Now from the files; and also where it was made of other bytes than are asked for.
  expect(await logs.digest(key, way, 0, bytes)).toBe(digest)
  await grow(other, 20, 4)
  logs.digestAhead(other, way)
  await grow(other, 20, 5)
  const half = await logs.digest(other, way, 0, 20)
  expect(await logs.digest(other, way, 0, 20)).toBe(half)
  expect(await logs.digest(other, way, 0, 40)).not.toBe(half)
  await logs.closeFiles()
})

test('arrival times are kept for every quarter of a second that brought bytes', async () => {
  const logs = openLogFiles(dir, clock)
  for (const [atMs, offset] of [
    [0, 0],
    [100, 1],
    [260, 2],
    [300, 3],
    [900, 4],
  ] as const) {
    nowMs = atMs
    await logs.append(key, offset, bytes('x'))
  }
  expect(logs.times(key)).toEqual([
    { offset: 0, atMs: 1000 },
    { offset: 2, atMs: 1260 },
    { offset: 4, atMs: 1900 },
  ])
  await logs.closeFiles()
})

test('a key that is none, or that would leave the folder, is refused', async () => {
  const logs = openLogFiles(dir, clock)
  for (const bad of [
    '../../etc/passwd',
    `${run}.../../x.x.1`,
    `${run}.a/b.x.1`,
    `${run}.a\0.x.1`,
  ]) {
    await expect(async () => logs.append(bad as AttemptKey, 0, bytes('x'))).rejects.toThrow(
      /^Not a/,
    )
  }
  expect(existsSync(join(dir, run))).toBe(false)
  await logs.closeFiles()
})

test('thousands of logs need a bounded number of descriptors, and one that was forgotten goes on', async () => {
  const logs = openLogFiles(dir, clock)
  const name = (i: number): AttemptKey => attemptKey(run, `t${i}`, null, 1)
  for (let i = 0; i < 500; i++) await logs.append(name(i), 0, bytes('a'))
  const descriptors = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  expect(descriptors).toBeLessThan(400)
  for (let i = 500; i < 5500; i++) await logs.size(name(i))
  await logs.append(name(3), 1, bytes('b'))
  expect(await logs.hash(name(3))).toBe(sha256(bytes('ab')))
  await logs.closeFiles()
})

test.skipIf(process.platform === 'win32')('files are for this user alone', async () => {
  const logs = openLogFiles(dir, clock)
  await logs.append(key, 0, bytes('a'))
  expect(statSync(join(dir, run, 'load.x.1.log')).mode & 0o777).toBe(0o600)
  expect(statSync(join(dir, run)).mode & 0o777).toBe(0o700)
  await logs.closeFiles()
})

test('arrival times of a log that is written for days are thinned, and stay in order', async () => {
  const logs = openLogFiles(dir, clock)
  for (let count = 0; count < linesMax + 10; count++) {
    nowMs += 300
    await logs.append(key, count, bytes('x'))
  }
  const times = logs.times(key)
  expect(times.length).toBeLessThanOrEqual(linesMax / 2 + 10)
  expect(times[0]).toEqual({ offset: 0, atMs: 1300 })
  expect(times.map((time) => time.offset)).toEqual(
    times.map((time) => time.offset).toSorted((a, b) => a - b),
  )
  await logs.closeFiles()
})

test('a log with a limit is found again as it was, and never holds more than the limit and a part', async () => {
  const limit = 400_000
  let logs = openLogFiles(dir, clock)
  const whole = Buffer.from(
    Array.from({ length: 150_000 }, (_, i) => `${i} of many lines\n`).join(''),
  )
  for (let at = 0, step = 1; at < whole.length; step = (step * 7919) % 90_000) {
    logs.limit(key, limit)
    const end = Math.min(whole.length, at + step)
    await logs.append(key, at, whole.subarray(at, end))
    at = end
    const folder = join(dir, run)
    const here = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.times'))
      .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
    expect(here).toBeLessThanOrEqual(limit + 64 * 1024 + step)
    if (step % 11 !== 0) continue
    await logs.closeFiles()
    logs = openLogFiles(dir, clock)
    expect(await logs.size(key)).toBe(at)
  }
  const [gap] = logs.gaps(key)
  expect(await logs.read(key, gap!.offset, 10)).toHaveLength(0)
  const tailAt = gap!.offset + gap!.bytes!
  const tail = Buffer.from(await logs.read(key, tailAt, whole.length))
  expect(tail.equals(whole.subarray(tailAt))).toBe(true)
  const kept = Buffer.concat([whole.subarray(0, gap!.offset), tail])
  expect(await logs.hash(key)).toBe(sha256(kept))
  const closing = await logs.close(key, [])
  expect(closing).toMatchObject({ bytes: whole.length, sha256: null, gaps: [gap] })
  await expect(logs.skip(key, whole.length + 1)).resolves.toBeUndefined()
  await logs.closeFiles()
})
