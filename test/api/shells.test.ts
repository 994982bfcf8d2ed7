// Debug shells as every face sees them, on a terminal that the test holds.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secretNames } from '../../electron/api/secret-names.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import type { Terminal } from '../../electron/ports/terminal.ts'
import type { ShellWatch } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'
import type { ApiWorld } from './api-world.ts'
import { openApiWorld } from './api-world.ts'

interface Played {
  order: StartOrder
  typed: string[]
  sizes: string[]
  isPaused: boolean
  isClosed: boolean
  show(bytes: Uint8Array): void
  end(why: string): void
}

let api: ApiWorld
let clock: VirtualClock
let played: Played[]
let run: RunId

beforeEach(async () => {
  played = []
  clock = virtualClock()
  api = openApiWorld({
    clock,
    openShell: async (_host, order) => {
      const { terminal, one } = play(order)
      played.push(one)
      return { terminal, folder: '/home/etl/.sluice/work/shell-1', isOwnFolder: false, note: '' }
    },
  })
  const env = { DB: 'sales', DB_PASSWORD: 'canary', URL: 'postgres://u:canary@db/x' }
  const secrets = { PGHOST: { secret: 'PGHOST', from: { env: 'PROD_PGHOST' } } }
  run = api.world.start({ load: { env, secrets, run: 'load.sh' } }, { load: { exit: 3 } })
  await api.world.finish(run)
})

afterEach(() => api.close())

function play(order: StartOrder): { terminal: Terminal; one: Played } {
  let onData: (bytes: Uint8Array) => void = () => {}
  let onClose: (why: string) => void = () => {}
  const one: Played = {
    order,
    typed: [],
    sizes: [],
    isPaused: false,
    isClosed: false,
    show: (bytes) => onData(bytes),
    end: (why) => onClose(why),
  }
  const terminal: Terminal = {
    write: async (bytes) => void one.typed.push(Buffer.from(bytes).toString()),
    resize: ({ columns, rows }) => void one.sizes.push(`${columns}x${rows}`),
    onData: (listener) => (onData = listener),
    onClose: (listener) => (onClose = listener),
    pause: () => (one.isPaused = true),
    resume: () => (one.isPaused = false),
    close: () => (one.isClosed = true),
  }
  return { terminal, one }
}

async function open(secrets = false): Promise<{ shell: string; one: Played }> {
  const size = { columns: 80, rows: 24 }
  const { shell } = await api.client.call('shell.open', { run, task: 'load', ...size, secrets })
  return { shell, one: played.at(-1)! }
}

function watch(shell: string, signal?: AbortSignal): AsyncIterator<ShellWatch> {
  return api.client.stream('shell.watch', { shell }, signal)[Symbol.asyncIterator]()
}

const text = (item: ShellWatch | undefined): string =>
  item instanceof Uint8Array ? Buffer.from(item).toString() : JSON.stringify(item)

test('a shell shows what its terminal does, takes what is typed, and says how it ended', async () => {
  const { shell, one } = await open()
  expect(one.order).toMatchObject({ run: 'load.sh', env: { DB: 'sales', SLUICE_TASK: 'load' } })
  const items = watch(shell)
  expect(text((await items.next()).value)).toContain(`${run} load attempt 1 on a`)
  one.show(Buffer.from('$ '))
  expect(text((await items.next()).value)).toBe('$ ')
  await api.client.call('shell.write', { shell, text: 'ls é\r' })
  await api.client.call('shell.resize', { shell, columns: 100, rows: 30 })
  expect(one.typed).toEqual(['ls é\r'])
  expect(one.sizes).toEqual(['100x30'])
  one.show(Buffer.from('bye'))
  one.end('exited with 7')
  expect(text((await items.next()).value)).toBe('bye')
  expect((await items.next()).value).toEqual({
    kind: 'ended',
    why: 'The shell ended with exit code 7',
  })
  expect((await items.next()).done).toBe(true)
  const late = api.client.call('shell.write', { shell, text: 'x' })
  await expect(late).rejects.toMatchObject({ code: 'not-found' })
})

test('S3: values of secrets are left out and named, unless they are asked for; both are in the audit', async () => {
  const without = await open()
  expect(JSON.stringify(without.one.order.env)).not.toContain('canary')
  const shown = text((await watch(without.shell).next()).value)
  expect(shown).toContain('Left out as secret: DB_PASSWORD, URL, PGHOST')
  expect(without.one.order).not.toHaveProperty('secrets')
  expect(shown).not.toContain('canary')
  const { one } = await open(true)
  expect(one.order.env).toMatchObject({ DB_PASSWORD: 'canary' })
  expect(one.order.secrets).toEqual({ PGHOST: { secret: 'PGHOST', from: { env: 'PROD_PGHOST' } } })
  const rows = await api.client.call('audit.list', {})
  const opened = rows.filter(({ action }) => action === 'shell.opened')
  expect(opened.map(({ details }) => details)).toEqual([
    { host: 'a', secrets: true },
    { host: 'a', secrets: false },
  ])
  expect(opened[0]).toMatchObject({ by: 'ana', subject: `${run} load attempt 1` })
})

test('S1: the shell goes with its watcher, and one that nobody watches goes by itself', async () => {
  const { shell, one } = await open()
  const leaving = new AbortController()
  const items = watch(shell, leaving.signal)
  await items.next()
  const second = watch(shell).next()
  await expect(second).rejects.toMatchObject({ code: 'conflict' })
  expect(one.isClosed).toBe(false)
  const next = items.next()
  leaving.abort()
  expect((await next).done).toBe(true)
  expect(one.isClosed).toBe(true)
  const other = await open()
  clock.advance(31_000)
  expect(other.one.isClosed).toBe(true)
  const actions = (await api.client.call('audit.list', {})).map(({ action }) => action)
  expect(actions.filter((action) => action === 'shell.closed')).toHaveLength(2)
})

test('S1: two hours without a sign end it; what is typed or shown counts as one', async () => {
  const { shell, one } = await open()
  const items = watch(shell)
  await items.next()
  const next = items.next()
  clock.advance(110 * 60_000)
  one.show(Buffer.from('.'))
  expect(text((await next).value)).toBe('.')
  clock.advance(110 * 60_000)
  await api.client.call('shell.write', { shell, text: ' ' })
  clock.advance(110 * 60_000)
  expect(one.isClosed).toBe(false)
  const last = items.next()
  clock.advance(20 * 60_000)
  expect(text((await last).value)).toContain('2 hours')
  expect(one.isClosed).toBe(true)
})

test('S2: a watcher that does not read holds the host back, and loses nothing', async () => {
  const { shell, one } = await open()
  const items = watch(shell)
  await items.next()
  let shown = 0
  while (!one.isPaused) {
    one.show(new Uint8Array(50_000))
    shown += 50_000
  }
  expect(shown).toBeLessThan(400_000)
  let read = 0
  while (read < shown) {
    const { value } = await items.next()
    if (value instanceof Uint8Array) read += value.length
  }
  expect(read).toBe(shown)
  expect(one.isPaused).toBe(false)
})

test('E5: the ninth shell is refused, and a place is free when one has ended', async () => {
  const first = await open()
  for (let more = 1; more < 8; more++) await open()
  await expect(open()).rejects.toMatchObject({ code: 'conflict' })
  const items = watch(first.shell)
  await items.next()
  await api.client.call('shell.close', { shell: first.shell })
  expect(text((await items.next()).value)).toContain('The shell was closed')
  await items.next()
  await open()
  expect(played).toHaveLength(9)
})

test('E5: shells that ended before anybody watched them say so for a moment, then take no place', async () => {
  const first = await open()
  first.one.end('exited with 1')
  const items = watch(first.shell)
  expect(text((await items.next()).value)).toContain('load attempt 1')
  expect(text((await items.next()).value)).toContain('exit code 1')
  expect((await items.next()).done).toBe(true)
  for (let more = 0; more < 8; more++) (await open()).one.end('exited with 1')
  await expect(open()).rejects.toMatchObject({ code: 'conflict' })
  clock.advance(31_000)
  for (let more = 0; more < 8; more++) await open()
  expect(clock.pending()).toBe(8)
})

test('an attempt that never was is named, and opens nothing', async () => {
  const size = { columns: 80, rows: 24 }
  const none = api.client.call('shell.open', { run, task: 'lod', ...size })
  await expect(none).rejects.toMatchObject({ code: 'not-found', hint: 'It has load.' })
  const late = api.client.call('shell.open', { run, task: 'load', attempt: 9, ...size })
  await expect(late).rejects.toMatchObject({ code: 'not-found', hint: 'It has 1.' })
  expect(played).toHaveLength(0)
})

test('names and values that hold secrets are told from those that do not', () => {
  const env = {
    PGPASSWORD: 'x',
    DB_PASSWORD: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    api_token: 'x',
    HOOK: 'https://a:b@c/d',
    PEM: '-----BEGIN RSA PRIVATE KEY-----',
    EMPTY_TOKEN: '',
    KEYBOARD: 'de',
    COMPASS: 'n',
    PATH: '/bin',
    URL: 'https://a/b',
  }
  expect(secretNames(env)).toEqual([
    'PGPASSWORD',
    'DB_PASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'api_token',
    'HOOK',
    'PEM',
  ])
})
