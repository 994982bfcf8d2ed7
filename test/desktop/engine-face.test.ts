import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import type { MessagePortMain } from 'electron'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  keepEngine,
  openEngineFace,
  type EngineFace,
  type OtherEngine,
} from '../../electron/desktop/engine-face.ts'
import { portWire } from '../../electron/desktop/port-wire.ts'
import { connectLocalWire, openLocalSocket } from '../../electron/server/local-socket.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import { connectLink } from '../../shared/api/link.ts'
import type { Wire } from '../../shared/api/wire.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-face-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const api = {
  'pipeline.list': () => Promise.resolve([]),
  'log.read': () => Promise.resolve(new Uint8Array([0, 255, 10])),
} as unknown as Api

const busy = (): Promise<never> =>
  Promise.reject(new AppError('engine-busy', 'Another engine has this home.'))

/** The two ends of a window's port, as Electron's main process and its page have them. */
function windowPort(): { main: Wire; page: Wire } {
  const { port1, port2 } = new MessageChannel()
  const wireOf = (port: typeof port1): Wire => {
    // Node hands over the data itself, Electron an event that holds it.
    const asMain = {
      on: (event: string, listener: (event: { data: unknown }) => void) =>
        port.on(event, (data: unknown) => listener({ data })),
      once: (event: string, listener: () => void) => port.once(event, listener),
      start: () => port.start(),
      close: () => port.close(),
      postMessage: (frame: unknown) => port.postMessage(frame),
    }
    return portWire(asMain as unknown as MessagePortMain)
  }
  return { main: wireOf(port1), page: wireOf(port2) }
}

test('a window is served by the engine of another process, text and bytes alike', async () => {
  const path = join(folder, 'sluice.sock')
  const socket = await openLocalSocket({ path, api, onBug: () => {} })
  const face = await openEngineFace({
    open: busy,
    connect: () => connectLocalWire(path),
    clock: systemClock,
  })
  const { main, page } = windowPort()
  face.serve(main)
  const client = connectLink(page)
  expect(await client.call('pipeline.list', {})).toEqual([])
  const attempt = { run: 'latest', task: 'load', offset: 0, length: 10 }
  expect([...(await client.call('log.read', attempt))]).toEqual([0, 255, 10])
  client.close()
  await face.close()
  await socket.close()
})

test('a home that is taken by an engine nobody can reach is told as busy', async () => {
  const ways = {
    open: busy,
    connect: () => Promise.resolve(null),
    clock: { ...systemClock, after: (_ms: number, go: () => void) => systemClock.after(0, go) },
  }
  await expect(openEngineFace(ways)).rejects.toMatchObject({ code: 'engine-busy' })
})

test('when the other engine ends, this process takes its place and windows ask again', async () => {
  const path = join(folder, 'sluice.sock')
  const socket = await openLocalSocket({ path, api, onBug: () => {} })
  const own: EngineFace = {
    client: connectLink(windowPort().page),
    serve: () => {},
    close: () => Promise.resolve(),
  }
  const opened: (EngineFace | OtherEngine)[] = []
  const keeper = keepEngine(async () => {
    const face = await openEngineFace({
      open: () => (opened.length === 0 ? busy() : Promise.resolve(own)),
      connect: () => connectLocalWire(path),
      clock: systemClock,
    })
    opened.push(face)
    return face
  })
  const other = (await keeper.current()) as OtherEngine
  const { main, page } = windowPort()
  other.serve(main)
  await connectLink(page).call('pipeline.list', {})
  const windowClosed = new Promise((resolve) => main.onClose(resolve))
  await socket.close()
  await windowClosed
  await other.lost
  expect(await keeper.current()).toBe(own)
  await keeper.close()
})
