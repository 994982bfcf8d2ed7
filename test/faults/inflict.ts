// Does to the hosts and to the engine what a case asks for, each at its moment, and writes down what it really did.
import { setTimeout as wait } from 'node:timers/promises'
import type { Case, Fault } from './case-shape.ts'
import { timeOf } from './cases.ts'
import { kill } from './children.ts'
import { note } from './coverage.ts'
import type { EngineProcess } from './engine-process.ts'
import type { Deeds } from './evidence.ts'
import { goodCable } from './machine.ts'
import type { CableState, Machine } from './machine.ts'
import { killAgent, killOne, stopOne, wipe } from './victims.ts'

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
      note(deeds, 'engine killed')
      await engine.kill('SIGKILL')
      await wait(fault.gapMs)
      return engine.start()
    case 'engine asleep':
      engine.signal('SIGSTOP')
      note(deeds, 'engine asleep')
      await wait(fault.lastsMs)
      return engine.signal('SIGCONT')
    case 'home full': {
      const isOne = await stage.fillHome(true)
      if (!isOne) return void deeds.missed.push('home full: not here')
      note(deeds, 'home full')
      await wait(fault.lastsMs)
      await stage.fillHome(false)
      // It may have said that it cannot write, and ended: as a person would, somebody starts it again.
      const signal = await engine.startAgain()
      if (signal !== null) deeds.wrongs.push(`On a full disk the engine died of ${signal}`)
      return
    }
    case 'second engine':
      note(deeds, 'two engines')
      return await secondEngine(stage)
    case 'cancel':
      deeds.cancelled = true
      note(deeds, 'cancel')
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
      if (came) deeds.cuts.push({ host: name, at: Date.now() })
      cable.disarm(fault.side)
      if (came) await wait(fault.lastsMs)
      else deeds.missed.push(`${fault.kind} on ${name}: fewer than ${fault.bytes} bytes went`)
      return bothWays(machine, goodCable)
    }
    case 'silence':
      deeds.outOfReach.add(name)
      cable.set('down', silent)
      if (fault.side === 'both') cable.set('up', silent)
      else note(deeds, 'half-open')
      deeds.cuts.push({ host: name, at: Date.now() })
      await wait(fault.lastsMs)
      return bothWays(machine, goodCable)
    case 'lossy':
      deeds.outOfReach.add(name)
      if (machine.lacks.has('loss')) deeds.missed.push('loss: not here, only delay')
      else note(deeds, 'loss and delay')
      bothWays(machine, bad)
      await wait(fault.lastsMs)
      return bothWays(machine, goodCable)
    case 'sshd':
      deeds.outOfReach.add(name)
      await machine.killSshd(fault.how !== 'kill')
      note(deeds, sshdDeeds[fault.how])
      await wait(fault.gapMs)
      return await machine.startSshd('own')
    case 'wrong key':
      deeds.outOfReach.add(name)
      deeds.wrongKey.add(name)
      note(deeds, 'wrong host key')
      await machine.killSshd(true)
      await machine.startSshd('strange')
      await wait(fault.lastsMs)
      await machine.killSshd(true)
      return await machine.startSshd('own')
    case 'reboot':
      if (machine.lacks.has('reboot')) return void deeds.missed.push('reboot: not here')
      deeds.outOfReach.add(name)
      deeds.rebooted.add(name)
      note(deeds, 'reboot')
      return await machine.reboot()
    case 'disk full':
      if (machine.lacks.has('disk')) return void deeds.missed.push('disk full: not here')
      deeds.diskFull.add(name)
      machine.fillDisk()
      note(deeds, 'disk full')
      await wait(fault.lastsMs)
      return machine.freeDisk()
    case 'clock': {
      if (machine.lacks.has('clock')) return void deeds.missed.push('clock: not here')
      const before = deeds.clockOff.get(name) ?? []
      const off = (before.at(-1) ?? 0) + fault.bySeconds
      deeds.clockOff.set(name, [...before, off])
      note(deeds, 'clock stepped')
      return machine.setClock(off)
    }
    case 'wiped':
      return await wipe(fault, machine, deeds)
    case 'stop':
      return await stopOne(fault, machine, deeds)
    case 'frozen':
      deeds.outOfReach.add(name)
      note(deeds, 'sshd frozen')
      for (const signal of ['SIGSTOP', 'SIGCONT'] as const) {
        for (const { pid, name: program } of machine.processes())
          if (program.startsWith('sshd')) kill(pid, signal)
        if (signal === 'SIGSTOP') await wait(fault.lastsMs)
      }
      return
    case 'agent killed':
      return await killAgent(fault.what, machine, deeds)
    case 'kill':
      if (fault.what === 'reused' && machine.lacks.has('reuse'))
        return void deeds.missed.push('reuse of a number: not here')
      return await killOne(fault, machine, deeds)
  }
}

const sshdDeeds = {
  restart: 'sshd restarted',
  kill: 'sshd killed',
  'kill all': 'sshd killed with its sessions',
} as const

function bothWays(machine: Machine, state: CableState): void {
  machine.cable.set('up', state)
  machine.cable.set('down', state)
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
