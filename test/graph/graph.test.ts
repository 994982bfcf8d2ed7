import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  downstreamOf,
  findCycles,
  graphOf,
  topologicalOrder,
  upstreamOf,
} from '../../shared/graph/graph.ts'

const diamond = graphOf([
  { name: 'publish', needs: ['left', 'right'] },
  { name: 'left', needs: ['land'] },
  { name: 'right', needs: ['land', 'land'] },
  { name: 'land', needs: [] },
])

test('the order puts every task after all that it needs', () => {
  expect(topologicalOrder(diamond)).toEqual(['land', 'left', 'right', 'publish'])
})

test('a need that is given twice is one edge', () => {
  expect(diamond.dependentsOf.get('land')).toEqual(['left', 'right'])
})

test('a need on a task that does not exist is no edge', () => {
  expect(graphOf([{ name: 'a', needs: ['ghost'] }]).needsOf.get('a')).toEqual([])
})

test('upstream and downstream reach near and far, without the task itself', () => {
  expect(upstreamOf(diamond, 'publish')).toEqual(new Set(['left', 'right', 'land']))
  expect(downstreamOf(diamond, 'land')).toEqual(new Set(['left', 'right', 'publish']))
  expect(downstreamOf(diamond, 'publish')).toEqual(new Set())
})

test('a cycle is named in the order of its needs, and tasks behind it are not in the order', () => {
  const graph = graphOf([
    { name: 'a', needs: ['c'] },
    { name: 'b', needs: ['a'] },
    { name: 'c', needs: ['b'] },
    { name: 'after', needs: ['c'] },
    { name: 'free', needs: [] },
    { name: 'self', needs: ['self'] },
  ])
  expect(findCycles(graph)).toEqual([['a', 'c', 'b'], ['self']])
  expect(topologicalOrder(graph)).toEqual(['free'])
})

test('a chain of 100,000 tasks is ordered without recursion', () => {
  const tasks = Array.from({ length: 100_000 }, (_, at) => ({
    name: `t${at}`,
    needs: at === 0 ? [] : [`t${at - 1}`],
  }))
  const graph = graphOf(tasks)
  expect(topologicalOrder(graph)).toHaveLength(100_000)
  expect(findCycles(graph)).toEqual([])
  expect(downstreamOf(graph, 't0').size).toBe(99_999)
})

test('any graph either has an order of all its tasks or a cycle whose edges exist', () => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 })
  fc.assert(
    fc.property(edges, (pairs) => {
      const tasks = Array.from({ length: 10 }, (_, at) => ({
        name: `t${at}`,
        needs: pairs.filter(([from]) => from === at).map(([, to]) => `t${to}`),
      }))
      const graph = graphOf(tasks)
      const order = topologicalOrder(graph)
      const cycles = findCycles(graph)
      expect(cycles.length > 0).toBe(order.length < 10)
      const placeOf = new Map(order.map((name, place) => [name, place]))
      for (const name of order) {
        for (const need of graph.needsOf.get(name) ?? []) {
          expect(placeOf.get(need)).toBeLessThan(placeOf.get(name) as number)
        }
      }
      for (const cycle of cycles) {
        cycle.forEach((name, at) => {
          expect(graph.needsOf.get(name)).toContain(cycle[(at + 1) % cycle.length])
        })
      }
    }),
    { numRuns: 300 },
  )
})
