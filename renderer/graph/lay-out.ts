// Lays a graph out: elkjs in a worker up to `elkTasksMax`, our own layout above it and whenever elkjs is late or absent.
import ELK from 'elkjs/lib/elk-api.js'
import { fromElk, toElk } from './elk-form.ts'
import { layeredLayout } from './layered-layout.ts'
import { shapeKey, type Layout, type ShapeNode } from './layout.ts'

/** Above it elkjs takes seconds, and its picture is no better on pipelines. */
export const elkTasksMax = 300
/** A person waits for the first picture; a late elkjs is not worth it. */
const elkWaitMs = 700
/** Our own layout draws no groups, and elkjs takes longer for them. */
const elkGroupsWaitMs = 4000
const keptMax = 30

const kept = new Map<string, Layout>()
let elk: InstanceType<typeof ELK> | null = null

export function keptLayout(nodes: readonly ShapeNode[]): Layout | undefined {
  return kept.get(shapeKey(nodes))
}

export async function layOut(nodes: readonly ShapeNode[]): Promise<Layout> {
  const key = shapeKey(nodes)
  const known = kept.get(key)
  if (known !== undefined) return known
  const layout = nodes.length > elkTasksMax ? layeredLayout(nodes) : await byElk(nodes)
  if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string)
  kept.set(key, layout)
  return layout
}

/** Its code is large: loaded while the first page is read, it is there when the first graph is opened. */
export function startElk(): InstanceType<typeof ELK> {
  elk ??= new ELK({
    workerFactory: () =>
      new Worker(new URL('./elk-worker.ts', import.meta.url), { type: 'module' }),
  })
  return elk
}

async function byElk(nodes: readonly ShapeNode[]): Promise<Layout> {
  const hasGroups = nodes.some((node) => node.group !== undefined)
  const waitMs = hasGroups ? elkGroupsWaitMs : elkWaitMs
  try {
    const laid = await Promise.race([startElk().layout(toElk(nodes)), late(waitMs)])
    return laid === null ? layeredLayout(nodes) : fromElk(nodes, laid)
  } catch (error) {
    console.warn('elkjs could not lay the graph out; our own layout stands in.', error)
    return layeredLayout(nodes)
  }
}

function late(waitMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), waitMs))
}
