import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { dial } from '../../electron/hosts/ssh-way.ts'
import { systemClock } from '../../electron/system/clock.ts'

test('H1: what a cut link has not taken is thrown away: no order to start arrives late', async () => {
  const server = createServer()
  const accepted = once(server, 'connection')
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const config = openSshConfig({ env: {}, clock: systemClock })
  const target = config.direct({ host: '127.0.0.1', port, user: 'etl', key: null })
  const deadline = { clock: systemClock, ms: 10_000 }
  const place = { host: 'x', address: 'x', hop: '' }
  const way = await dial(target, place, deadline, new AbortController().signal)
  const [peer] = (await accepted) as [Socket]
  // A host that takes nothing: its window fills, and the rest waits in the kernel here.
  peer.pause()
  way.socket.on('error', () => {})
  for (let i = 0; i < 64; i += 1) way.socket.write(Buffer.alloc(1 << 20, 'start '))
  way.cut()
  const outcome = new Promise((resolve) => {
    peer.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    peer.on('end', () => resolve('all of it came'))
  })
  peer.resume()
  expect(await outcome).toBe('ECONNRESET')
})
