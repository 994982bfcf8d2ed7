// Our graph in elkjs's words, and back. Options: the best looking ones that stay fast (0.1 s for 100 tasks).
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import {
  edgesOf,
  layerGap,
  nodeGap,
  nodeHeight,
  type Layout,
  type Point,
  type ShapeNode,
} from './layout.ts'
import { widthOf } from './name-width.ts'

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
  return {
    id: 'root',
    layoutOptions: options,
    // Names become numbers: a task may be called `root`.
    children: nodes.map(({ name }, index) => ({
      id: `n${index}`,
      width: widthOf(name),
      height: nodeHeight,
      layoutOptions: { 'elk.alignment': 'LEFT' },
    })),
    edges: edgeIds(nodes).map(({ from, to }, index) => ({
      id: `e${index}`,
      sources: [`n${from}`],
      targets: [`n${to}`],
    })),
  }
}

function edgeIds(nodes: readonly ShapeNode[]): { from: number; to: number }[] {
  const index = new Map(nodes.map((node, at) => [node.name, at]))
  return edgesOf(nodes).map(({ from, to }) => ({
    from: index.get(from) as number,
    to: index.get(to) as number,
  }))
}

export function fromElk(nodes: readonly ShapeNode[], laid: ElkNode): Layout {
  const children = laid.children ?? []
  const widthAt = new Map<number, number>()
  for (const { x = 0, width = 0 } of children)
    widthAt.set(Math.round(x), Math.max(width, widthAt.get(Math.round(x)) ?? 0))
  const boxes = children.map(({ x = 0, y = 0 }, index) => ({
    name: (nodes[index] as ShapeNode).name,
    x,
    y,
    width: widthAt.get(Math.round(x)) ?? 0,
  }))
  const boxByName = new Map(boxes.map((box) => [box.name, box]))
  return {
    width: laid.width ?? 0,
    height: laid.height ?? 0,
    boxes,
    edges: edgesOf(nodes).map((edge, index) => {
      const [start, ...rest] = pointsOf(laid.edges?.[index])
      const from = boxByName.get(edge.from)
      // elkjs left it at the task's own right side; the column may be wider.
      return start === undefined || from === undefined
        ? { ...edge, points: [] }
        : { ...edge, points: [{ x: from.x + from.width, y: start.y }, ...rest] }
    }),
  }
}

function pointsOf(edge: ElkExtendedEdge | undefined): Point[] {
  const section = edge?.sections?.[0]
  if (section === undefined) return []
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(({ x, y }) => ({
    x,
    y,
  }))
}
