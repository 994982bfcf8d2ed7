import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Api, Client } from '../../shared/api/contract.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { backlogBytesMax, windowBytes } from '../../shared/api/frames.ts'
import { connectLink } from '../../shared/api/link.ts'
import { serveLink } from '../../shared/api/serve-link.ts'
import type { TestWire } from './wire-pair.ts'
import { wirePair } from './wire-pair.ts'

function linked(api: Partial<Api>): {
  client: Client
  engine: TestWire
  wire: TestWire
  bugs: unknown[]
} {
  const [wire, engine] = wirePair()
  const bugs: unknown[] = []
  serveLink(engine, api as Api, (bug) => bugs.push(bug))
  return { client: connectLink(wire), engine, wire, bugs }
}

test('a call gives what the handler gave, with the defaults of the contract filled in', async () => {
  let seen: unknown
  const { client } = linked({
    'run.start': async (input) => {
      seen = input
      return { run: '20260101-000000-aaaaaaaa' }
    },
  })
  const answer = await client.call('run.start', { pipeline: 'orders' })
  expect(answer).toEqual({ run: '20260101-000000-aaaaaaaa' })
  expect(seen).toEqual({ pipeline: 'orders', environment: null, params: {}, logicalDate: null })
})

test('bytes come back byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256)
  const { client } = linked({ 'log.read': async () => bytes })
  const got = await client.call('log.read', { run: 'latest', task: 't', offset: 0, length: 1 })
  expect(Buffer.from(got).equals(Buffer.from(bytes))).toBe(true)
})

test('L3: a client that asks for bytes and does not read them is cut off', async () => {
  const [wire, engine] = wirePair()
  let unsent = 0
  let closed = ''
  serveLink(
    {
      ...engine,
      send: (frame) => void (unsent += frame.length),
      bufferedBytes: () => unsent,
    },
    { 'log.read': async () => new Uint8Array(1 << 20) } as unknown as Api,
  )
  wire.onClose((why) => (closed = why))
  const input = { run: 'latest', task: 't', offset: 0, length: 1 << 20 }
  for (let id = 0; id < 400 && closed === ''; id += 1) {
    wire.send(JSON.stringify(['call', id, 'log.read', input]))
    await nextTurn()
  }
  expect(closed).not.toBe('')
  expect(unsent).toBeLessThan(backlogBytesMax + (4 << 20))
})

test('L1: an input that does not fit never reaches the handler, and every field is named', async () => {
  let called = false
  const { client } = linked({
    'run.list': async () => {
      called = true
      return []
    },
  })
  const failure = client.call('run.list', { limit: 0, pipeline: 3 } as never)
  await expect(failure).rejects.toMatchObject({ code: 'bad-input' })
  await expect(failure).rejects.toThrow(/pipeline: .*limit: /)
  expect(called).toBe(false)
})

test('an expected failure keeps its code, message and hint; a bug is told as one', async () => {
  const { client, bugs } = linked({
    'run.get': async () => {
      throw new AppError('not-found', 'There is no run "x".', { hint: 'See "sluice runs".' })
    },
    'host.list': async () => {
      throw new TypeError('oops')
    },
  })
  await expect(client.call('run.get', { run: 'x' })).rejects.toMatchObject({
    code: 'not-found',
    message: 'There is no run "x".',
    hint: 'See "sluice runs".',
  })
  await expect(client.call('host.list', {})).rejects.toMatchObject({ code: 'internal' })
  expect(bugs).toHaveLength(1)
})

test.each(['nope', '__proto__', 'toString', 'run.watch'])(
  'a call of "%s" is refused, not looked up on an object',
  async (name) => {
    const { client } = linked({})
    await expect(client.call(name as 'run.list', {})).rejects.toMatchObject({ code: 'bad-input' })
  },
)

test('100,000 events arrive in order', async () => {
  const { client } = linked({
    'host.watch': async function* () {
      for (let i = 0; i < 100_000; i += 1) yield { kind: 'row', row: { used: i } } as never
    },
  })
  let expected = 0
  for await (const item of client.stream('host.watch', {})) {
    if (item.kind === 'row' && item.row.used !== expected) throw new Error(`lost ${expected}`)
    expected += 1
  }
  expect(expected).toBe(100_000)
})

test('L2: a reader that stops reading holds the sender at one window, and gets everything later', async () => {
  const chunk = 16 * 1024
  let made = 0
  const { client, engine } = linked({
    'log.follow': async function* () {
      for (; made < 400; made += 1) yield new Uint8Array(chunk).fill(made % 256)
    },
  })
  const reader = client.stream('log.follow', { run: 'latest', task: 't' })[Symbol.asyncIterator]()
  await reader.next()
  await turnsUntilQuiet(engine)
  expect(engine.sent.bytes).toBeLessThanOrEqual(windowBytes + 2 * (chunk + 5))
  expect(made).toBeLessThan(20)

  let bytes = chunk
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
    bytes += next.value.length
  }
  expect(bytes).toBe(400 * chunk)
})

test('one slow stream does not hold up another stream or a call', async () => {
  const { client } = linked({
    'log.follow': async function* () {
      for (let i = 0; i < 200; i += 1) yield new Uint8Array(16 * 1024)
    },
    'host.list': async () => [],
  })
  const slow = client.stream('log.follow', { run: 'latest', task: 'a' })[Symbol.asyncIterator]()
  await slow.next()
  let bytes = 0
  for await (const part of client.stream('log.follow', { run: 'latest', task: 'b' })) {
    bytes += part.length
  }
  expect(bytes).toBe(200 * 16 * 1024)
  expect(await client.call('host.list', {})).toEqual([])
})

test('a reader that leaves, or aborts, ends the handler', async () => {
  const ended: string[] = []
  const { client } = linked({
    'log.follow': async function* (input, signal) {
      try {
        yield new Uint8Array(1)
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      } finally {
        ended.push(input.task)
      }
    },
  })
  for await (const part of client.stream('log.follow', { run: 'latest', task: 'left' })) {
    expect(part).toHaveLength(1)
    break
  }
  const abort = new AbortController()
  for await (const part of client.stream(
    'log.follow',
    { run: 'latest', task: 'aborted' },
    abort.signal,
  )) {
    expect(part).toHaveLength(1)
    abort.abort()
  }
  await until(() => ended.length === 2)
  expect(ended.toSorted()).toEqual(['aborted', 'left'])
})

test('an error in a stream reaches its reader after the items before it', async () => {
  const { client } = linked({
    'host.watch': async function* () {
      yield { kind: 'snapshot', rows: [] } as const
      throw new AppError('conflict', 'no more')
    },
  })
  const items: unknown[] = []
  const read = async (): Promise<void> => {
    for await (const item of client.stream('host.watch', {})) items.push(item)
  }
  await expect(read()).rejects.toMatchObject({ code: 'conflict' })
  expect(items).toHaveLength(1)
})

test('L4: when the link goes, calls and streams fail as link-closed and the handlers are told', async () => {
  let told = false
  const { client, wire } = linked({
    'host.list': () => new Promise(() => {}),
    'host.watch': async function* (_input, signal) {
      yield { kind: 'snapshot', rows: [] } as const
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      told = true
    },
  })
  const call = client.call('host.list', {})
  const reader = client.stream('host.watch', {})[Symbol.asyncIterator]()
  await reader.next()
  const next = reader.next()
  wire.close()
  await expect(call).rejects.toMatchObject({ code: 'link-closed' })
  await expect(next).rejects.toMatchObject({ code: 'link-closed' })
  await expect(client.call('host.list', {})).rejects.toMatchObject({ code: 'link-closed' })
  await until(() => told)
})

test.each([
  ['not JSON', 'hello'],
  ['not a request', '["ok",1,2]'],
  ['a request without a number', '["call","1","run.list",{}]'],
  ['negative credit', '["credit",1,-5]'],
  ['bytes', new Uint8Array([0, 0, 0, 0, 1])],
  ['more than a megabyte', JSON.stringify(['call', 1, 'run.list', 'x'.repeat(1 << 20)])],
])('L3: a client that sends %s is cut off', async (_what, frame) => {
  const { wire } = linked({})
  let closed = false
  wire.onClose(() => (closed = true))
  wire.send(frame)
  await until(() => closed)
  expect(closed).toBe(true)
})

test('L3: the 257th open stream is refused, and one that ends makes room', async () => {
  const { client } = linked({
    'host.watch': async function* (_input, signal) {
      yield { kind: 'snapshot', rows: [] } as const
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  const readers = Array.from({ length: 256 }, () =>
    client.stream('host.watch', {})[Symbol.asyncIterator](),
  )
  for (const reader of readers) await reader.next()
  const extra = client.stream('host.watch', {})[Symbol.asyncIterator]()
  await expect(extra.next()).rejects.toMatchObject({ code: 'conflict' })
  await readers[0]?.return?.()
  await turns(10)
  const again = client.stream('host.watch', {})[Symbol.asyncIterator]()
  expect((await again.next()).done).toBe(false)
})

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await nextTurn()
}

async function turnsUntilQuiet(wire: TestWire): Promise<void> {
  for (let before = -1; before !== wire.sent.frames;) {
    before = wire.sent.frames
    await turns(20)
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 10_000; i += 1) {
    if (condition()) return
    await nextTurn()
  }
  throw new Error('It never happened.')
}
