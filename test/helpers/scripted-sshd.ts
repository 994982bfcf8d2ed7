// An ssh server that says what a test wants: one-time codes, several parts of a login, and what no honest server says.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { AuthContext, Connection, ServerConfig } from 'ssh2'
import type { HostSpec } from '../../shared/pipeline/spec.ts'

export interface ScriptedSshd {
  port: number
  address: string
  spec: HostSpec
  /** Makes its key known. */
  knownHosts: string
  stop(): Promise<void>
}

export interface Script extends Partial<ServerConfig> {
  onAuth: (context: AuthContext, client: Connection) => void
}

export async function startScripted({ onAuth, ...config }: Script): Promise<ScriptedSshd> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-scripted-'))
  const file = join(dir, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file])
  const key = readFileSync(file, 'utf8')
  const [type, base64] = readFileSync(`${file}.pub`, 'utf8').split(' ')
  rmSync(dir, { recursive: true })
  const clients = new Set<Connection>()
  const server = new ssh2.Server({ ...config, hostKeys: [key] }, (client) => {
    clients.add(client)
    client.on('error', () => {})
    client.on('close', () => clients.delete(client))
    client.on('authentication', (context) => onAuth(context, client))
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, info) => {
        const channel = acceptExec()
        channel.write(`ran ${info.command}\n`)
        channel.exit(0)
        channel.end()
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    address: `etl@127.0.0.1:${port}`,
    knownHosts: `[127.0.0.1]:${port} ${type} ${base64}\n`,
    spec: {
      name: 'scripted',
      kind: 'ssh',
      ssh: null,
      address: '127.0.0.1',
      port,
      user: 'etl',
      key: '/nonexistent/key',
      labels: [],
      slots: 1,
      folder: null,
    },
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const client of clients) client.end()
      await closed
    },
  }
}
