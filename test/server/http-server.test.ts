import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Api } from '../../shared/api/contract.ts'
import { connectLink } from '../../shared/api/link.ts'
import { openHttpServer } from '../../electron/server/http-server.ts'
import type { HttpServer } from '../../electron/server/http-server.ts'
import { webWire } from '../../electron/server/web-wire.ts'
import { systemClock } from '../../electron/system/clock.ts'

const api = {
  'host.list': async () => [],
  'log.follow': async function* () {
    for (let i = 0; i < 50; i += 1) yield new Uint8Array(30_000).fill(i)
  },
} as unknown as Api

let dir: string
let server: HttpServer

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-web-'))
  mkdirSync(join(dir, 'web/assets'), { recursive: true })
  writeFileSync(
    join(dir, 'web/index.html'),
    '<!doctype html><meta name="style-nonce" content="__STYLE_NONCE__">',
  )
  writeFileSync(join(dir, 'web/assets/main-1234.js'), 'export {}')
  writeFileSync(join(dir, 'secret.json'), '{}')
  server = await openHttpServer({
    api,
    port: 0,
    rendererDir: join(dir, 'web'),
    clock: systemClock,
    onBug: (error) => expect.fail(String(error)),
  })
})

afterEach(async () => {
  await server.close()
  rmSync(dir, { recursive: true })
})

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: string
}

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server
    request({ host: '127.0.0.1', port, path, headers, method }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      )
    })
      .on('error', reject)
      .end()
  })
}

async function cookie(): Promise<string> {
  const { headers } = await get(new URL(server.url).search.replace(/^/, '/'))
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

function openSocket(headers: Record<string, string>, path = '/link'): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers })
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => {})
  })
}

const origin = (): string => `http://127.0.0.1:${server.port}`

test('G3: the token buys an HttpOnly, SameSite=Strict cookie and leads to an address without it', async () => {
  const { search } = new URL(server.url)
  const answer = await get(`/runs${search}&tab=log`)
  expect(answer.status).toBe(303)
  expect(answer.headers.location).toBe('/runs?tab=log')
  expect(answer.headers['set-cookie']?.[0]).toMatch(
    /^sluice_\d+=[\w-]{32}; HttpOnly; SameSite=Strict; Path=\/$/,
  )
})

test('G3: nothing is served without the cookie, not even an asset', async () => {
  const paths = ['/', '/index.html', '/assets/main-1234.js', '/nothing']
  const answers = await Promise.all(paths.map((path) => get(path)))
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401])
  const wrong = { cookie: `sluice_${server.port}=${'x'.repeat(32)}` }
  expect((await get('/', wrong)).status).toBe(401)
})

test('the address followed from another site loads once more by itself, and only then', async () => {
  const refresh = '<meta http-equiv="refresh" content="0">'
  const crossing = await get('/', { 'sec-fetch-site': 'cross-site' })
  expect(crossing.status).toBe(401)
  expect(crossing.body).toContain(refresh)
  expect((await get('/', { 'sec-fetch-site': 'same-origin' })).body).not.toContain(refresh)
  expect((await get('/')).body).not.toContain(refresh)
})

test('the token cannot lead the browser to another server', async () => {
  const { search } = new URL(server.url)
  const answer = await get(`//evil.example/${search}`)
  expect(answer.headers.location ?? '/').toMatch(/^\/(?!\/)/)
})

test('the page carries a strict policy with a nonce that is new each time', async () => {
  const headers = { cookie: await cookie() }
  const one = await get('/', headers)
  const two = await get('/', headers)
  const policy = String(one.headers['content-security-policy'])
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1]
  expect(one.status).toBe(200)
  expect(one.body).toContain(`content="${nonce}"`)
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
  expect(policy).not.toMatch(/script-src[^;]*unsafe|unsafe-eval/)
  expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${server.port}`)
  expect(two.body).not.toBe(one.body)
  expect(one.headers['x-content-type-options']).toBe('nosniff')
  expect(one.headers['cache-control']).toBe('no-store')
})

test('assets are kept for ever, by the browser alone', async () => {
  const answer = await get('/assets/main-1234.js', { cookie: await cookie() })
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable')
})

test.each([
  '/../secret.json',
  '/%2e%2e/secret.json',
  '/assets/..%2f..%2fsecret.json',
  '/..%5csecret.json',
  '/%00',
  '/%',
  '/assets',
  '//secret.json',
])('nothing outside the folder can be read: %s', async (path) => {
  const answer = await get(path, { cookie: await cookie() })
  expect(answer.status).toBe(404)
})

test('G1: a request by another name is refused, with the right cookie too', async () => {
  const answer = await get('/', { cookie: await cookie(), host: 'evil.example' })
  expect(answer.status).toBe(421)
  const byName = await get('/', { cookie: await cookie(), host: `localhost:${server.port}` })
  expect(byName.status).toBe(200)
})

test('only pages are given', async () => {
  expect((await get('/', { cookie: await cookie() }, 'POST')).status).toBe(405)
  expect((await get('/', { cookie: await cookie() }, 'OPTIONS')).status).toBe(405)
})

test('G4: the eleventh wrong token is not looked at any more', async () => {
  for (let i = 0; i < 10; i += 1) expect((await get(`/?token=guess${i}`)).status).toBe(401)
  expect((await get('/?token=guess')).status).toBe(429)
  expect((await get(`/${new URL(server.url).search}`)).status).toBe(429)
})

test('G4: a flood of strangers does not shut out the browser that has the session', async () => {
  const headers = { cookie: await cookie() }
  for (let left = 1300; left > 0; left -= 100) {
    await Promise.all(Array.from({ length: 100 }, () => get('/')))
  }
  expect((await get('/')).status).toBe(429)
  expect((await get('/', headers)).status).toBe(200)
})

test.each(['//', '//?token=x', 'http://['])('%s is no address, and no bug', async (path) => {
  expect((await get(path)).status).toBe(400)
})

test('a path longer than any file name is only not found', async () => {
  expect((await get(`/${'a'.repeat(5000)}.js`, { cookie: await cookie() })).status).toBe(404)
})

test('a peer that resets a refused link, or keeps its half of it, costs neither engine nor socket', async () => {
  const text =
    'GET /link HTTP/1.1\r\nHost: evil\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  for (let i = 0; i < 50; i += 1) {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(text + 'x'.repeat(i * 100))
        setImmediate(() => socket.resetAndDestroy())
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  }
  const half = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
  half.on('error', () => {})
  const ended = new Promise((resolve) => half.once('end', resolve))
  half.resume().write(text)
  await ended
  // Its other end is gone: a write is answered by a reset.
  const reset = new Promise((resolve) => half.once('error', resolve))
  const again = setInterval(() => half.write('x'), 5)
  expect(await reset).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
  clearInterval(again)
  expect((await get('/')).status).toBe(401)
})

test('more connections than a browser needs are not taken from the engine’s descriptors', async () => {
  const sockets = Array.from({ length: 520 }, () => connect(server.port, '127.0.0.1'))
  const closed = new Promise<void>((resolve) => {
    let left = 8
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.on('close', () => ((left -= 1) === 0 ? resolve() : undefined))
    }
  })
  await closed
  for (const socket of sockets) socket.destroy()
  await expect.poll(async () => (await get('/').catch(() => null))?.status).toBe(401)
})

test('G2: a link opens only with our own origin and the cookie', async () => {
  const session = await cookie()
  const refused: [Record<string, string>, number][] = [
    [{}, 403],
    [{ cookie: session }, 403],
    [{ cookie: session, origin: 'https://evil.example' }, 403],
    [{ cookie: session, origin: 'null' }, 403],
    [{ cookie: session, origin: `${origin()}.evil.example` }, 403],
    [{ cookie: session, origin: 'http://evil.example', host: 'evil.example' }, 421],
    [{ origin: origin() }, 401],
  ]
  for (const [headers, status] of refused) {
    expect({ headers, status: await openSocket(headers) }).toEqual({ headers, status })
  }
  expect(await openSocket({ cookie: session, origin: origin() }, '/other')).toBe(403)
})

test('calls and byte streams work over the WebSocket', async () => {
  const socket = await openSocket({ cookie: await cookie(), origin: origin() })
  if (typeof socket === 'number') throw new Error(`Refused with ${socket}.`)
  const client = connectLink(webWire(socket))
  expect(await client.call('host.list', {})).toEqual([])
  let bytes = 0
  for await (const part of client.stream('log.follow', { run: 'latest', task: 't' })) {
    bytes += part.length
  }
  expect(bytes).toBe(50 * 30_000)
  client.close()
})

test('a page says how to build the screens when they are missing', async () => {
  rmSync(join(dir, 'web'), { recursive: true })
  const answer = await get('/', { cookie: await cookie() })
  expect(answer.status).toBe(503)
  expect(answer.body).toContain('npm run build')
})

test('a port that is taken is told with the way out', async () => {
  const second = openHttpServer({
    api,
    port: server.port,
    rendererDir: dir,
    clock: systemClock,
    onBug: () => {},
  })
  await expect(second).rejects.toMatchObject({ code: 'environment' })
  await expect(second).rejects.toThrow(/the port is taken/)
})
