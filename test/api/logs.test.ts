import { afterEach, beforeEach, expect, test } from 'vitest'
import { attemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { gapAt, keptLog } from '../../shared/run/log-gaps.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

let api: ApiWorld

beforeEach(() => {
  api = openApiWorld()
})

afterEach(() => api.close())

const keyOf = (run: RunId, task: string, number = 1): AttemptKey =>
  attemptKey(run, task, null, number)

async function append(key: AttemptKey, text: string): Promise<void> {
  await api.logs.append(key, await api.logs.size(key), Buffer.from(text))
}

async function readAll(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString()
}

test('a follower gets what is there, what comes, and the end when the log is closed', async () => {
  const run = api.world.start({ a: { timeoutMs: null } }, { a: { ms: 60_000 } })
  await api.world.flow(100)
  const key = keyOf(run, 'a')
  await append(key, 'one\n')
  const reader = api.client.stream('log.follow', { run, task: 'a' })[Symbol.asyncIterator]()
  expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe('one\n')
  const next = reader.next()
  await append(key, 'two\n')
  expect(Buffer.from((await next).value ?? []).toString()).toBe('two\n')
  const end = reader.next()
  await api.logs.close(key, [])
  expect((await end).done).toBe(true)
})

test('a follower may begin at any byte, and reads more than one chunk', async () => {
  const run = api.world.start({ a: {} }, { a: { ms: 60_000 } })
  await api.world.flow(100)
  const key = keyOf(run, 'a')
  const text = 'x'.repeat(300_000)
  await append(key, text)
  await api.logs.close(key, [])
  const got = await readAll(api.client.stream('log.follow', { run, task: 'a', offset: 10 }))
  expect(got).toBe(text.slice(10))
})

test('a follower of a task that has not started waits for its first attempt', async () => {
  const run = api.world.start({ a: {}, b: { needs: ['a'] } }, { b: { ms: 60_000 } })
  const reading = readAll(api.client.stream('log.follow', { run, task: 'b' }))
  await api.world.flow(5000)
  expect(api.world.task(run, 'b').attempts).toHaveLength(1)
  await append(keyOf(run, 'b'), 'hello')
  await api.logs.close(keyOf(run, 'b'), [])
  expect(await reading).toBe('hello')
})

test('a follower of a task that never starts ends with the run', async () => {
  const run = api.world.start({ a: {}, b: { needs: ['a'] } }, { a: { exit: 1 } })
  const reading = readAll(api.client.stream('log.follow', { run, task: 'b' }))
  await api.world.finish(run)
  expect(await reading).toBe('')
})

test('log.info and log.read take the latest attempt, or the one named', async () => {
  const retries = { max: 1, delayMs: 10, backoff: 'fixed', capMs: 10, jitter: 0 } as const
  const run = api.world.start({ a: { retries } }, { a: [{ exit: 1 }, { exit: 0 }] })
  await api.world.flow(500)
  await append(keyOf(run, 'a', 1), 'first')
  await api.world.finish(run)
  await append(keyOf(run, 'a', 2), 'second!')
  const info = await api.client.call('log.info', { run, task: 'a' })
  expect(info.bytes).toBe(7)
  const read = async (attempt: number | null): Promise<string> => {
    const input = { run, task: 'a', attempt, offset: 0, length: 100 }
    return Buffer.from(await api.client.call('log.read', input)).toString()
  }
  expect([await read(null), await read(1), await read(2)]).toEqual(['second!', 'first', 'second!'])
  await expect(read(3)).rejects.toMatchObject({ code: 'not-found' })
})

test('a task that is not in the run is refused with the near name', async () => {
  const run = api.world.start({ extract: {} })
  const asked = api.client.call('log.info', { run, task: 'extrct' })
  await expect(asked).rejects.toMatchObject({ code: 'not-found', hint: 'Did you mean "extract"?' })
})

test('without an engine a follower ends with what is stored, for nothing more can come', async () => {
  await api.close()
  api = openApiWorld({ isReader: true })
  const run = api.world.start({ a: {} }, { a: { ms: 60_000 } })
  await api.world.flow(100)
  await append(keyOf(run, 'a'), 'so far')
  expect(await readAll(api.client.stream('log.follow', { run, task: 'a' }))).toBe('so far')
})

test('H6: a reader of a log above its limit gets the head and the tail, and one gap where the middle was', async () => {
  const run = api.world.start({ a: {} }, { a: { ms: 60_000 } })
  await api.world.flow(100)
  const key = keyOf(run, 'a')
  const limit = 256 * 1024
  api.logs.limit(key, limit)
  const whole = Buffer.from(Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join(''))
  for (let at = 0; at < whole.length; at += 50_000) {
    await api.logs.append(key, at, whole.subarray(at, at + 50_000))
  }
  const live = await api.client.call('log.info', { run, task: 'a' })
  expect(live).toMatchObject({ bytes: whole.length, closed: false })
  expect(live.gaps).toHaveLength(1)
  await api.logs.close(key, [])
  const { gaps, bytes } = await api.client.call('log.info', { run, task: 'a' })
  expect(gaps).toEqual(live.gaps)
  // As the command line and the screens go on behind a gap.
  const shown: string[] = []
  for (let offset = 0; ;) {
    const got = await readAll(api.client.stream('log.follow', { run, task: 'a', offset }))
    expect(got).toBe(whole.subarray(offset, offset + got.length).toString())
    shown.push(got)
    const gap = gapAt(gaps, offset + got.length)
    if (gap === null) break
    expect(gap.why).toBe(`over the limit of ${limit} bytes`)
    offset += got.length + (gap.bytes ?? 0)
  }
  expect(shown).toHaveLength(2)
  expect(shown[0]).toHaveLength(limit / 2)
  expect(shown[1]!.length).toBeGreaterThanOrEqual(limit / 2)
  expect(shown.join('').length).toBeLessThanOrEqual(limit + 64 * 1024)
  expect(whole.toString().endsWith(shown[1]!)).toBe(true)
  // Evidence is looked for in what is kept.
  const kept = keptLog(bytes, gaps, (offset, length) => api.logs.read(key, offset, length))
  expect(kept.bytes).toBe(shown.join('').length)
  const end = await kept.read(kept.bytes - 100, 100)
  expect(Buffer.from(end).toString()).toBe(shown[1]!.slice(-100))
})
