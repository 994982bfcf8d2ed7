// Memory that is given back early must be nobody else's, and nobody may look at it later.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { giveBack } from '../../electron/hosts/spent-bytes.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'

test('what shares its memory with other bytes keeps it', () => {
  const small = Buffer.from('few')
  giveBack(small)
  expect(small.toString()).toBe('few')
  const block = Buffer.alloc(64 * 1024, 'x')
  giveBack(block.subarray(0, 20 * 1024))
  expect(block.toString()).toBe('x'.repeat(64 * 1024))
  giveBack(block.subarray(1))
  expect(block.length).toBe(0)
})

test.skipIf(skipReason !== null).each(['aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com'])(
  'H2: bytes arrive whole, though the memory of each packet is used again at once (%s)',
  async (cipher) => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-spent-'))
    const extraConfig = `Ciphers ${cipher}\nRekeyLimit 2M`
    const server = await startSshd({ dir, name: 'spent', extraConfig })
    try {
      const config = openSshConfig({ env: process.env, clock: systemClock })
      const options = { config, trust: openTrust(server.knownHostsFile), clock: systemClock }
      const connection = await sshTransport(server.spec, options).connect(
        AbortSignal.timeout(30_000),
      )
      const pipe = await connection.exec('cat')
      const sent = randomBytes(8 * 1024 * 1024)
      const got = Buffer.alloc(sent.length)
      let bytes = 0
      const whole = new Promise<void>((resolve) =>
        pipe.onData((piece) => {
          got.set(piece, bytes)
          bytes += piece.length
          giveBack(piece)
          if (bytes === sent.length) resolve()
        }),
      )
      for (let at = 0; at < sent.length; at += 100_000)
        await pipe.write(sent.subarray(at, at + 100_000))
      await whole
      expect(got.equals(sent)).toBe(true)
      connection.close()
    } finally {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    }
  },
  60_000,
)
