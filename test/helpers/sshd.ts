// A real OpenSSH server on loopback for one test: its own keys, its own home folder, its own known hosts and client config.
//   As root every host logs in as root, so `SetEnv HOME` gives each its own; commands still begin in root's real folder.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, appendFileSync, constants, mkdirSync, readFileSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { HostSpec } from '../../shared/pipeline/spec.ts'

const run = promisify(execFile)
const server = ['/usr/sbin/sshd', '/usr/bin/sshd', '/usr/local/sbin/sshd'].find(isProgram) ?? null

/** null where a server can be started; otherwise why not, in words, for `describe.skipIf`. */
export const skipReason: string | null =
  server === null ? 'OpenSSH server (sshd) is not installed' : null

export interface TestSshd {
  name: string
  port: number
  user: string
  /** HOME of its sessions. */
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

export interface SshdOptions {
  dir: string
  name: string
  /** sshd_config lines; they win over the defaults here. */
  extraConfig?: string
}

export async function startSshd(options: SshdOptions): Promise<TestSshd> {
  if (server === null) throw new Error(skipReason ?? '')
  const { dir, name } = options
  const own = join(dir, name)
  const home = join(own, 'home')
  await mkdir(home, { recursive: true })
  const keyFile = await clientKey(dir)
  const hostKeyFile = join(own, 'host_key')
  await makeKey(hostKeyFile)
  const port = await freePort()
  const user = userInfo().username
  const logFile = join(own, 'sshd.log')
  const serverConfig = join(own, 'sshd_config')
  await writeFile(
    serverConfig,
    [
      // sshd takes the first value of each keyword.
      options.extraConfig ?? '',
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKeyFile}`,
      `AuthorizedKeysFile ${keyFile}.pub`,
      `PidFile ${join(own, 'pid')}`,
      `SetEnv HOME=${home}`,
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitUserRC no',
      'PrintLastLog no',
      'PrintMotd no',
      'UseDNS no',
      'MaxStartups 100',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  )
  const knownHostsFile = join(dir, 'known_hosts')
  const [type, key] = (await readFile(`${hostKeyFile}.pub`, 'utf8')).split(' ')
  await appendFile(knownHostsFile, `[127.0.0.1]:${port} ${type} ${key}\n`)
  const configFile = join(dir, 'ssh_config')
  await appendFile(configFile, clientConfig({ name, port, user, keyFile, knownHostsFile }))

  let listener: ChildProcess | null = await listen(server, serverConfig, logFile)
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
      listener = await listen(server, serverConfig, logFile)
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
function clientKey(dir: string): Promise<string> {
  const file = join(dir, 'client_key')
  const key = keyByDir.get(dir) ?? makeKey(file).then(() => file)
  keyByDir.set(dir, key)
  return key
}

async function listen(program: string, configFile: string, logFile: string): Promise<ChildProcess> {
  // Without it sshd refuses to separate privileges.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const child = spawn(program, ['-D', '-e', '-f', configFile], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`sshd ended with ${code}: ${said}`)))
    child.stderr.on('data', (chunk: Buffer) => {
      appendFileSync(logFile, chunk)
      if (said.includes('Server listening')) return
      said += chunk.toString()
      if (said.includes('Server listening')) resolve()
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

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
