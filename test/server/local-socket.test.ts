import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Api, Client } from '../../shared/api/contract.ts'
import { connectLocalSocket, openLocalSocket } from '../../electron/server/local-socket.ts'
import type { LocalSocket } from '../../electron/server/local-socket.ts'

const bytes = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) % 256)
const api = {
  'log.read': async () => bytes,
  'run.list': async (input: unknown) => [input, 'Grüße, 世界 🙂'.repeat(1000)],
  'host.watch': async function* () {
    for (let i = 0; i < 20_000; i += 1) yield { kind: 'row', row: { used: i } }
  },
} as unknown as Api

let dir: string
let path: string
let server: LocalSocket

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-sock-'))
  path = join(dir, 'sluice.sock')
  writeFileSync(path, '') // what a killed engine left
  server = await openLocalSocket({ path, api, onBug: (error) => expect.fail(String(error)) })
})

afterEach(async () => {
  await server.close()
  rmSync(dir, { recursive: true })
})

test('the socket is for this user alone, and replaces what a dead engine left', () => {
  expect(statSync(path).isSocket()).toBe(true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('frames larger than any chunk, text of every script and many small ones arrive whole', async () => {
  const client = await connected()
  const got = await client.call('log.read', { run: 'latest', task: 't', offset: 0, length: 1 })
  expect(Buffer.from(got).equals(Buffer.from(bytes))).toBe(true)
  const [, text] = (await client.call('run.list', {})) as unknown as [unknown, string]
  expect(text).toBe('Grüße, 世界 🙂'.repeat(1000))
  let count = 0
  for await (const item of client.stream('host.watch', {})) {
    if (item.kind === 'row' && item.row.used === count) count += 1
  }
  expect(count).toBe(20_000)
  client.close()
})

test('a frame that arrives byte by byte is one frame', async () => {
  const body = Buffer.from(JSON.stringify(['call', 7, 'run.list', { limit: 3 }]))
  const head = Buffer.alloc(4)
  head.writeUInt32BE(body.length + 0x8000_0000)
  const socket = connect(path).setNoDelay(true)
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve))
  for (const byte of Buffer.concat([head, body])) socket.write(Buffer.from([byte]))
  expect((await answer).subarray(4).toString().slice(0, 100)).toMatch(
    /^\["ok",7,\[\{.{1,60}"limit":3\}/,
  )
  socket.destroy()
})

test('a request that would be larger than any request is ends the connection before it is held', async () => {
  const socket = connect(path)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(Buffer.from([0x80, 0x10, 0x00, 0x01]))
  await closed
  expect(socket.destroyed).toBe(true)
})

test('from the first moment the socket is this user’s alone, whatever the umask', async () => {
  const before = process.umask(0)
  try {
    const open = join(dir, 'open.sock')
    const opening = openLocalSocket({ path: open, api, onBug: () => {} })
    // Not awaited: a chmod later would be too late.
    expect(statSync(open).mode & 0o777).toBe(0o600)
    expect(process.umask()).toBe(0)
    await (await opening).close()
  } finally {
    process.umask(before)
  }
})

// Only root can make what another user would have made.
test.skipIf(process.getuid?.() !== 0)(
  'a client does not speak to a socket, or in a folder, of another user',
  async () => {
    chownSync(path, 65_534, 65_534)
    await expect(connectLocalSocket(path)).rejects.toThrow(/belongs to another user/)
    chownSync(path, 0, 0)
    const folder = join(dir, 'theirs')
    mkdirSync(folder)
    const theirs = await openLocalSocket({ path: join(folder, 's.sock'), api, onBug: () => {} })
    chownSync(folder, 65_534, 65_534)
    await expect(connectLocalSocket(theirs.path)).rejects.toThrow(/belongs to another user/)
    await theirs.close()
  },
)

test('a head that promises gigabytes ends the connection, and nobody else', async () => {
  const socket = connect(path)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]))
  await closed
  const client = await connectLocalSocket(path)
  expect(await client?.call('run.list', {})).toBeDefined()
  client?.close()
})

test('nobody listening is null, and an engine that stops fails what was asked as link-closed', async () => {
  expect(await connectLocalSocket(join(dir, 'none.sock'))).toBe(null)
  const client = await connected()
  await client.call('run.list', {})
  await server.close()
  await expect(client.call('run.list', {})).rejects.toMatchObject({ code: 'link-closed' })
  expect(await connectLocalSocket(path)).toBe(null)
})

async function connected(): Promise<Client> {
  const client = await connectLocalSocket(path)
  if (client === null) throw new Error('Nobody listens.')
  return client
}
