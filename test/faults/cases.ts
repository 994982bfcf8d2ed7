// What a seed stands for: hosts, a pipeline and the faults that meet it. The same seed is the same case on every machine.
import type { Dice } from '../../electron/ports/dice.ts'
import { seededDice } from '../helpers/world.ts'
import { mainFaults, sideFaults } from './case-faults.ts'
import { taskOf, tasksOf } from './case-tasks.ts'
import { between, pick } from './draw.ts'
import { faultKinds } from './case-shape.ts'
import type { Case, Fault, FaultKind, TaskShape } from './case-shape.ts'
import type { MachineShape, Shell } from './machine.ts'

const hostNames = ['edge', 'onprem', 'cloud']

export function kindOf(seed: number): FaultKind {
  if (seed < 0) return 'engine killed'
  return faultKinds[seed % faultKinds.length] ?? 'engine killed'
}

/** A seed below zero is so many kills of one engine, over a pipeline that is long enough for them. */
export function makeCase(seed: number): Case {
  if (seed < 0) return killsCase(seed)
  const kind = kindOf(seed)
  const dice = seededDice(seed * 7919 + 17)
  const machines = hostNames
    .slice(0, kind === 'failover' ? 3 : between(dice, 2, 3))
    .map((name) => machineOf(dice, name, kind))
  const main = mainFaults(dice, kind, machines.length)
  const tasks = tasksOf(dice, kind, machines.length)
  const [first] = tasks
  const [fault] = main
  // Whoever is hurt has something to do.
  if (first !== undefined && fault !== undefined && 'host' in fault) first.host = fault.host
  const faults = [...main, ...sideFaults(dice, kind, machines.length)]
  for (const one of faults) {
    const machine = one.kind === 'clock' ? machines[one.host] : undefined
    if (machine !== undefined) machine.stepsClock = true
  }
  return {
    seed,
    kind,
    machines,
    passphrase: kind === 'asked for a passphrase',
    tasks,
    faults: faults.toSorted((a, b) => timeOf(a) - timeOf(b)),
  }
}

function killsCase(seed: number): Case {
  const dice = seededDice(seed)
  const machines = hostNames.map((name) => machineOf(dice, name, 'engine killed'))
  const levels = Math.ceil(-seed / 5)
  const tasks: TaskShape[] = []
  for (let level = 0; level < levels; level += 1) {
    const needs = tasks.slice(-machines.length).map(({ name }) => name)
    machines.forEach((_, host) => {
      const index = tasks.length
      const task = taskOf(dice, { kind: 'engine killed', index, host, needs, inputs: [] })
      Object.assign(task, { lines: 60, blockLines: 2, pauseMs: 150, lasts: false, timeoutMs: null })
      tasks.push({ ...task, leaves: 'nothing', outputLines: null, pool: false })
    })
  }
  // Every third time it may be killed while it starts.
  const faults = Array.from({ length: -seed }, (_, index): Fault => {
    const [upMs, gapMs] = [between(dice, 0, 1500), between(dice, 0, 300)]
    return { kind: 'engine killed', atMs: 0, upMs, answers: index % 3 > 0, gapMs }
  })
  return { seed, kind: 'engine killed', machines, passphrase: false, tasks, faults }
}

/** A cut by bytes comes when it comes. */
export function timeOf(fault: Fault): number {
  return fault.kind === 'cut' ? 0 : fault.atMs
}

function machineOf(dice: Dice, name: string, kind: FaultKind): MachineShape {
  const shells: readonly Shell[] = ['sh', 'bash', 'busybox']
  const noisy = kind === 'noisy shell'
  return {
    name,
    shell: noisy ? 'bash' : pick(dice, shells),
    maxSessions: kind === 'MaxSessions 1' ? 1 : null,
    noisy,
    diskKb: kind === 'disk full' ? between(dice, 600, 3000) : null,
    stepsClock: false,
    hangs: kind === 'child in the kernel',
    otherUser: kind === 'child of another user',
  }
}
