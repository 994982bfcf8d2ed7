import ELK from 'elkjs/lib/elk.bundled.js'
import { expect, test } from 'vitest'
import { fromElk, toElk } from '../../renderer/graph/elk-form.ts'
import { layeredLayout } from '../../renderer/graph/layered-layout.ts'
import { frameHead, nodeHeight, shapeKey, type Layout } from '../../renderer/graph/layout.ts'
import { nameLeft, nodeWidthMax, widthOf } from '../../renderer/graph/name-width.ts'
import { neighbour } from '../../renderer/graph/neighbour.ts'
import { rulesGraph } from './scripted-rules.ts'
import { bigGraph, ordersGraph } from './scripted-graphs.ts'

async function elkLayout(nodes: typeof ordersGraph): Promise<Layout> {
  return fromElk(nodes, await new ELK().layout(toElk(nodes)))
}

/** What is wrong with a layout, in words; empty is right. */
function faultsOf(layout: Layout, taskCount: number): string[] {
  const faults: string[] = []
  const check = (holds: boolean, words: string) => {
    if (!holds) faults.push(words)
  }
  check(layout.boxes.length === taskCount, 'a task has no box')
  const boxes = new Map(layout.boxes.map((box) => [box.name, box]))
  const byColumn = new Map<number, number[]>()
  for (const box of layout.boxes) {
    check(box.x > -0.01 && box.y > -0.01, `${box.name} is outside`)
    check(box.x + box.width < layout.width + 0.01, `${box.name} is too far right`)
    check(box.y + nodeHeight < layout.height + 0.01, `${box.name} is too far down`)
    byColumn.set(box.x, [...(byColumn.get(box.x) ?? []), box.y])
  }
  for (const [x, heights] of byColumn) {
    heights.sort((a, b) => a - b)
    for (let i = 1; i < heights.length; i += 1)
      check((heights[i] ?? 0) - (heights[i - 1] ?? 0) >= nodeHeight, `boxes overlap at ${x}`)
  }
  for (const edge of layout.edges) {
    const from = boxes.get(edge.from) ?? { x: NaN, width: NaN }
    const to = boxes.get(edge.to) ?? { x: NaN }
    check(to.x > from.x, `${edge.to} is not right of ${edge.from}`)
    const start = edge.points[0]?.x ?? NaN
    const end = edge.points.at(-1)?.x ?? NaN
    check(Math.abs(start - from.x - from.width) < 1, `no edge leaves ${edge.from}`)
    check(Math.abs(end - to.x) < 1, `no edge reaches ${edge.to}`)
  }
  return faults
}

test('elkjs lays tasks out without overlap, each right of what it needs', async () => {
  expect(faultsOf(await elkLayout(ordersGraph), ordersGraph.length)).toEqual([])
})

test.each([1, 12, 60, 1000])('our own layout does so for %i tasks', (count) => {
  const nodes = bigGraph(count)
  expect(faultsOf(layeredLayout(nodes), count)).toEqual([])
})

test('a graph of nothing is laid out as nothing', () => {
  expect(layeredLayout([])).toEqual({ width: 0, height: 0, boxes: [], edges: [], frames: [] })
})

test('a need that names no task, or the task itself, draws no edge', () => {
  const layout = layeredLayout([{ name: 'a', needs: ['gone', 'a'] }])
  expect(layout.edges).toEqual([])
})

test('the key of a shape changes with names and needs, and with nothing else', () => {
  const key = shapeKey([
    { name: 'a', needs: [] },
    { name: 'b', needs: ['a'] },
  ])
  const same = [
    { name: 'a', needs: [], host: 'x' },
    { name: 'b', needs: ['a'], host: 'y' },
  ]
  expect(shapeKey(same)).toBe(key)
  expect(
    shapeKey([
      { name: 'a', needs: [] },
      { name: 'b', needs: [] },
    ]),
  ).not.toBe(key)
})

test('arrow keys follow edges sideways and neighbours up and down', () => {
  const layout = layeredLayout(ordersGraph)
  expect(neighbour(layout, 'validate_orders', 'left')).toBe('land_orders')
  expect(neighbour(layout, 'validate_orders', 'right')).toBe('clean_orders')
  const below = neighbour(layout, 'land_orders', 'down')
  expect(below).toMatch(/^land_/)
  expect(neighbour(layout, below, 'up')).toBe('land_orders')
  expect(neighbour(layout, 'land_orders', 'left')).toBeNull()
  expect(neighbour(layout, null, 'down')).toMatch(/^land_/)
})

test('a node is as wide as its name up to 24 letters, and its column as its widest', async () => {
  expect(widthOf('validate_customer_orders')).toBeGreaterThanOrEqual(156 + nameLeft)
  expect(widthOf('x'.repeat(200))).toBe(nodeWidthMax)
  for (const layout of [await elkLayout(ordersGraph), layeredLayout(ordersGraph)]) {
    for (const box of layout.boxes) {
      const column = layout.boxes.filter((each) => each.x === box.x)
      expect(box.width).toBe(Math.max(...column.map((each) => widthOf(each.name))))
    }
  }
})

test('elkjs draws a frame around each group, with what is in it and nothing else', async () => {
  const laid = fromElk(rulesGraph, await new ELK().layout(toElk(rulesGraph)))
  expect(faultsOf(laid, rulesGraph.length)).toEqual([])
  expect(laid.frames.map(({ group }) => group)).toEqual(['ingest', 'ingest.check'])
  for (const frame of laid.frames)
    for (const box of laid.boxes) {
      const isIn =
        box.x > frame.x &&
        box.x + box.width < frame.x + frame.width &&
        box.y > frame.y + frameHead &&
        box.y + nodeHeight < frame.y + frame.height
      const isMember = box.name.startsWith(`${frame.group}.`)
      expect(`${box.name} in ${frame.group}: ${isIn}`).toBe(
        `${box.name} in ${frame.group}: ${isMember}`,
      )
    }
  expect(laid.boxes.find(({ name }) => name === 'ingest.check.rows')?.label).toBe('rows')
})
