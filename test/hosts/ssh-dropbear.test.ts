// The transport against Dropbear, the server of small devices: small windows, no SFTP, fewer algorithms.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { dropbearSkipReason, startDropbear } from '../helpers/dropbear.ts'
import { runCommand } from '../helpers/run-command.ts'

test.skipIf(dropbearSkipReason !== null)(
  'Dropbear is verified, runs commands and carries bytes both ways',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-dropbear-'))
    onTestFinished(() => rm(dir, { recursive: true, force: true }))
    const host = await startDropbear({ dir, name: 'device' })
    onTestFinished(() => host.stop())
    const transport = sshTransport(host.spec, {
      config: openSshConfig({ env: { HOME: dir }, clock: systemClock, program: null }),
      trust: openTrust(host.knownHostsFile),
      clock: systemClock,
    })
    const connection = await transport.connect(AbortSignal.timeout(20_000))
    onTestFinished(() => connection.close())
    writeFileSync(join(host.home, 'here'), '')
    const ran = await runCommand(connection, 'ls; touch there; echo no >&2; exit 4')
    expect(ran).toEqual({ out: 'here\n', err: 'no\n', why: 'exited with 4' })
    expect(existsSync(join(host.home, 'there'))).toBe(true)

    const bytes = randomBytes(3 * 1024 * 1024)
    const pipe = await connection.exec('cat')
    const hash = createHash('sha256')
    let got = 0
    const all = new Promise<void>((resolve) => {
      pipe.onData((chunk) => {
        hash.update(chunk)
        got += chunk.length
        if (got === bytes.length) resolve()
      })
    })
    for (let at = 0; at < bytes.length; at += 10_000)
      await pipe.write(bytes.subarray(at, at + 10_000))
    await all
    expect(hash.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    const lost = new Promise<string>((resolve) => connection.onClose(resolve))
    await host.killConnections()
    expect(await lost).toMatch(/lost|closed by the host/)
  },
)
