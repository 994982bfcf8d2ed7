// Faults that need a victim: an attempt or an agent that is on the host in that moment.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Fault } from './case-shape.ts'
import { kill } from './children.ts'
import { note } from './coverage.ts'
import type { Deeds } from './evidence.ts'
import type { Machine } from './machine.ts'
import { makePatience } from './patience.ts'

const victimWaitMs = 6_000

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>

export async function killOne(fault: Of<'kill'>, machine: Machine, deeds: Deeds): Promise<void> {
  const isDone = await untilDone(() => tryKill(fault, machine, deeds))
  if (!isDone) deeds.missed.push(`kill a ${fault.what}: none ran`)
}

function tryKill(fault: Of<'kill'>, machine: Machine, deeds: Deeds): boolean {
  const victim = pickOne(
    running(machine).filter(({ key }) => !deeds.killed.has(key)),
    fault.victim,
  )
  if (victim === undefined) return false
  const hostPid = fault.what === 'task' ? victim.session : victim.supervisor
  const pid = machine.pidOf(hostPid)
  if (pid === null) return false
  deeds.killed.set(victim.key, fault.what === 'task' ? 'task' : 'supervisor')
  kill(pid, 'SIGKILL')
  if (fault.what === 'reused') machine.reuse(hostPid)
  note(deeds, fault.what === 'reused' ? 'pid reused' : `${fault.what} killed`)
  return true
}

/** Stopped, and after a while told to go on, where somebody has not done so before. */
export async function stopOne(fault: Of<'stop'>, machine: Machine, deeds: Deeds): Promise<void> {
  const isDone = await untilDone(() => {
    const victim = pickOne(running(machine), fault.victim)
    const hostPid =
      fault.what === 'agent'
        ? agents(machine)[0]?.agent
        : victim?.[fault.what === 'task' ? 'session' : 'supervisor']
    const pid = hostPid === undefined ? null : machine.pidOf(hostPid)
    if (pid === null) return null
    kill(pid, 'SIGSTOP')
    return pid
  })
  if (isDone === null) return void deeds.missed.push(`stop a ${fault.what}: none ran`)
  if (fault.what === 'agent') deeds.outOfReach.add(machine.shape.name)
  note(deeds, `${fault.what} stopped`)
  await wait(fault.lastsMs)
  kill(isDone, 'SIGCONT')
}

/** As somebody does who needs the room. */
export async function wipe(fault: Of<'wiped'>, machine: Machine, deeds: Deeds): Promise<void> {
  const folder = join(machine.home, '.sluice')
  const isDone = await untilDone(() => {
    const victim = pickOne(running(machine), fault.victim)
    if (victim === undefined) return null
    const own = listOf(join(folder, 'own'))
    if (fault.what === 'folder') remove(folder)
    else {
      for (const part of ['own', 'exit', 'log', 'script', 'stop', 'lease'])
        remove(join(folder, part, victim.key))
      if (victim.work !== '') remove(join(folder, 'work', victim.work))
    }
    return fault.what === 'folder' ? own : [victim.key]
  })
  if (isDone === null) return void deeds.missed.push(`wipe the ${fault.what}: nothing ran`)
  for (const key of isDone) deeds.wiped.add(key)
  if (fault.what === 'folder') deeds.wipes.push({ host: machine.shape.name, at: Date.now() })
  note(deeds, `${fault.what} wiped`)
}

export async function killAgent(
  what: 'agent' | 'notifier',
  machine: Machine,
  deeds: Deeds,
): Promise<void> {
  // The first and every second one after it is of the channel for bytes, where there is one in that moment.
  const isBulks = what === 'agent' && (deeds.done.get('agent killed') ?? 0) % 2 === 0
  const pid = await untilDone(
    () => (isBulks ? bulkAgent(machine) : null) ?? machine.pidOf(agents(machine)[0]?.[what] ?? 0),
  )
  if (pid === null) return void deeds.missed.push('no agent was there')
  deeds.outOfReach.add(machine.shape.name)
  note(deeds, 'agent killed')
  kill(pid, 'SIGKILL')
}

function agents(machine: Machine): { agent: number; notifier: number }[] {
  return listOf(join(machine.home, '.sluice', 'inbox')).map((box) => {
    const [agent, , notifier] = box.split('-').map(Number)
    return { agent: agent ?? 0, notifier: notifier ?? 0 }
  })
}

/** It has no inbox; its mode is among its arguments. */
function bulkAgent(machine: Machine): number | null {
  const found = machine.processes().find(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')[3] === 'bulk'
    } catch {
      return false // it has ended
    }
  })
  return found?.pid ?? null
}

// Others write there meanwhile.
function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 5 })
}

async function untilDone<Done>(attempt: () => Done): Promise<Done> {
  const mayWait = makePatience(victimWaitMs)
  for (;;) {
    const done = attempt()
    if ((done !== null && done !== false) || !mayWait()) return done
    await wait(20)
  }
}

function pickOne<One>(all: readonly One[], index: number): One | undefined {
  return all[index % Math.max(1, all.length)]
}

interface Running {
  key: string
  /** Numbers are those that the host itself gives to its processes. */
  supervisor: number
  session: number
  work: string
}

function running(machine: Machine): Running[] {
  const folder = join(machine.home, '.sluice')
  const own = join(folder, 'own')
  const exits = listOf(join(folder, 'exit'))
  return listOf(own).flatMap((key) => {
    if (exits.includes(key)) return []
    try {
      const [first = '', second = ''] = readFileSync(join(own, key), 'utf8').split('\n')
      const [, supervisor, , , work = ''] = first.split(' ')
      const one = {
        key,
        supervisor: Number(supervisor),
        session: Number(second.split(' ')[0]),
        work,
      }
      return one.supervisor > 0 && one.session > 0 ? [one] : []
    } catch {
      return [] // released in this moment
    }
  })
}

function listOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
