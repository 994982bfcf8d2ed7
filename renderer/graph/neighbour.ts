// Which task an arrow key goes to from another one: along edges first, else the nearest box that way.
import type { Box, Layout } from './layout.ts'

export type Way = 'left' | 'right' | 'up' | 'down'

export function neighbour(layout: Layout, from: string | null, way: Way): string | null {
  if (layout.boxes.length === 0) return null
  const start = layout.boxes.find((box) => box.name === from)
  if (start === undefined) return firstOf(layout.boxes).name
  const beside = new Set(
    way === 'right'
      ? layout.edges.flatMap((edge) => (edge.from === start.name ? [edge.to] : []))
      : way === 'left'
        ? layout.edges.flatMap((edge) => (edge.to === start.name ? [edge.from] : []))
        : [],
  )
  const ahead = layout.boxes.filter((box) => {
    if (box === start) return false
    if (beside.size > 0) return beside.has(box.name)
    return isAhead(start, box, way)
  })
  if (ahead.length === 0) return null
  return ahead.reduce((best, box) =>
    distance(start, box, way) < distance(start, best, way) ? box : best,
  ).name
}

function isAhead(from: Box, to: Box, way: Way): boolean {
  switch (way) {
    case 'left':
      return to.x < from.x
    case 'right':
      return to.x > from.x
    case 'up':
      return to.y < from.y
    case 'down':
      return to.y > from.y
  }
}

// Going sideways, a step off the line costs more than a step along it.
function distance(from: Box, to: Box, way: Way): number {
  const dx = Math.abs(from.x - to.x)
  const dy = Math.abs(from.y - to.y)
  return way === 'left' || way === 'right' ? dx + 2 * dy : dy + 3 * dx
}

function firstOf(boxes: readonly Box[]): Box {
  return boxes.reduce((first, box) =>
    box.x < first.x || (box.x === first.x && box.y < first.y) ? box : first,
  )
}
