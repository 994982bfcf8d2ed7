// Our graph in elkjs's words, and back. Options: the best looking ones that stay fast (0.1 s for 100 tasks).
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import { groupsOf } from './fold-groups.ts'
import {
  edgesOf,
  frameHead,
  framePad,
  labelOf,
  lastOnes,
  layerGap,
  nodeGap,
  nodeHeight,
  type Frame,
  type Layout,
  type Point,
  type ShapeNode,
} from './layout.ts'
import { widthOfNode } from './name-width.ts'

const options: Record<string, string> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'POLYLINE',
  'elk.spacing.nodeNode': String(nodeGap),
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.layered.spacing.nodeNodeBetweenLayers': String(layerGap),
  'elk.layered.spacing.edgeNodeBetweenLayers': '6',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '3',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.layering.strategy': 'LONGEST_PATH_SOURCE',
  'elk.layered.thoroughness': '1',
  'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
}

export function toElk(nodes: readonly ShapeNode[]): ElkNode {
  const index = new Map(nodes.map((node, at) => [node.name, at]))
  const edges = edgesOf(nodes).map(({ from, to }, at) => ({
    id: `e${at}`,
    sources: [`n${index.get(from)}`],
    targets: [`n${index.get(to)}`],
  }))
  const groups = groupsOf(nodes)
  const last = lastOnes(nodes)
  const leaf = (node: ShapeNode, at: number): ElkNode => leafOf(node, at, last.has(node.name))
  if (groups.length === 0)
    return { id: 'root', layoutOptions: options, children: nodes.map(leaf), edges }
  const root: Parent = { id: 'root', layoutOptions: { ...options, ...nested }, children: [], edges }
  const parents = new Map<string | undefined, Parent>([[undefined, root]])
  const parentOf = (group: string | undefined): Parent => {
    const known = parents.get(group)
    if (known !== undefined || group === undefined) return known ?? root
    const made: Parent = {
      id: `g${groups.indexOf(group)}`,
      layoutOptions: { ...options, ...nested, 'elk.padding': padding },
      children: [],
    }
    parents.set(group, made)
    const cut = group.lastIndexOf('.')
    parentOf(cut < 0 ? undefined : group.slice(0, cut)).children.push(made)
    return made
  }
  nodes.forEach((node, at) => parentOf(node.group).children.push(leaf(node, at)))
  return root
}

type Parent = ElkNode & { children: ElkNode[] }

// The order of the file and groups do not go together in elkjs.
const nested = {
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.considerModelOrder.strategy': 'NONE',
}
const padding = `[top=${frameHead + 4},left=${framePad},bottom=${framePad},right=${framePad}]`

// Names become numbers: a task may be called `root`.
function leafOf(node: ShapeNode, at: number, isLast: boolean): ElkNode {
  return {
    id: `n${at}`,
    width: widthOfNode(node, true),
    height: nodeHeight,
    layoutOptions: {
      'elk.alignment': 'LEFT',
      ...(isLast && { 'elk.layered.layering.layerConstraint': 'LAST' }),
    },
  }
}

export function fromElk(nodes: readonly ShapeNode[], laid: ElkNode): Layout {
  const groups = groupsOf(nodes)
  const places = new Map<string, Required<Place>>()
  const frames: Frame[] = []
  const walk = (parent: ElkNode, left: number, top: number): void => {
    places.set(parent.id, { x: left, y: top, width: parent.width ?? 0, height: parent.height ?? 0 })
    for (const child of parent.children ?? []) {
      const x = left + (child.x ?? 0)
      const y = top + (child.y ?? 0)
      if (child.id.startsWith('g')) {
        const group = groups[Number(child.id.slice(1))] as string
        frames.push({ group, x, y, width: child.width ?? 0, height: child.height ?? 0 })
        walk(child, x, y)
      } else places.set(child.id, { x, y, width: child.width ?? 0, height: nodeHeight })
    }
  }
  walk(laid, 0, 0)
  // The tasks of a column are equally wide, each in its group: a frame must hold what is in it.
  const columnOf = (node: ShapeNode, x: number) => `${node.group ?? ''}@${Math.round(x)}`
  const widthAt = new Map<string, number>()
  const placeOf = (at: number) => places.get(`n${at}`) ?? { x: 0, y: 0, width: 0, height: 0 }
  nodes.forEach((node, at) => {
    const { x, width } = placeOf(at)
    widthAt.set(columnOf(node, x), Math.max(width, widthAt.get(columnOf(node, x)) ?? 0))
  })
  const boxes = nodes.map((node, at) => {
    const { x, y } = placeOf(at)
    const width = widthAt.get(columnOf(node, x)) ?? 0
    return { name: node.name, label: labelOf(node, true), x, y, width }
  })
  const boxByName = new Map(boxes.map((box) => [box.name, box]))
  return {
    width: laid.width ?? 0,
    height: laid.height ?? 0,
    boxes,
    frames,
    edges: edgesOf(nodes).map((edge, index) => {
      const made = laid.edges?.[index] as (ElkExtendedEdge & { container?: string }) | undefined
      const base = places.get(made?.container ?? 'root') ?? { x: 0, y: 0 }
      const [start, ...rest] = pointsOf(made, base)
      const from = boxByName.get(edge.from)
      // elkjs left it at the task's own right side; the column may be wider.
      return start === undefined || from === undefined
        ? { ...edge, points: [] }
        : { ...edge, points: [{ x: from.x + from.width, y: start.y }, ...rest] }
    }),
  }
}

interface Place extends Point {
  width?: number
  height?: number
}

// Between two tasks of one group elkjs counts from that group's corner.
function pointsOf(edge: ElkExtendedEdge | undefined, base: Point): Point[] {
  const section = edge?.sections?.[0]
  if (section === undefined) return []
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({
    x: x + base.x,
    y: y + base.y,
  }))
}
