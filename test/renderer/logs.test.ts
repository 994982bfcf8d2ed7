import { expect, test } from 'vitest'
import { openBridge, type Bridge } from '../../renderer/bridge/bridge.ts'
import { gapWords } from '../../renderer/logs/gap-words.ts'
import { openLineGuard } from '../../renderer/logs/line-guard.ts'
import { feedLog, type FeedState } from '../../renderer/logs/log-feed.ts'
import { scriptedApi } from './scripted-api.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const bytes = (words: string) => new TextEncoder().encode(words)

test('a gap is named by its size and its reason', () => {
  const gap = { offset: 10, bytes: 10, why: 'the file was cut' }
  expect(gapWords(gap)).toBe('10 B missing here: the file was cut')
  expect(gapWords({ ...gap, bytes: null })).toBe('Some bytes missing here: the file was cut')
})

function openFeed(log: string) {
  const whole = bytes(log)
  const client = scriptedApi({
    'log.info': () => ({ bytes: whole.length, closed: true, gaps: [] }),
    'log.read': ({ offset, length }) => whole.slice(offset, offset + length),
    'log.follow': async function* follow({ offset }) {
      for (let at = offset; at < whole.length; at += 16_384) yield whole.slice(at, at + 16_384)
    },
  })
  const bridge = openBridge(async () => ({ client, closed: new Promise<void>(() => {}) }))
  return { bridge, address: { run: 'r1', task: 'validate_orders', item: null, attempt: 2 } }
}

async function feedAll(
  bridge: Bridge,
  address: Parameters<typeof feedLog>[1],
  startAt: (size: number) => number,
) {
  let shown = ''
  const states: FeedState[] = []
  await feedLog(bridge, address, {
    signal: new AbortController().signal,
    startAt,
    onState: (state) => states.push(state),
    async write(chunk) {
      await Promise.resolve()
      shown += text(chunk)
    },
    async mark(words) {
      shown += `[${words}]`
    },
  })
  return { shown, states }
}

test('every byte of a log is written once, in order', async () => {
  const log = Array.from({ length: 9000 }, (_, line) => `line ${line}`).join('\n')
  const { bridge, address } = openFeed(log)
  const { shown, states } = await feedAll(bridge, address, () => 0)
  expect(shown).toBe(log)
  expect(states.at(-1)).toEqual({ kind: 'ended', bytes: log.length })
  bridge.close()
})

test('a log entered in its middle begins with a whole line', async () => {
  const log = 'first line\nsecond line\nthird line\n'
  const { bridge, address } = openFeed(log)
  const { shown } = await feedAll(bridge, address, () => 15)
  expect(shown).toBe('third line\n')
  bridge.close()
})

test('nothing more is asked for while the pane has not taken what it got', async () => {
  const { bridge, address } = openFeed('x'.repeat(100_000))
  const control = new AbortController()
  let writes = 0
  const firstWrite = Promise.withResolvers<void>()
  const held = new Promise<void>(() => {})
  void feedLog(bridge, address, {
    signal: control.signal,
    startAt: () => 0,
    onState: () => {},
    write() {
      writes += 1
      firstWrite.resolve()
      return held
    },
    mark: async () => {},
  })
  await firstWrite.promise
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  expect(writes).toBe(1)
  control.abort()
  bridge.close()
})

test('an escape sequence that never ends, ends with its line, also over chunks', () => {
  const guard = openLineGuard()
  expect(text(guard(bytes('plain\ntext\n')))).toBe('plain\ntext\n')
  expect(text(guard(bytes('a\n\x1b]0;open')))).toBe('a\x18\n\x1b]0;open')
  expect(text(guard(bytes('still open')))).toBe('still open')
  expect(text(guard(bytes('\nsafe\n')))).toBe('\x18\nsafe\x18\n')
  expect(text(guard(bytes('plain\n')))).toBe('plain\n')
})

test('the guard changes nothing but the ends of lines', () => {
  const log = bytes('\x1b[31mred\x1b[0m °\n\n\x1b[1mbold\n'.repeat(50))
  const guard = openLineGuard()
  let out = ''
  for (let at = 0; at < log.length; at += 7)
    out += String.fromCharCode(...guard(log.subarray(at, at + 7)))
  expect(out.replaceAll('\x18', '')).toBe(String.fromCharCode(...log))
})
