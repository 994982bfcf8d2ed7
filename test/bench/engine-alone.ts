// P3: the engine on a real SQLite file, with hosts that answer at once.
import { join } from 'node:path'
import type { Engine } from '../../electron/engine/engine.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import type { BenchOptions, BenchRow, Figure } from './figure.ts'
import { median, rate } from './figure.ts'
import { instantHosts } from './instant-hosts.ts'
import { endOf, heapBytes, openBare } from './bare-engine.ts'
import { manyRuns } from './many-runs.ts'

const sizes = [100, 1000, 10_000, 100_000]
const layerWidth = 50
const hostNames = ['edge', 'onprem', 'cloud']
const rateGoal = 10_000
const growthGoal = 1.3
const bytesGoal = 2048

export const engineAlone: BenchRow = {
  name: 'P3',
  title: 'engine alone, simulated hosts, real SQLite file',
  secondsMax: 300,
  async measure(options) {
    const used = options.quick ? sizes.slice(0, 3) : sizes
    await timeRuns(1000, 3, options, 'warm-up')
    const seconds = new Map<number, number>()
    // Twice over all sizes, so that a slow minute of the machine does not hit one size alone.
    for (const pass of [1, 2]) {
      for (const size of used) {
        const times = await timeRuns(size, Math.ceil(10_000 / size), options, `${pass}-${size}`)
        seconds.set(size, Math.min(median(times), seconds.get(size) ?? Infinity))
      }
    }
    const base = (seconds.get(100) ?? Number.NaN) / 100
    const figures = used.map((size) => speedFigure(size, (seconds.get(size) ?? 0) / size, base))
    const memory = await memoryFigure(used.at(-1) ?? 100, options)
    return [...figures, memory, ...(await manyRuns(options))]
  },
}

function speedFigure(size: number, secondsPerTask: number, base: number): Figure {
  const ratio = secondsPerTask / base
  return {
    row: 'P3',
    what: `${size.toLocaleString('en')} tasks`,
    ours: `${rate(1 / secondsPerTask)}, ${(secondsPerTask * 1e6).toFixed(1)} us/task`,
    reference: `${(base * 1e6).toFixed(1)} us/task at 100`,
    ratio,
    goal: `>= ${rate(rateGoal)}, <= ${growthGoal}x`,
    met: 1 / secondsPerTask >= rateGoal && ratio <= growthGoal,
    note: '',
  }
}

async function timeRuns(
  size: number,
  times: number,
  { dir }: BenchOptions,
  name: string,
): Promise<number[]> {
  const { engine, store } = openBare(join(dir, `${name}.db`), instantHosts())
  const plan = layeredPlan(size)
  const taken: number[] = []
  for (let count = 0; count < times; count++) {
    const startedAt = performance.now()
    await runOnce(engine, plan)
    taken.push((performance.now() - startedAt) / 1000)
  }
  engine.close()
  store.close()
  return taken
}

/** With every task run but the last: attempts, states and the graph's index are all alive. */
async function memoryFigure(size: number, { dir }: BenchOptions): Promise<Figure> {
  const hosts = instantHosts()
  const { engine, store } = openBare(join(dir, 'memory.db'), hosts)
  const plan = layeredPlan(size)
  const last = plan.tasks.at(-1)?.name ?? ''
  const before = heapBytes()
  hosts.hold = (order) => order.key.includes(`.${last}.`)
  const held = new Promise<void>((resolve) => {
    const stop = engine.onEvents(() => {
      if (hosts.starts() < size) return
      stop()
      setImmediate(resolve)
    })
  })
  const run = engine.start({ plan, cause: { kind: 'person', by: 'bench' } })
  await held
  const bytes = (heapBytes() - before) / size
  const ended = endOf(engine, run)
  hosts.letGo()
  await ended
  engine.close()
  store.close()
  return {
    row: 'P3',
    what: `memory, ${size.toLocaleString('en')} tasks live`,
    ours: `${Math.round(bytes)} B/task`,
    reference: '-',
    ratio: null,
    goal: `< ${bytesGoal} B/task`,
    met: bytes < bytesGoal,
    note: 'The heap beyond the plan itself, after a collection, when all tasks but the last have run.',
  }
}

function runOnce(engine: Engine, plan: RunPlan): Promise<void> {
  return endOf(engine, engine.start({ plan, cause: { kind: 'person', by: 'bench' } }))
}

/** Layers of fifty; each task needs three of the layer before, and one task at the end needs the last layer. */
function layeredPlan(size: number): RunPlan {
  const tasks: Record<string, TaskSketch> = {}
  for (let index = 0; index < size - 1; index++) {
    const layer = Math.floor(index / layerWidth)
    const needs = [0, 7, 19].map((step) => {
      return `t${(layer - 1) * layerWidth + ((index + step) % layerWidth)}`
    })
    const host = hostNames[index % hostNames.length] ?? ''
    tasks[`t${index}`] = { host, needs: layer === 0 ? [] : needs }
  }
  const lastLayer = Object.keys(tasks).slice(-layerWidth)
  tasks['last'] = { host: hostNames[0] ?? '', needs: lastLayer }
  return sketchPlan(tasks)
}
