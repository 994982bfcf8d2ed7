// Encrypted keys are opened beside the event loop, and sign as ssh2's own would.
import { execFile } from 'node:child_process'
import { readFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openEncryptedKey } from '../../electron/hosts/key-thread.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { runCommand } from '../helpers/run-command.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'

const run = promisify(execFile)
const passphrase = 'correct horse'
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let made = 0
async function lockedKey(...args: string[]): Promise<string> {
  const file = join(dir, `key${++made}`)
  await run('ssh-keygen', ['-q', '-N', passphrase, '-C', '', '-a', '1', '-f', file, ...args])
  return file
}

test.each([
  ['ed25519', ['-t', 'ed25519']],
  ['rsa', ['-t', 'rsa', '-b', '2048']],
  ['ecdsa of 256 bits', ['-t', 'ecdsa', '-b', '256']],
  ['ecdsa of 384 bits', ['-t', 'ecdsa', '-b', '384']],
  ['ecdsa of 521 bits', ['-t', 'ecdsa', '-b', '521']],
  ['rsa of the old format', ['-t', 'rsa', '-b', '2048', '-m', 'PEM']],
  ['ecdsa of the old format', ['-t', 'ecdsa', '-m', 'PEM']],
])('%s: the passphrase opens it, and what it signs is of its public key', async (_kind, args) => {
  const file = await lockedKey(...args)
  const text = await readFile(file, 'utf8')
  expect(await openEncryptedKey(text, 'wrong')).toBeNull()
  const key = await openEncryptedKey(text, passphrase)
  const shown = ssh2.utils.parseKey(await readFile(`${file}.pub`, 'utf8')) as ParsedKey
  expect(key?.public.getPublicSSH()).toEqual(shown.getPublicSSH())
  expect(key?.public.isPrivateKey()).toBe(false)
  const data = Buffer.from('to be signed')
  const hashes = shown.type === 'ssh-rsa' ? ['sha256', 'sha512'] : [undefined]
  for (const hash of hashes)
    expect(shown.verify(data, key?.sign(data, hash) ?? Buffer.alloc(0), hash as string)).toBe(true)
})

test('a file that is no key, or damaged, opens for nobody', async () => {
  const text = await readFile(await lockedKey('-t', 'ed25519'), 'utf8')
  for (const damaged of ['', 'no key', text.slice(0, 200), text.replace('A', 'B')])
    expect(await openEncryptedKey(damaged, passphrase)).toBeNull()
})

describe.skipIf(skipReason !== null)('a login', () => {
  test('with a key of many rounds holds nothing else up', async () => {
    const key = await lockedKey('-t', 'ed25519', '-a', '50')
    const sshd = await startSshd({
      dir,
      name: 'host',
      extraConfig: `AuthorizedKeysFile ${key}.pub\nLoginGraceTime 600`,
    })
    onTestFinished(() => sshd.stop())
    const transport = sshTransport(
      { ...sshd.spec, key },
      {
        config: openSshConfig({
          env: { PATH: process.env['PATH'], HOME: dir },
          clock: systemClock,
        }),
        trust: openTrust(sshd.knownHostsFile),
        clock: systemClock,
        ask: async () => passphrase,
      },
    )
    const delay = monitorEventLoopDelay({ resolution: 5 })
    const began = performance.now()
    delay.enable()
    const connection = await transport.connect(AbortSignal.timeout(60_000))
    delay.disable()
    const took = performance.now() - began
    onTestFinished(() => connection.close())
    expect((await runCommand(connection, 'echo in')).out).toBe('in\n')
    // A second or more; a machine that is busy with other things holds up everything a little.
    expect(took).toBeGreaterThan(300)
    expect(delay.max / 1e6).toBeLessThan(took / 3)
  })
})
