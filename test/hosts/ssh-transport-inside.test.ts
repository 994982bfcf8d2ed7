import { KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { Duplex } from 'node:stream'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, onTestFinished, test } from 'vitest'
import { prepareKeys, writeTogether } from '../../electron/hosts/ssh-transport-inside.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'

test('what is written in one turn leaves together and in order, what comes later apart', async () => {
  const sent: string[] = []
  const socket = new Duplex({
    read() {},
    writev(chunks, done) {
      sent.push(chunks.map(({ chunk }) => String(chunk)).join('+'))
      done()
    },
  })
  writeTogether(socket)
  socket.write('length')
  socket.write('body')
  socket.write('tag')
  expect(sent).toEqual([])
  await new Promise<void>((resolve) => process.nextTick(resolve))
  expect(sent).toEqual(['length+body+tag'])
  socket.end('more')
  await once(socket, 'finish')
  expect(sent).toEqual(['length+body+tag', 'more'])
})

test.skipIf(skipReason !== null)(
  'after a handshake with OpenSSH both keys are prepared: this ssh2 has the fields that we know',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-speed-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const host = await startSshd({ dir, name: 'a' })
    onTestFinished(() => host.stop())
    const client = new ssh2.Client()
    onTestFinished(() => void client.end())
    client.on('handshake', () => prepareKeys(client))
    client.connect({
      sock: createConnection(host.port, '127.0.0.1'),
      username: host.user,
      privateKey: readFileSync(host.keyFile),
      hostVerifier: () => true,
    })
    await once(client, 'ready')
    const protocol = Reflect.get(client, '_protocol') as {
      _cipher: { _encKey: unknown }
      _decipher: { _decipherKey: unknown }
    }
    expect(protocol._cipher._encKey).toBeInstanceOf(KeyObject)
    expect(protocol._decipher._decipherKey).toBeInstanceOf(KeyObject)
  },
)
