// What a laid-out graph is. Depends on the shape alone: names and needs, never on states.

export interface ShapeNode {
  name: string
  needs: readonly string[]
  /** The group it stands in, `a` or `a.b`: what stands in one is drawn in one frame. */
  group?: string
  /** It stands for many, or asks something: its second line needs room. */
  fanOut?: object
  approval?: object
  /** `final`: it comes after all others, whatever its needs. */
  part?: string
}

export interface Point {
  x: number
  y: number
}

export interface Box extends Point {
  name: string
  /** What is written on it: in a frame, the name without that of its group. */
  label: string
  /** Of its column: the tasks of one layer are equally wide. */
  width: number
}

export interface Edge {
  from: string
  to: string
  /** From the right side of `from` to the left side of `to`. */
  points: readonly Point[]
}

/** Around what stands in a group. */
export interface Frame extends Point {
  group: string
  width: number
  height: number
}

export interface Layout {
  width: number
  height: number
  boxes: readonly Box[]
  edges: readonly Edge[]
  /** Outer ones first; none in a graph too large for them. */
  frames: readonly Frame[]
}

/** Of a frame: the line with its name. */
export const frameHead = 20
export const framePad = 10

export const nodeHeight = 46
export const layerGap = 24
export const nodeGap = 16

/** Those that stand in the last column: final ones that nothing comes after. */
export function lastOnes(nodes: readonly ShapeNode[]): ReadonlySet<string> {
  const needed = new Set(nodes.flatMap((node) => node.needs))
  return new Set(
    nodes.filter(({ name, part }) => part === 'final' && !needed.has(name)).map(({ name }) => name),
  )
}

/** `isFramed`: its groups are drawn around it. */
export function labelOf({ name, group }: ShapeNode, isFramed: boolean): string {
  const plain = name.startsWith('[') ? name.slice(1, -1) : name
  return isFramed && group !== undefined ? plain.slice(group.length + 1) : plain
}

export function isWide({ name, fanOut, approval }: ShapeNode): boolean {
  return fanOut !== undefined || approval !== undefined || name.startsWith('[')
}

/** Equal keys, equal layouts. */
export function shapeKey(nodes: readonly ShapeNode[]): string {
  return nodes
    .map(
      (node) =>
        `${node.name}@${node.group ?? ''}:${isWide(node)}${node.part === 'final'}<${node.needs.join(',')}`,
    )
    .join(';')
}

/** Needs that name no node are left out: a half-written file still draws. */
export function edgesOf(nodes: readonly ShapeNode[]): { from: string; to: string }[] {
  const known = new Set(nodes.map((node) => node.name))
  return nodes.flatMap((node) =>
    [...new Set(node.needs)]
      .filter((need) => known.has(need) && need !== node.name)
      .map((need) => ({ from: need, to: node.name })),
  )
}
