// Groups, opened: whatever stands in what, the order of the tasks is the one that the file says.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { graphOf, topologicalOrder, upstreamOf } from '../../shared/graph/graph.ts'
import { isInside, outlineOf } from '../../electron/pipeline/outline.ts'
import type { OutlineGroup, OutlineTask } from '../../electron/pipeline/outline.ts'
import { readYaml } from '../../electron/pipeline/read-yaml.ts'
import type { YamlTree } from '../../electron/pipeline/yaml-tree.ts'

interface Node {
  needs: number[]
  inside: Node[] | null
}

// Needs name earlier siblings only, so that no two wait for each other.
const { nodes } = fc.letrec<{ nodes: Node[]; node: Node }>((tie) => ({
  nodes: fc.array(tie('node'), { minLength: 1, maxLength: 4, depthIdentifier: 'group' }),
  node: fc.record({
    needs: fc.array(fc.nat(3), { maxLength: 2 }),
    inside: fc.option(tie('nodes'), { maxDepth: 3, depthIdentifier: 'group' }),
  }),
}))

function valueOf(list: readonly Node[]): Record<string, unknown> {
  return Object.fromEntries(
    list.map(({ needs, inside }, at) => [
      `n${at}`,
      {
        needs: [...new Set(needs.filter((need) => need < at))].map((need) => `n${need}`),
        ...(inside === null ? { run: 'ls' } : { tasks: valueOf(inside) }),
      },
    ]),
  )
}

function tasksOf(entry: OutlineTask | OutlineGroup): readonly string[] {
  return entry.kind === 'task' ? [entry.name] : entry.tasks
}

test('G2, G3: all tasks of what needs a group come after all tasks of it, and nothing else does', () => {
  fc.assert(
    fc.property(nodes, (list) => {
      const { tree } = readYaml(JSON.stringify({ tasks: valueOf(list) }))
      const outline = outlineOf(tree as YamlTree)
      const graph = graphOf(outline.tasks.map(({ name, upstream }) => ({ name, needs: upstream })))
      expect(topologicalOrder(graph)).toHaveLength(outline.tasks.length)
      // The slow way: every task of an entry after every task of what the entry, or a group around it, needs.
      for (const task of outline.tasks) {
        const expected = new Set<string>()
        const todo: (OutlineTask | OutlineGroup)[] = [task]
        const seen = new Set<OutlineTask | OutlineGroup>()
        for (let entry = todo.pop(); entry !== undefined; entry = todo.pop()) {
          if (seen.has(entry)) continue
          seen.add(entry)
          if (entry.group !== null) todo.push(entry.group)
          for (const { means } of entry.needs) {
            if (means === null) continue
            for (const name of tasksOf(means)) {
              expected.add(name)
              const needed = outline.taskByName.get(name)
              if (needed !== undefined) todo.push(needed)
            }
          }
        }
        expect([...upstreamOf(graph, task.name)].sort()).toEqual([...expected].sort())
      }
      for (const group of outline.groups) {
        for (const name of group.tasks) {
          expect(isInside(outline.taskByName.get(name) as OutlineTask, group)).toBe(true)
        }
      }
    }),
    { numRuns: 300, interruptAfterTimeLimit: 5000 },
  )
})
