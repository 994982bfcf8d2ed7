// What arrives from a server is cut anywhere; what ssh2 gets are whole payloads, each in memory of its own.
import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { dial } from '../../electron/hosts/ssh-way.ts'
import { openWholePackets, type GcmDecipher } from '../../electron/hosts/whole-packets.ts'
import { systemClock } from '../../electron/system/clock.ts'

const key = createSecretKey(randomBytes(16))
// The counter is about to pass from one byte to the next.
const firstIv = Buffer.from('0102030400000000000000fe', 'hex')

function sealed(payloads: readonly Buffer[]): Buffer {
  const iv = Buffer.from(firstIv)
  return Buffer.concat(
    payloads.map((payload) => {
      const paddingBytes = 16 - ((payload.length + 1) % 16) + 4 * 16
      const body = Buffer.concat([Buffer.of(paddingBytes), payload, Buffer.alloc(paddingBytes)])
      const length = Buffer.alloc(4)
      length.writeUInt32BE(body.length)
      const cipher = createCipheriv('aes-128-gcm', key, iv).setAAD(length)
      const parts = [length, cipher.update(body), cipher.final(), cipher.getAuthTag()]
      iv.writeBigUInt64BE(iv.readBigUInt64BE(4) + 1n, 4)
      return Buffer.concat(parts)
    }),
  )
}

function openDecipher(got: Buffer[], answer: (count: number) => number | false | undefined) {
  const decipher: GcmDecipher = {
    _decipherSSLName: 'aes-128-gcm',
    _decipherKey: key,
    _decipherIV: Buffer.from(firstIv),
    inSeqno: 0xffff_ffff,
    _onPayload(payload) {
      got.push(payload)
      return answer(got.length)
    },
  }
  return { decipher, decrypt: openWholePackets(decipher) }
}

const payloads = [1, 32_768, 15, 300, 0, 34_000].map((bytes) => randomBytes(bytes))

test('payloads come whole and in order, wherever the bytes are cut, from memory that is overwritten', () => {
  const sent = sealed(payloads)
  for (const step of [1, 3, 19, 20, 4096, 32_804, 65_536, sent.length]) {
    const got: Buffer[] = []
    const { decipher, decrypt } = openDecipher(got, () => undefined)
    const memory = Buffer.alloc(step)
    for (let at = 0; at < sent.length; at += step) {
      const count = sent.copy(memory, 0, at, at + step)
      decrypt(memory, 0, count)
      memory.fill(0)
    }
    expect(got.map((one) => one.equals(payloads[got.indexOf(one)]!))).toEqual(
      payloads.map(() => true),
    )
    expect(decipher.inSeqno).toBe(payloads.length - 1)
    // So it can be given back.
    expect(new Set(got.map(({ buffer }) => buffer)).size).toBe(payloads.length)
  }
})

test('the bytes behind a packet that changes the keys are left to the next decipher', () => {
  const sent = sealed(payloads)
  const got: Buffer[] = []
  const { decrypt } = openDecipher(got, (count) => (count === 2 ? false : undefined))
  const at = decrypt(sent, 0, sent.length)!
  expect(got.length).toBe(2)
  decrypt(sent, at, sent.length)
  expect(got.at(-1)!.equals(payloads.at(-1)!)).toBe(true)
})

test('H2: a packet that was changed on the way, or has no possible length, ends the connection', () => {
  const sent = sealed(payloads)
  for (const at of [8, sent.length - 1]) {
    const bad = Buffer.from(sent)
    bad[at]! ^= 1
    const { decrypt } = openDecipher([], () => undefined)
    expect(() => decrypt(bad, 0, bad.length)).toThrow('authenticate')
  }
  const { decrypt } = openDecipher([], () => undefined)
  expect(() => decrypt(Buffer.alloc(64, 0xff), 0, 64)).toThrow('Bad packet length')
})

test('what a server says before anybody listens is not lost', async () => {
  const greet = (socket: Socket): void =>
    void socket.on('error', () => {}).write('SSH-2.0-early\r\n')
  const server = createServer(greet).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const target = { host: '127.0.0.1', port, family: 4, bindAddress: null }
  const way = await dial(
    target as Parameters<typeof dial>[0],
    { host: 'early', address: 'early', hop: '' },
    { clock: systemClock, ms: 10_000 },
    AbortSignal.timeout(10_000),
  )
  onTestFinished(way.cut)
  // As long as it takes another to hear it.
  const other = createConnection(port, '127.0.0.1')
  await once(other, 'data')
  other.destroy()
  const heard = once(way.socket, 'data')
  way.socket.resume()
  expect(String((await heard)[0])).toBe('SSH-2.0-early\r\n')
})
