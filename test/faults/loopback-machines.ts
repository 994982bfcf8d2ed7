// Hosts where namespaces are not allowed: sshd on loopback behind a proxy that goes silent, and is slow. No packets are
// lost, nothing reboots and no disk fills up: the faults that need it are missed, and the campaign says so.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { freePort, makeKey } from '../helpers/test-server.ts'
import { environOf, kill, killChild, readProcesses, startUntil } from './children.ts'
import { goodCable } from './machine.ts'
import type {
  Cable,
  CableState,
  Machine,
  Machines,
  MachineShape,
  MachinesWanted,
} from './machine.ts'
import { configFile, publicKey, sshd, writeSshdFiles } from './sshd-files.ts'

export async function openLoopbackMachines(
  dir: string,
  { shapes, passphrase }: MachinesWanted,
): Promise<Machines> {
  mkdirSync(dir, { recursive: true })
  const keyFile = join(dir, 'client_key')
  await makeKey(keyFile, passphrase)
  const all: { machine: Machine; close: () => Promise<void> }[] = []
  for (const shape of shapes) all.push(await openMachine(dir, keyFile, shape))
  return {
    machines: all.map(({ machine }) => machine),
    async close() {
      for (const one of all) await one.close()
    },
  }
}

async function openMachine(
  dir: string,
  keyFile: string,
  shape: MachineShape,
): Promise<{ machine: Machine; close: () => Promise<void> }> {
  const own = join(dir, shape.name)
  const home = join(own, 'home')
  const port = await freePort()
  const lines = [`Port ${port}`, 'ListenAddress 127.0.0.1', `SetEnv HOME=${home}`]
  await writeSshdFiles(own, { keyFile, shape, lines })
  const proxy = await openProxy(port)
  let listener: ChildProcess | null = null

  const sessions = (): number[] => (listener?.pid === undefined ? [] : childrenOf(listener.pid))
  const killSessions = async (): Promise<void> => {
    for (const pid of sessions()) kill(pid, 'SIGKILL')
  }
  const processes = (): ReturnType<Machine['processes']> => readProcesses((pid) => isAt(pid, home))
  const machine: Machine = {
    shape,
    address: '127.0.0.1',
    port: proxy.port,
    user: userInfo().username,
    keyFile,
    knownHosts: `[127.0.0.1]:${proxy.port} ${publicKey(own)}\n`,
    home,
    cable: proxy.cable,
    lacks: new Set(['reboot', 'disk', 'loss', 'reuse', 'clock', 'other user', 'hang']),
    async startSshd(key) {
      listener = await startUntil([sshd, '-D', '-e', '-f', configFile(own, key)], {
        ready: 'Server listening',
        logFile: join(own, 'sshd.log'),
      })
    },
    async killSshd(all) {
      if (all) await killSessions()
      await killChild(listener, 'SIGKILL')
      listener = null
    },
    killSessions,
    reboot: () => Promise.reject(new Error('A reboot needs namespaces.')),
    processes,
    pidOf: (hostPid) => processes().find(({ pid }) => pid === hostPid)?.pid ?? null,
    reuse: () => undefined,
    fillDisk: () => undefined,
    freeDisk: () => undefined,
    setClock: () => undefined,
  }
  await machine.startSshd('own')
  return {
    machine,
    async close() {
      for (const { pid } of processes()) kill(pid, 'SIGKILL')
      await machine.killSshd(true)
      await proxy.close()
    },
  }
}

function isAt(pid: number, home: string): boolean {
  try {
    return environOf(pid).get('HOME') === home
  } catch {
    return false // another user's, or it has ended
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      return ppid === parent ? [Number(entry)] : []
    } catch {
      return [] // no process, or no more
    }
  })
}

// ---- the proxy

interface Way {
  state: CableState
  trapBytes: number | null
  onTrap: () => void
}

interface Proxy {
  port: number
  cable: Cable
  close(): Promise<void>
}

async function openProxy(target: number): Promise<Proxy> {
  const ways: Record<'up' | 'down', Way> = {
    up: { state: goodCable, trapBytes: null, onTrap: () => undefined },
    down: { state: goodCable, trapBytes: null, onTrap: () => undefined },
  }
  const sockets = new Set<Socket>()
  const carriers = new Set<() => void>()
  const goOn = (): void => {
    for (const carry of carriers) carry()
  }
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
    }
    const up = carrier(near, far, ways.up, ways)
    const down = carrier(far, near, ways.down, ways)
    carriers.add(up).add(down)
    const end = (): void => {
      for (const socket of [near, far]) {
        sockets.delete(socket)
        socket.destroy()
      }
      carriers.delete(up)
      carriers.delete(down)
    }
    // An end is news, too: over a silent cable it does not come.
    near.on('close', () => (ways.up.state.pass ? end() : near.destroy()))
    far.on('close', () => (ways.down.state.pass ? end() : far.destroy()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cable: {
      set(side, state) {
        ways[side].state = state
        if (state.pass) goOn()
      },
      cutAfter(side, bytes) {
        return new Promise((resolve) =>
          Object.assign(ways[side], { trapBytes: bytes, onTrap: resolve }),
        )
      },
      disarm: (side) => void (ways[side].trapBytes = null),
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Carries what one socket says to the other, as the way allows. Gives how to go on after a silence. */
function carrier(from: Socket, to: Socket, way: Way, ways: Record<'up' | 'down', Way>): () => void {
  const held: Buffer[] = []
  const send = (chunk: Buffer): void => {
    if (!way.state.pass) return void held.push(chunk)
    if (way.state.delayMs === 0) return void to.write(chunk)
    setTimeout(() => to.write(chunk), way.state.delayMs)
  }
  from.on('data', (chunk: Buffer) => {
    send(chunk)
    if (way.trapBytes === null) return
    way.trapBytes -= chunk.length
    if (way.trapBytes > 0) return
    way.trapBytes = null
    for (const one of Object.values(ways)) one.state = { ...one.state, pass: false }
    way.onTrap()
  })
  return () => {
    for (const chunk of held.splice(0)) send(chunk)
  }
}
