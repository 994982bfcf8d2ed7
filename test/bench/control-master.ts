// OpenSSH's own multiplexing, the usual way to make many commands over one connection cheap.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { TestSshd } from '../helpers/sshd.ts'

export interface ControlMaster {
  /** For `ssh`, before the host's name. */
  args: readonly string[]
  close(): Promise<void>
}

export async function openControlMaster(server: TestSshd, dir: string): Promise<ControlMaster> {
  const socket = join(dir, `ctl-${server.name}`)
  const args = ['-F', server.configFile, '-S', socket]
  const master = spawn('ssh', [...args, '-M', '-N', server.name], { stdio: 'ignore' })
  for (let tries = 0; (await exitOf('ssh', [...args, '-O', 'check', server.name])) !== 0; tries++) {
    if (tries > 100) throw new Error('The control master did not come up')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    args,
    async close() {
      const ended = once(master, 'exit')
      master.kill()
      await ended
    },
  }
}

/** Exit code; 127 where there is no such program. Output is thrown away. */
export async function exitOf(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore' })
  return await new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}
