// P3: many runs at once. Each has a task that goes on and nineteen that come and go; then one run more is decided among them.
import { join } from 'node:path'
import type { Engine } from '../../electron/engine/engine.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import { endOf, heapBytes, openBare } from './bare-engine.ts'
import type { BenchOptions, Figure } from './figure.ts'
import { rate } from './figure.ts'
import { instantHosts } from './instant-hosts.ts'

const counts = [10, 1000] as const
const tasksEach = 20
const probeTasks = 300
const growthGoal = 1.3
const bytesGoal = 2048

interface Measured {
  /** CPU per task run, while the runs were started. */
  startSeconds: number
  /** CPU per task run of the one more: its tasks come one after the other, so each is a decision of its own. */
  decisionSeconds: number
  /** Per task run of the runs that live. */
  bytes: number
}

export async function manyRuns(options: BenchOptions): Promise<Figure[]> {
  const best = new Map<number, Measured>()
  await measure(counts[0], options, 'warm')
  // Twice over both, so that a slow minute of the machine does not hit one count alone.
  for (const pass of [1, 2]) {
    for (const count of counts) {
      const found = await measure(count, options, `${pass}-${count}`)
      const before = best.get(count) ?? found
      best.set(count, {
        startSeconds: Math.min(before.startSeconds, found.startSeconds),
        decisionSeconds: Math.min(before.decisionSeconds, found.decisionSeconds),
        bytes: Math.min(before.bytes, found.bytes),
      })
    }
  }
  const [few, many] = [best.get(counts[0]), best.get(counts[1])]
  if (few === undefined || many === undefined) return []
  const growth = (what: string, name: 'startSeconds' | 'decisionSeconds'): Figure => ({
    row: 'P3',
    what: `1,000 runs at once, ${what}`,
    ours: `${rate(1 / many[name])}, ${(many[name] * 1e6).toFixed(1)} us/task`,
    reference: `${(few[name] * 1e6).toFixed(1)} us/task with 10 runs`,
    ratio: many[name] / few[name],
    goal: `<= ${growthGoal}x`,
    met: many[name] / few[name] <= growthGoal,
    note: '',
  })
  const memory: Figure = {
    row: 'P3',
    what: '1,000 runs at once, memory',
    ours: `${Math.round(many.bytes)} B/task`,
    reference: '-',
    ratio: null,
    goal: `< ${bytesGoal} B/task`,
    met: many.bytes < bytesGoal,
    note: '',
  }
  return [growth('starting them', 'startSeconds'), growth('one more', 'decisionSeconds'), memory]
}

async function measure(count: number, { dir }: BenchOptions, name: string): Promise<Measured> {
  const hosts = instantHosts()
  const { engine, store } = openBare(join(dir, `many-${name}.db`), hosts)
  hosts.hold = (order) => order.key.includes('.goes-on.')
  const plan = runPlan()
  const before = heapBytes()
  const startedAt = cpuSeconds()
  const runs: string[] = []
  for (let at = 0; at < count; at += 1) runs.push(startOne(engine, plan))
  await until(engine, () => hosts.starts() === count * tasksEach)
  // The last task of a run is reported after its start.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const startSeconds = (cpuSeconds() - startedAt) / (count * tasksEach)
  const bytes = (heapBytes() - before) / (count * tasksEach)
  const probedAt = cpuSeconds()
  await endOf(engine, startOne(engine, chain(probeTasks)))
  const decisionSeconds = (cpuSeconds() - probedAt) / probeTasks
  const ended = Promise.all(runs.map((run) => endOf(engine, run)))
  hosts.letGo()
  await ended
  engine.close()
  store.close()
  return { startSeconds, decisionSeconds, bytes }
}

/** Of this process: whoever else uses the machine does not count. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function startOne(engine: Engine, plan: RunPlan): string {
  return engine.start({ plan, cause: { kind: 'person', by: 'bench' } })
}

function until(engine: Engine, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = engine.onEvents(() => {
      if (!isSo()) return
      stop()
      setImmediate(resolve)
    })
  })
}

function runPlan(): RunPlan {
  const tasks: Record<string, TaskSketch> = { 'goes-on': { host: 'edge' } }
  for (let at = 0; at < tasksEach - 1; at += 1)
    tasks[`t${at}`] = { host: 'onprem', needs: at < 4 ? [] : [`t${at - 4}`] }
  return sketchPlan(tasks)
}

function chain(length: number): RunPlan {
  const tasks: Record<string, TaskSketch> = {}
  for (let at = 0; at < length; at += 1)
    tasks[`c${at}`] = { host: 'cloud', needs: at === 0 ? [] : [`c${at - 1}`] }
  return sketchPlan(tasks)
}
