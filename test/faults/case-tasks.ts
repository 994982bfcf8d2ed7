// The pipeline of a case: what its tasks do, and what they leave behind.
import type { Dice } from '../../electron/ports/dice.ts'
import type { FaultKind, Leaves, TaskShape } from './case-shape.ts'
import { between, chance, pick } from './draw.ts'

const leftovers: readonly Leaves[] = [
  'nothing',
  'setsid',
  'nohup',
  'double fork',
  'stubborn',
  'stopped',
]

export function tasksOf(dice: Dice, kind: FaultKind, hosts: number): TaskShape[] {
  const count = kind === 'failover' ? between(dice, 3, 5) : between(dice, 5, 14)
  const tasks: TaskShape[] = []
  for (let index = 0; index < count; index += 1) {
    const upstream = tasks.slice(-4)
    const needs = upstream.filter(() => chance(dice, 0.35)).map(({ name }) => name)
    const inputs = upstream
      .filter((task) => needs.includes(task.name) && task.outputLines !== null)
      .map(({ name }) => name)
    tasks.push(taskOf(dice, { kind, index, host: Math.floor(dice.roll() * hosts), needs, inputs }))
  }
  beSuited(dice, kind, tasks)
  return tasks
}

/** Somebody must be there for what the case is about. */
function beSuited(dice: Dice, kind: FaultKind, tasks: readonly TaskShape[]): void {
  const first = tasks[0]
  if (first !== undefined && kind === 'resume after a failure') first.needsMending = true
  if (first !== undefined && kind === 'cut while streaming')
    Object.assign(first, { lines: 30_000, blockLines: 1000, pauseMs: 50 })
  if (kind === 'failover') {
    // Longer than the link's grace and the shortest lease together.
    for (const task of tasks.slice(0, 2))
      Object.assign(task, {
        pool: true,
        fails: 0,
        lines: between(dice, 70, 110),
        blockLines: 1,
        pauseMs: 950,
      })
    for (const task of tasks) Object.assign(task, { needs: [], inputs: [] })
  }
  const needsTime = /killed$|reused$|frozen$|wiped$|stopped$|stepped$/.test(kind)
  if (first !== undefined && needsTime && !first.lasts)
    Object.assign(first, { lines: 300, blockLines: 10, pauseMs: 200 })
  const beyondReach: readonly Leaves[] =
    kind === 'child in the kernel'
      ? ['in the kernel']
      : kind === 'child of another user'
        ? ['other user', 'other user apart']
        : []
  if (beyondReach.length === 0) return
  for (const task of tasks.slice(0, 3)) {
    const timeoutMs = chance(dice, 0.5) ? between(dice, 1000, 4000) : null
    const leaves = pick(dice, beyondReach)
    Object.assign(task, { needs: [], inputs: [], fails: 0, lasts: true, timeoutMs, leaves })
  }
}

export function taskOf(
  dice: Dice,
  given: { kind: FaultKind; index: number; host: number; needs: string[]; inputs: string[] },
): TaskShape {
  const { kind, index, host, needs, inputs } = given
  const isStreaming = kind === 'cut while streaming' && chance(dice, 0.5)
  const lasts = kind === 'cancel' && chance(dice, 0.5)
  const fails = chance(dice, 0.2) ? between(dice, 1, 2) : 0
  const isTimed = !lasts && chance(dice, 0.03)
  const lines = isStreaming ? between(dice, 5_000, 40_000) : between(dice, 0, 300)
  return {
    name: `t${index}`,
    host,
    pool: chance(dice, 0.15),
    needs,
    inputs,
    lines,
    blockLines: isStreaming ? 1000 : between(dice, 5, 50),
    pauseMs: chance(dice, 0.7) ? between(dice, 20, 250) : 0,
    outputLines: chance(dice, 0.4) ? between(dice, 1, 4000) : null,
    fails,
    needsMending: kind === 'resume after a failure' && chance(dice, 0.2),
    lasts: lasts || isTimed,
    leaves: lasts || isTimed ? pick(dice, leftovers) : 'nothing',
    timeoutMs: isTimed ? between(dice, 500, 2500) : null,
    retriesMax: Math.max(fails, between(dice, 0, 2)),
  }
}
