// The agent's rules over the second transport: OpenSSH's own program, one master connection.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import { conformance } from './conformance.ts'
import type { Subject } from './subjects.ts'

async function subject(): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-by-ssh-'))
  const sshd = await startSshd({ dir, name: 'h' })
  const config = openSshConfig({
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: dir },
    clock: systemClock,
    file: sshd.configFile,
  })
  const trust = openTrust(sshd.knownHostsFile)
  return {
    transport: sshTransport(sshd.spec, { config, trust, clock: systemClock, byOpenSsh: true }),
    folder: join(sshd.home, '.sluice'),
    async close() {
      await sshd.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

conformance('an OpenSSH server by the ssh program', subject, skipReason)
