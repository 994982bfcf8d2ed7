// The three machines of the demo: ssh servers inside the app, each with its own home folder and host key.
// Ports and keys are kept, so that after a restart the engine finds its attempts where it left them.
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import ssh2 from 'ssh2'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { errorCode } from '../system/error-code.ts'
import { startEmbeddedHost, type EmbeddedHost, type OpenTerminal } from './embedded-host.ts'

export interface DemoHosts {
  hosts: readonly HostSpec[]
  /** For Sluice's own known_hosts: the demo's keys are verified like any other. */
  knownHostsLines: readonly string[]
  /** What the hosts run goes on. */
  close(): Promise<void>
}

const machines = [
  { name: 'edge', labels: ['edge'], slots: 2 },
  { name: 'onprem', labels: ['onprem'], slots: 4 },
  { name: 'cloud', labels: ['cloud'], slots: 4 },
] as const

const user = 'demo'
/** The agent keeps its attempts there. */
const agentFolder = '.sluice'

/** `dir`: the demo folder of Sluice's home. `dataDir`: what the hosts have in their home folders at first. */
export async function startDemoHosts(
  dir: string,
  dataDir: string = join(import.meta.dirname, 'data'),
  openTerminal?: OpenTerminal,
): Promise<DemoHosts> {
  const client = await keyPair(join(dir, 'keys', 'client'))
  const ports = await readPorts(dir)
  const started: EmbeddedHost[] = []
  const hosts: HostSpec[] = []
  const knownHostsLines: string[] = []
  try {
    for (const { name, labels, slots } of machines) {
      const home = homeOf(dir, name)
      await seedIfAbsent(home, join(dataDir, name))
      const hostKey = await keyPair(join(dir, 'keys', `${name}_host`))
      const host = await startEmbeddedHost({
        user,
        home,
        hostKey: hostKey.private,
        clientKey: client.public,
        port: ports[name] ?? null,
        ...(openTerminal && { openTerminal }),
      })
      started.push(host)
      ports[name] = host.port
      const [type = '', key = ''] = hostKey.public.split(' ')
      knownHostsLines.push(`[127.0.0.1]:${host.port} ${type} ${key.trim()}`)
      hosts.push({
        name,
        kind: 'ssh',
        ssh: null,
        address: '127.0.0.1',
        port: host.port,
        user,
        key: client.file,
        labels,
        slots,
        folder: null,
      })
    }
    await writeFile(join(dir, 'ports.json'), JSON.stringify(ports))
  } catch (error) {
    await Promise.all(started.map((host) => host.close()))
    throw error
  }
  return {
    hosts,
    knownHostsLines,
    async close() {
      await Promise.all(started.map((host) => host.close()))
    },
  }
}

/** The home folders as they were at first; what the agent keeps there stays. While no run is under way. */
export async function resetDemo(
  dir: string,
  dataDir: string = join(import.meta.dirname, 'data'),
): Promise<void> {
  for (const { name } of machines) {
    const home = homeOf(dir, name)
    await mkdir(home, { recursive: true, mode: 0o700 })
    for (const entry of await readdir(home)) {
      if (entry !== agentFolder) await rm(join(home, entry), { recursive: true, force: true })
    }
    await copyTree(join(dataDir, name), home)
  }
}

function homeOf(dir: string, name: string): string {
  return join(dir, 'hosts', name)
}

async function seedIfAbsent(home: string, data: string): Promise<void> {
  if ((await namesIn(home)).length > 0) return
  await mkdir(home, { recursive: true, mode: 0o700 })
  await copyTree(data, home)
}

/** By reading and writing, not by the system's copy: in the packaged app the source is inside an archive. */
async function copyTree(from: string, to: string): Promise<void> {
  for (const name of await namesIn(from)) {
    const source = join(from, name)
    const found = await stat(source)
    if (found.isDirectory()) {
      await mkdir(join(to, name), { recursive: true })
      await copyTree(source, join(to, name))
    } else {
      await writeFile(join(to, name), await readFile(source))
      if ((found.mode & 0o111) !== 0) await chmod(join(to, name), 0o755)
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

interface KeyPair {
  file: string
  private: string
  public: string
}

async function keyPair(file: string): Promise<KeyPair> {
  try {
    const [secret, open] = await Promise.all([
      readFile(file, 'utf8'),
      readFile(`${file}.pub`, 'utf8'),
    ])
    return { file, private: secret, public: open }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  const made = makeKeyPair()
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // The public half first: with both there the pair is taken for whole.
  await writeFile(`${file}.pub`, `${made.public}\n`, { mode: 0o600 })
  await writeFile(file, made.private, { mode: 0o600 })
  return { file, ...made }
}

const keyTriesMax = 10

function makeKeyPair(): { private: string; public: string } {
  for (let tries = 0; tries < keyTriesMax; tries++) {
    const made = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'sluice-demo' })
    // ssh2 now and then writes a key that it cannot read: one whose first byte is 0.
    if (isGood(made.private) && isGood(made.public)) return made
  }
  throw new Error('No key pair could be made for the demo hosts')
}

function isGood(key: string): boolean {
  return !(ssh2.utils.parseKey(key) instanceof Error)
}

async function readPorts(dir: string): Promise<Record<string, number>> {
  try {
    const found: unknown = JSON.parse(await readFile(join(dir, 'ports.json'), 'utf8'))
    if (typeof found !== 'object' || found === null) return {}
    return Object.fromEntries(
      Object.entries(found).filter(
        (entry): entry is [string, number] =>
          Number.isInteger(entry[1]) && entry[1] > 0 && entry[1] < 65_536,
      ),
    )
  } catch (error) {
    // Torn by a crash or not there yet: the hosts get other ports.
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {}
    throw error
  }
}
