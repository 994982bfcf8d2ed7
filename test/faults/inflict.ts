// Does to the hosts and to the engine what a case asks for, each at its moment, and writes down what it really did.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Case, Fault } from './cases.ts'
import { timeOf } from './cases.ts'
import { kill } from './children.ts'
import type { EngineProcess } from './engine-process.ts'
import type { Deeds } from './evidence.ts'
import { goodCable } from './machine.ts'
import type { CableState, Machine } from './machine.ts'

export interface Stage {
  machines: readonly Machine[]
  engine: EngineProcess
  run: string
  deeds: Deeds
  /** Takes all room of the home, or gives it back. False where that cannot be done here. */
  fillHome: (isFull: boolean) => Promise<boolean>
  say: (text: string) => void
}

const silent: CableState = { pass: false, lossPercent: 0, delayMs: 0 }
const bad: CableState = { pass: true, lossPercent: 30, delayMs: 300 }
/** A cut that waits for bytes that never come is given up. */
const cutWaitMs = 12_000
const victimWaitMs = 6_000

/** Resolves when all of them have come and gone: every cable carries, every sshd and the engine are up. */
export async function inflictAll(one: Case, stage: Stage): Promise<void> {
  const startedAt = performance.now()
  // What meets the same thing comes one after the other; the rest side by side.
  const lanes = new Map<string, Promise<void>>()
  const done = one.faults.map((fault) => {
    const lane = laneOf(fault)
    const before = lanes.get(lane) ?? Promise.resolve()
    const mine = inTurn(before, async () => {
      await wait(Math.max(0, timeOf(fault) - (performance.now() - startedAt)))
      stage.say(`${(performance.now() - startedAt).toFixed(0)} ms: ${JSON.stringify(fault)}`)
      await inflict(fault, stage)
    })
    lanes.set(lane, mine)
    return mine
  })
  await Promise.all(done)
}

async function inTurn(before: Promise<void>, work: () => Promise<void>): Promise<void> {
  await before
  await work()
}

function laneOf(fault: Fault): string {
  switch (fault.kind) {
    case 'engine killed':
    case 'engine asleep':
    case 'second engine':
    case 'home full':
      return 'engine'
    case 'cancel':
      return 'cancel'
    case 'cut':
    case 'silence':
    case 'lossy':
      return `cable ${fault.host}`
    default:
      return `host ${fault.host}`
  }
}

async function inflict(fault: Fault, stage: Stage): Promise<void> {
  const { engine, deeds } = stage
  const machine = 'host' in fault ? stage.machines[fault.host] : undefined
  switch (fault.kind) {
    case 'engine killed':
      if (fault.answers === true) await engine.ask((client) => client.call('system.info', {}))
      await wait(fault.upMs ?? 0)
      deeds.engineKills += 1
      await engine.kill('SIGKILL')
      await wait(fault.gapMs)
      return engine.start()
    case 'engine asleep':
      engine.signal('SIGSTOP')
      await wait(fault.lastsMs)
      return engine.signal('SIGCONT')
    case 'home full': {
      const isOne = await stage.fillHome(true)
      if (!isOne) return void deeds.missed.push('home full: not here')
      await wait(fault.lastsMs)
      await stage.fillHome(false)
      // It may have said that it cannot write, and ended: as a person would, somebody starts it again.
      const signal = await engine.startAgain()
      if (signal !== null) deeds.wrongs.push(`On a full disk the engine died of ${signal}`)
      return
    }
    case 'second engine':
      return await secondEngine(stage)
    case 'cancel':
      deeds.cancelled = true
      await engine.ask((client) =>
        client.call('run.cancel', { run: stage.run, reason: 'campaign' }),
      )
      return
    default:
      if (machine !== undefined) await hurt(fault, machine, stage)
  }
}

type HostFault = Extract<Fault, { host: number }>

async function hurt(fault: HostFault, machine: Machine, { deeds }: Stage): Promise<void> {
  const { cable } = machine
  const { name } = machine.shape
  switch (fault.kind) {
    case 'cut': {
      const cut = cable.cutAfter(fault.side, fault.bytes)
      const came = await Promise.race([cut.then(() => true), wait(cutWaitMs, false)])
      // It may still come between the two.
      deeds.outOfReach.add(name)
      cable.disarm(fault.side)
      if (came) await wait(fault.lastsMs)
      else deeds.missed.push(`${fault.kind} on ${name}: fewer than ${fault.bytes} bytes went`)
      return bothWays(machine, goodCable)
    }
    case 'silence':
      deeds.outOfReach.add(name)
      cable.set('down', silent)
      if (fault.side === 'both') cable.set('up', silent)
      await wait(fault.lastsMs)
      return bothWays(machine, goodCable)
    case 'lossy':
      deeds.outOfReach.add(name)
      if (machine.lacks.has('loss')) deeds.missed.push('loss: not here, only delay')
      bothWays(machine, bad)
      await wait(fault.lastsMs)
      return bothWays(machine, goodCable)
    case 'sshd':
      deeds.outOfReach.add(name)
      await machine.killSshd(fault.how !== 'kill')
      await wait(fault.gapMs)
      return await machine.startSshd('own')
    case 'wrong key':
      deeds.outOfReach.add(name)
      deeds.wrongKey.add(name)
      await machine.killSshd(true)
      await machine.startSshd('strange')
      await wait(fault.lastsMs)
      await machine.killSshd(true)
      return await machine.startSshd('own')
    case 'reboot':
      if (machine.lacks.has('reboot')) return void deeds.missed.push('reboot: not here')
      deeds.outOfReach.add(name)
      deeds.rebooted.add(name)
      return await machine.reboot()
    case 'disk full':
      if (machine.lacks.has('disk')) return void deeds.missed.push('disk full: not here')
      deeds.diskFull.add(name)
      machine.fillDisk()
      await wait(fault.lastsMs)
      return machine.freeDisk()
    case 'frozen':
      deeds.outOfReach.add(name)
      for (const signal of ['SIGSTOP', 'SIGCONT'] as const) {
        for (const { pid, name: program } of machine.processes())
          if (program.startsWith('sshd')) kill(pid, signal)
        if (signal === 'SIGSTOP') await wait(fault.lastsMs)
      }
      return
    case 'agent killed': {
      const [box] = listOf(join(machine.home, '.sluice', 'inbox'))
      const [agent, , notifier] = (box ?? '').split('-')
      const pid = machine.pidOf(Number(fault.what === 'agent' ? agent : notifier))
      if (pid === null) return void deeds.missed.push('no agent was there')
      deeds.outOfReach.add(name)
      return kill(pid, 'SIGKILL')
    }
    case 'kill':
      if (fault.what === 'reused' && machine.lacks.has('reuse'))
        return void deeds.missed.push('reuse of a number: not here')
      return await killOne(fault, machine, deeds)
  }
}

function bothWays(machine: Machine, state: CableState): void {
  machine.cable.set('up', state)
  machine.cable.set('down', state)
}

type Kill = Extract<Fault, { kind: 'kill' }>

async function killOne(fault: Kill, machine: Machine, deeds: Deeds): Promise<void> {
  const endAt = performance.now() + victimWaitMs
  while (!tryKill(fault, machine, deeds)) {
    if (performance.now() > endAt) return void deeds.missed.push(`kill a ${fault.what}: none ran`)
    await wait(20)
  }
}

function tryKill(fault: Kill, machine: Machine, deeds: Deeds): boolean {
  const running = ownRecords(join(machine.home, '.sluice')).filter(
    ({ key, supervisor, session }) => !deeds.killed.has(key) && supervisor > 0 && session > 0,
  )
  const victim = running[fault.victim % Math.max(1, running.length)]
  if (victim === undefined) return false
  const hostPid = fault.what === 'task' ? victim.session : victim.supervisor
  const pid = machine.pidOf(hostPid)
  if (pid === null) return false
  deeds.killed.set(victim.key, fault.what === 'task' ? 'task' : 'supervisor')
  kill(pid, 'SIGKILL')
  if (fault.what === 'reused') machine.reuse(hostPid)
  return true
}

/** Numbers are those that the host itself gives to its processes. */
function listOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function ownRecords(folder: string): { key: string; supervisor: number; session: number }[] {
  const own = join(folder, 'own')
  const exits = listOf(join(folder, 'exit'))
  if (!existsSync(own)) return []
  return readdirSync(own).flatMap((key) => {
    if (exits.includes(key)) return []
    try {
      const [first = '', second = ''] = readFileSync(join(own, key), 'utf8').split('\n')
      const supervisor = Number(first.split(' ')[1])
      return [{ key, supervisor, session: Number(second.split(' ')[0]) }]
    } catch {
      return [] // released in this moment
    }
  })
}

// A1: one engine per home. The second one refuses; a command becomes the client of the first.
async function secondEngine({ engine, deeds, run }: Stage): Promise<void> {
  const [second, client] = [
    await engine.command(['serve']),
    await engine.command(['show', run, '--json']),
  ]
  if (second.code === 0 || second.code === null)
    deeds.wrongs.push(`A second engine on the same home ended with ${second.code}: ${second.text}`)
  if (client.code === null || !client.text.includes(run))
    deeds.wrongs.push(`A command beside the engine ended with ${client.code}: ${client.text}`)
}
