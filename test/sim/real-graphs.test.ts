// Real workflow graphs run to their end: every edge respected, and no slower than any list scheduler may be (Graham 1966:
// with P workers, makespan <= work / P + (1 - 1 / P) x critical path).
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Script, TaskSketch } from '../helpers/world.ts'
import { makeWorld } from '../helpers/world.ts'

interface Shape {
  name: string
  edges: [number, number][]
  runtime: number[]
}

const WORKERS = 8
/** Of a scripted host, per start: an order out, a report back. */
const OVERHEAD_MS = 3

const shapes = gunzipSync(readFileSync('test/data/wfcommons/shapes.jsonl.gz'))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line) as Shape)

test('there are 35 graphs', () => {
  expect(shapes).toHaveLength(35)
})

test.each(shapes.map((shape) => [shape.name, shape] as const))('%s', async (_, shape) => {
  const world = makeWorld({ slots: WORKERS })
  const tasks: Record<string, TaskSketch> = {}
  const script: Script = {}
  for (const [at, seconds] of shape.runtime.entries()) {
    tasks[`t${at}`] = { needs: [] }
    script[`t${at}`] = { ms: Math.max(1, Math.round(seconds * 1000)) }
  }
  for (const [from, to] of shape.edges) {
    const task = tasks[`t${to}`]
    if (task !== undefined) Object.assign(task, { needs: [...(task.needs ?? []), `t${from}`] })
  }
  const run = world.start(tasks, script)
  const view = await world.finish(run)
  expect(view.state).toBe('succeeded')
  const tasksNow = world.view(run).tasks
  const span = (at: number): [number, number] => {
    const { attempts } = tasksNow[`t${at}`] ?? { attempts: [] }
    return [attempts[0]?.startingAt ?? 0, attempts[0]?.end?.endedAt ?? 0]
  }
  const spans = new Map(shape.runtime.map((__, at) => [at, span(at)] as const))
  const early = shape.edges.filter(
    ([from, to]) => (spans.get(to)?.[0] ?? 0) < (spans.get(from)?.[1] ?? 0),
  )
  expect(early).toEqual([])
  expect(world.host('a').liveMax).toBeLessThanOrEqual(WORKERS)
  const costs = shape.runtime.map(
    (seconds) => Math.max(1, Math.round(seconds * 1000)) + OVERHEAD_MS,
  )
  const work = costs.reduce((sum, ms) => sum + ms, 0)
  const bound = work / WORKERS + (1 - 1 / WORKERS) * criticalPath(shape, costs)
  expect((view.endedAt ?? 0) - view.createdAt).toBeLessThanOrEqual(bound + OVERHEAD_MS)
})

function criticalPath(shape: Shape, costs: readonly number[]): number {
  const next = new Map<number, number[]>()
  const unmet = new Map<number, number>()
  for (const [from, to] of shape.edges) {
    next.set(from, [...(next.get(from) ?? []), to])
    unmet.set(to, (unmet.get(to) ?? 0) + 1)
  }
  const done = new Map<number, number>()
  const queue = costs.map((__, at) => at).filter((at) => (unmet.get(at) ?? 0) === 0)
  for (const at of queue) {
    const end = (done.get(at) ?? 0) + (costs[at] ?? 0)
    done.set(at, end)
    for (const to of next.get(at) ?? []) {
      done.set(to, Math.max(done.get(to) ?? 0, end))
      const left = (unmet.get(to) ?? 1) - 1
      unmet.set(to, left)
      if (left === 0) queue.push(to)
    }
  }
  return Math.max(...done.values())
}
