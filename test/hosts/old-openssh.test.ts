// Servers that speak what OpenSSH 7.4 (2016) speaks by default, by its sshd_config(5): a newer server held to those lists.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { openHostKit, order } from '../helpers/host-kit.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'

const by74 = `KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1
Ciphers chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com
MACs umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1`

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-old-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe.skipIf(skipReason !== null)('OpenSSH 7.4', () => {
  test.each([
    ['its lists', by74],
    ['a hardened one without AEAD ciphers', by74.replace(/Ciphers .*/, 'Ciphers aes256-ctr')],
    [
      'no curves',
      by74.replace(
        /KexAlgorithms .*/,
        'KexAlgorithms diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256',
      ),
    ],
  ])('%s: a task runs, by ssh2 and by the ssh program', async (name, extraConfig) => {
    const sshd = await startSshd({ dir, name: name.replaceAll(' ', '-'), extraConfig })
    onTestFinished(() => sshd.stop())
    for (const program of ['ssh2', 'openssh'] as const) {
      const transport = sshTransport(
        { ...sshd.spec, transport: program },
        {
          config: openSshConfig({
            env: { PATH: process.env['PATH'], HOME: dir },
            clock: systemClock,
            file: sshd.configFile,
          }),
          trust: openTrust(sshd.knownHostsFile),
          clock: systemClock,
        },
      )
      const kit = await openHostKit({ transport, folder: join(dir, `${program}-${sshd.name}`) })
      onTestFinished(() => kit.close())
      const { end, log } = await kit.run(order('echo in'))
      expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
      expect(log.toString()).toBe('in\n')
    }
  })
})
