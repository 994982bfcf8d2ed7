// Hosts in namespaces of their own: network, mounts and processes. Each has a boot id, an account and a home of its own.
// The cables are `wire.pl`. Nothing here has a name outside, so all of it goes with the process that made it.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeKey } from '../helpers/test-server.ts'
import {
  innerPid,
  kill,
  killChild,
  pidNamespaceOf,
  readProcesses,
  run,
  startUntil,
} from './children.ts'
import { hangingPlace } from './machine.ts'
import type {
  Cable,
  CableState,
  Machine,
  Machines,
  MachineShape,
  MachinesWanted,
} from './machine.ts'
import { setClock, startText, uid, user, writeMachineFiles } from './machine-start.ts'
import { configFile, publicKey, sshd, writeSshdFiles } from './sshd-files.ts'
import { witness } from './task-text.ts'

const port = 22

export async function openNamespaceMachines(
  dir: string,
  { seed, shapes, passphrase }: MachinesWanted,
): Promise<Machines> {
  mkdirSync(dir, { recursive: true })
  const keyFile = join(dir, 'client_key')
  await makeKey(keyFile, passphrase)
  const cables = await openCables(dir, seed, shapes.length)
  const all = await Promise.all(
    shapes.map((shape, index) =>
      openMachine({ dir, keyFile, shape, index, cable: cables.of(index) }),
    ),
  )
  return {
    machines: all.map(({ machine }) => machine),
    async close() {
      for (const one of all) await one.close()
      await cables.close()
    },
  }
}

interface Parts {
  dir: string
  keyFile: string
  shape: MachineShape
  index: number
  cable: Cable
}

async function openMachine(
  parts: Parts,
): Promise<{ machine: Machine; close: () => Promise<void> }> {
  const { dir, keyFile, shape, index, cable } = parts
  const own = join(dir, shape.name)
  const home = join(own, 'home')
  const disk = join(home, '.sluice')
  const bootIdFile = join(own, 'boot_id')
  await writeSshdFiles(own, { keyFile, shape, lines: [`Port ${port}`] })
  writeMachineFiles(own, home, shape)
  // In the campaign's own mount namespace, so that it outlives a reboot of the host.
  if (shape.diskKb !== null) {
    await run('mount', [
      '-t',
      'tmpfs',
      '-o',
      `size=${shape.diskKb}k,mode=755`,
      'sluice-faults',
      disk,
    ])
  }
  for (const path of [home, disk, join(home, witness.progress), join(home, witness.alive)])
    chownSync(path, uid, uid)
  // Keeps the network while the machine is down.
  const holder = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' })
  await untilOwnNetwork(holder)
  await plug(index, holder.pid ?? 0)

  let init: ChildProcess | null = null
  let initPid = 0
  let listener: ChildProcess | null = null
  let pidNamespace: string | null = null

  const inside = (): string[] => ['-t', String(initPid), '--net', '--mount', '--pid']
  const powerOn = async (): Promise<void> => {
    writeFileSync(bootIdFile, `${randomUUID()}\n`)
    init = await startUntil(
      [
        'nsenter',
        `--net=/proc/${holder.pid}/ns/net`,
        'unshare',
        '--mount',
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        'sh',
        '-c',
        startText(shape),
        'sh',
        own,
      ],
      { ready: 'up', logFile: join(own, 'boot.log') },
    )
    initPid = childOf(init.pid ?? 0)
    pidNamespace = pidNamespaceOf(initPid)
  }
  const processes = (): ReturnType<Machine['processes']> =>
    pidNamespace === null
      ? []
      : readProcesses((pid) => pid !== initPid && pidNamespaceOf(pid) === pidNamespace)
  const killAll = (isWanted: (name: string, pid: number) => boolean): void => {
    for (const { pid, name } of processes()) if (isWanted(name, pid)) kill(pid, 'SIGKILL')
  }
  const listenerPid = (): number => (listener?.pid === undefined ? 0 : childOf(listener.pid))

  const lacks = new Set<'hang'>()
  const machine: Machine = {
    shape,
    address: hostAddress(index),
    port,
    user,
    keyFile,
    knownHosts: `${hostAddress(index)} ${publicKey(own)}\n`,
    home,
    cable,
    lacks,
    async startSshd(key) {
      listener = await startUntil(
        ['nsenter', ...inside(), sshd, '-D', '-e', '-f', configFile(own, key)],
        {
          ready: 'Server listening',
          logFile: join(own, 'sshd.log'),
        },
      )
    },
    async killSshd(all) {
      const top = listenerPid()
      if (all) killAll((name) => name.startsWith('sshd'))
      else kill(top, 'SIGKILL')
      await killChild(listener, 'SIGKILL')
      listener = null
    },
    async killSessions() {
      const top = listenerPid()
      killAll((name, pid) => name.startsWith('sshd') && pid !== top)
    },
    async reboot() {
      kill(initPid, 'SIGKILL')
      if (init !== null && init.exitCode === null && init.signalCode === null)
        await once(init, 'exit')
      await killChild(listener, 'SIGKILL')
      await powerOn()
      await machine.startSshd('own')
    },
    processes,
    pidOf: (hostPid) => processes().find(({ pid }) => innerPid(pid) === hostPid)?.pid ?? null,
    reuse(hostPid) {
      const take = `echo ${hostPid - 1} >/proc/sys/kernel/ns_last_pid; exec setsid sleep 120 &`
      spawn('nsenter', [...inside(), 'sh', '-c', take], { stdio: 'ignore' })
    },
    fillDisk() {
      const free = statfsSync(disk)
      try {
        writeFileSync(join(disk, '.filler'), Buffer.alloc(free.bsize * (free.bavail + 16), 'x'))
      } catch {
        // As full as it gets.
      }
    },
    freeDisk: () => rmSync(join(disk, '.filler'), { force: true }),
    setClock: (offSeconds) => setClock(own, offSeconds),
  }
  await powerOn()
  if (!readFileSync(`/proc/${initPid}/mounts`, 'utf8').includes(` ${hangingPlace} `))
    lacks.add('hang')
  await machine.startSshd('own')
  return {
    machine,
    async close() {
      kill(initPid, 'SIGKILL')
      await killChild(init, 'SIGKILL')
      await killChild(listener, 'SIGKILL')
      await killChild(holder, 'SIGKILL')
      if (shape.diskKb !== null) await run('umount', ['-l', disk])
    },
  }
}

// ---- network

const nearAddress = (index: number): string => `10.77.${index}.1`
const hostAddress = (index: number): string => `10.77.${index}.2`

interface Cables {
  of(index: number): Cable
  close(): Promise<void>
}

async function openCables(dir: string, seed: number, count: number): Promise<Cables> {
  const names = Array.from({ length: count }, (_, index) => [`near${index}`, `far${index}`]).flat()
  const script = join(import.meta.dirname, 'wire.pl')
  const wire = await startUntil(['perl', script, String(seed), ...names], {
    ready: 'ready',
    logFile: join(dir, 'wire.log'),
    stdin: 'pipe',
  })
  const traps = new Map<number, () => void>()
  wire.stdout?.on('data', (chunk: Buffer) => {
    for (const [, index] of chunk.toString().matchAll(/cut (\d+)/g)) traps.get(Number(index))?.()
  })
  // A wire that has ended says so by the cables that carry nothing.
  wire.stdin?.on('error', () => {})
  const say = (line: string): void => void wire.stdin?.write(`${line}\n`)
  return {
    of: (index) => ({
      set(side, { pass, lossPercent, delayMs }: CableState) {
        say(`set ${index} ${side} ${pass ? 1 : 0} ${lossPercent} ${delayMs}`)
      },
      cutAfter(side, bytes) {
        say(`trap ${index} ${side} ${bytes}`)
        return new Promise((resolve) => traps.set(index, resolve))
      },
      disarm: (side) => say(`trap ${index} ${side} 0`),
    }),
    close: () => killChild(wire, 'SIGKILL'),
  }
}

async function plug(index: number, holder: number): Promise<void> {
  const [near, far] = [`near${index}`, `far${index}`]
  await run('ip', ['link', 'set', far, 'netns', String(holder)])
  await run('ip', ['addr', 'add', nearAddress(index), 'peer', hostAddress(index), 'dev', near])
  await run('ip', ['link', 'set', near, 'up'])
  const inside = [`--net=/proc/${holder}/ns/net`, 'ip']
  await run('nsenter', [...inside, 'link', 'set', 'lo', 'up'])
  await run('nsenter', [
    ...inside,
    'addr',
    'add',
    hostAddress(index),
    'peer',
    nearAddress(index),
    'dev',
    far,
  ])
  await run('nsenter', [...inside, 'link', 'set', far, 'up'])
}

/** `unshare` has become what it starts. */
async function untilOwnNetwork(holder: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    try {
      if (readFileSync(`/proc/${holder.pid}/comm`, 'latin1').trim() === 'sleep') return
    } catch {
      // Not there yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('There is no network namespace.')
}

function childOf(parent: number): number {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'latin1').trim()
  return Number(children.split(' ')[0] ?? 0)
}
