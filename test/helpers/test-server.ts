// What every ssh server for tests has in common: the process, the key that may log in, known hosts and client alias.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, appendFileSync, constants, readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { HostSpec } from '../../shared/pipeline/spec.ts'

const run = promisify(execFile)

export interface TestServer {
  name: string
  port: number
  user: string
  /** HOME of its sessions, as it is seen from here. */
  home: string
  /** Private key that may log in; one for all servers of a `dir`. */
  keyFile: string
  /** Lines for all servers of the `dir`; good as a home's `known_hosts`. */
  knownHostsFile: string
  /** Has `name` as an alias, with key and known hosts; for `ssh -F` and SLUICE_SSH_CONFIG. */
  configFile: string
  /** By address, with the key. */
  spec: HostSpec
  log(): string
  /** Cuts every connection; the server listens on. What the sessions started lives on. */
  killConnections(): Promise<void>
  /** Cuts every connection and refuses new ones. */
  stop(): Promise<void>
  /** On the same port and with the same keys. */
  restart(): Promise<void>
}

export interface ServerParts {
  dir: string
  name: string
  port: number
  home: string
  keyFile: string
  /** `type base64` of the server's public key. */
  hostKey: string
  command: readonly [string, ...string[]]
  /** What it says once it listens. */
  ready: string
}

export async function startServer(parts: ServerParts): Promise<TestServer> {
  const { dir, name, port, home, keyFile } = parts
  const user = userInfo().username
  const knownHostsFile = join(dir, 'known_hosts')
  await appendFile(knownHostsFile, `[127.0.0.1]:${port} ${parts.hostKey}\n`)
  const configFile = join(dir, 'ssh_config')
  await appendFile(configFile, clientConfig({ name, port, user, keyFile, knownHostsFile }))
  const logFile = join(dir, name, 'server.log')

  let listener: ChildProcess | null = await listen(parts, logFile)
  const killConnections = async (): Promise<void> => {
    if (listener?.pid !== undefined) await killChildren(listener.pid)
  }
  const stop = async (): Promise<void> => {
    const stopped = listener
    listener = null
    if (stopped === null || stopped.exitCode !== null) return
    const ended = once(stopped, 'exit')
    // Children first: without their parent nobody could name them.
    if (stopped.pid !== undefined) await killChildren(stopped.pid)
    stopped.kill('SIGTERM')
    await ended
  }
  return {
    name,
    port,
    user,
    home,
    keyFile,
    knownHostsFile,
    configFile,
    spec: {
      name,
      kind: 'ssh',
      ssh: null,
      address: '127.0.0.1',
      port,
      user,
      key: keyFile,
      labels: [],
      slots: 8,
      folder: null,
    },
    log: () => readFileSync(logFile, 'utf8'),
    killConnections,
    stop,
    async restart() {
      await stop()
      listener = await listen(parts, logFile)
    },
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** An ed25519 key pair without a passphrase, or with one: `file` and `file.pub`. */
export async function makeKey(file: string, passphrase = ''): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', file])
}

const keyByDir = new Map<string, Promise<string>>()

/** Servers of one `dir` that start at once share one key. */
export function clientKey(dir: string): Promise<string> {
  const file = join(dir, 'client_key')
  const key = keyByDir.get(dir) ?? makeKey(file).then(() => file)
  keyByDir.set(dir, key)
  return key
}

async function listen(parts: ServerParts, logFile: string): Promise<ChildProcess> {
  const [program, ...args] = parts.command
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      appendFileSync(logFile, chunk)
      if (said.includes(parts.ready)) return
      said += chunk.toString()
      if (said.includes(parts.ready)) resolve()
    })
  })
  // A run that was interrupted leaves no server behind.
  const kill = (): void => void child.kill('SIGTERM')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return child
}

/** The sessions of a listener are its children: nothing else is touched. */
async function killChildren(parent: number): Promise<void> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  for (const line of stdout.split('\n')) {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number)
    if (ppid !== parent || pid === undefined) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself between the two.
    }
  }
}

function clientConfig(host: {
  name: string
  port: number
  user: string
  keyFile: string
  knownHostsFile: string
}): string {
  return `Host ${host.name}
  HostName 127.0.0.1
  Port ${host.port}
  User ${host.user}
  IdentityFile ${host.keyFile}
  IdentitiesOnly yes
  UserKnownHostsFile ${host.knownHostsFile}
  StrictHostKeyChecking yes

`
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
