// The graph of a pipeline: names and edges, nothing else. Cost grows with tasks and edges; nothing here recurses,
// so a chain of 100,000 tasks is no deeper than one of ten. Edges to names that do not exist are left out.

export interface GraphTask {
  name: string
  needs: readonly string[]
}

export interface Graph {
  /** In the order given. */
  names: readonly string[]
  /** Upstream neighbours, each once. */
  needsOf: ReadonlyMap<string, readonly string[]>
  /** Downstream neighbours, each once. */
  dependentsOf: ReadonlyMap<string, readonly string[]>
}

export function graphOf(tasks: readonly GraphTask[]): Graph {
  const needsOf = new Map<string, string[]>()
  const dependentsOf = new Map<string, string[]>()
  for (const { name } of tasks) {
    needsOf.set(name, [])
    dependentsOf.set(name, [])
  }
  for (const { name, needs } of tasks) {
    for (const need of new Set(needs)) {
      if (!needsOf.has(need)) continue
      needsOf.get(name)?.push(need)
      dependentsOf.get(need)?.push(name)
    }
  }
  return { names: [...needsOf.keys()], needsOf, dependentsOf }
}

/** Upstream first; among tasks that are free at once, in the order given. Tasks on or behind a cycle are left out. */
export function topologicalOrder(graph: Graph): string[] {
  const open = new Map(graph.names.map((name) => [name, (graph.needsOf.get(name) ?? []).length]))
  const order = graph.names.filter((name) => open.get(name) === 0)
  for (let at = 0; at < order.length; at += 1) {
    for (const dependent of graph.dependentsOf.get(order[at] as string) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1
      open.set(dependent, left)
      if (left === 0) order.push(dependent)
    }
  }
  return order
}

/** Everything the given tasks wait for, near and far; without themselves unless a cycle leads back. */
export function upstreamOf(graph: Graph, ...names: readonly string[]): Set<string> {
  return reach(graph.needsOf, names)
}

/** Everything that waits for the given tasks, near and far; without themselves unless a cycle leads back. */
export function downstreamOf(graph: Graph, ...names: readonly string[]): Set<string> {
  return reach(graph.dependentsOf, names)
}

function reach(
  neighbours: ReadonlyMap<string, readonly string[]>,
  from: readonly string[],
): Set<string> {
  const seen = new Set<string>()
  const todo = [...from]
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    for (const next of neighbours.get(name) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      todo.push(next)
    }
  }
  return seen
}

/**
 * Cycles that share no task, each as the tasks in the order of their needs: `[a, b]` means a needs b and b needs a.
 * Breaking one edge of each may still leave others; a graph without cycles gives none.
 */
export function findCycles(graph: Graph): string[][] {
  const settled = new Set(topologicalOrder(graph))
  const cycles: string[][] = []
  for (const start of graph.names) {
    if (settled.has(start)) continue
    const cycle = cycleFrom(graph, start, settled)
    if (cycle !== null) cycles.push(cycle)
    for (const name of cycle ?? []) settled.add(name)
  }
  return cycles
}

/** Depth first along needs; marks as settled what leads to no cycle. */
function cycleFrom(graph: Graph, start: string, settled: Set<string>): string[] | null {
  const path: string[] = [start]
  const placeOf = new Map([[start, 0]])
  const nextNeed = [0]
  while (path.length > 0) {
    const name = path[path.length - 1] as string
    const at = nextNeed[nextNeed.length - 1] as number
    const need = graph.needsOf.get(name)?.[at]
    if (need === undefined) {
      settled.add(name)
      placeOf.delete(name)
      path.pop()
      nextNeed.pop()
      continue
    }
    nextNeed[nextNeed.length - 1] = at + 1
    const place = placeOf.get(need)
    if (place !== undefined) return path.slice(place)
    if (settled.has(need)) continue
    placeOf.set(need, path.length)
    path.push(need)
    nextNeed.push(0)
  }
  return null
}
