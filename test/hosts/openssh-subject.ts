// A real OpenSSH server as a subject of the conformance suite.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { startSshd } from '../helpers/sshd.ts'
import type { Subject } from './conformance.ts'

export async function openSshSubject(extraConfig?: string): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-openssh-'))
  const sshd = await startSshd({ dir, name: 'h', ...(extraConfig && { extraConfig }) })
  const trust = openTrust(sshd.knownHostsFile)
  const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
  return {
    transport: sshTransport(sshd.spec, { config, trust, clock: systemClock }),
    folder: join(sshd.home, '.sluice'),
    async close() {
      await sshd.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
