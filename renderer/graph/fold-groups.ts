// A graph in which some groups are one node each. Pure: its shape follows from the tasks and from what is folded.
import type { ShapeNode } from './layout.ts'

/** Above so many tasks a graph begins with its groups folded. */
const openTasksMax = 60

export function beginsFolded(nodes: readonly ShapeNode[]): boolean {
  return nodes.length > openTasksMax
}

/** `folded`: names of groups, `a` or `a.b`. A folded group is called `[a]`, and stands where its first task stood. */
export function foldGroups(
  nodes: readonly ShapeNode[],
  folded: ReadonlySet<string>,
): readonly ShapeNode[] {
  if (folded.size === 0) return nodes
  const standsFor = new Map(nodes.map((node) => [node.name, shownAs(node, folded)]))
  const shown = new Map<string, Omit<ShapeNode, 'needs'> & { needs: Set<string> }>()
  for (const node of nodes) {
    const name = standsFor.get(node.name) as string
    let made = shown.get(name)
    if (made === undefined) {
      const group = outside(name.slice(1, -1))
      made =
        name === node.name
          ? { ...node, needs: new Set() }
          : { name, needs: new Set(), ...(group !== undefined && { group }) }
      shown.set(name, made)
    }
    for (const need of node.needs) {
      const from = standsFor.get(need) ?? need
      if (from !== name) made.needs.add(from)
    }
  }
  return withoutCycles([...shown.values()].map((node) => ({ ...node, needs: [...node.needs] })))
}

export function groupsOf(nodes: readonly ShapeNode[]): string[] {
  const groups = new Set<string>()
  for (const { group } of nodes) {
    if (group === undefined) continue
    const parts = group.split('.')
    parts.forEach((_, index) => groups.add(parts.slice(0, index + 1).join('.')))
  }
  return [...groups]
}

/** The outermost folded group around a task stands for it. */
function shownAs({ name, group }: ShapeNode, folded: ReadonlySet<string>): string {
  const parts = group?.split('.') ?? []
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const around = parts.slice(0, depth).join('.')
    if (folded.has(around)) return `[${around}]`
  }
  return name
}

function outside(group: string): string | undefined {
  const cut = group.lastIndexOf('.')
  return cut < 0 ? undefined : group.slice(0, cut)
}

// A task of a group may need one from outside that needs another of the group: folded, that is a circle. Its last edge
// is left out, for a layout has no place for it.
function withoutCycles(nodes: readonly ShapeNode[]): readonly ShapeNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const state = new Map<string, 'open' | 'done'>()
  const dropped = new Set<string>()
  for (const { name } of nodes) {
    if (state.has(name)) continue
    const path = [{ name, next: 0 }]
    state.set(name, 'open')
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      const need = byName.get(last.name)?.needs[last.next]
      last.next += 1
      if (need === undefined) {
        state.set(last.name, 'done')
        path.pop()
      } else if (state.get(need) === 'open') dropped.add(`${need}\n${last.name}`)
      else if (!state.has(need) && byName.has(need)) {
        state.set(need, 'open')
        path.push({ name: need, next: 0 })
      }
    }
  }
  if (dropped.size === 0) return nodes
  return nodes.map((node) => ({
    ...node,
    needs: node.needs.filter((need) => !dropped.has(`${need}\n${node.name}`)),
  }))
}
