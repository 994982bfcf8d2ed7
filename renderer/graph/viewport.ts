// Which part of a drawing is seen, and how large. Pure: screen x = world x * scale + dx.
export interface Viewport {
  scale: number
  dx: number
  dy: number
}

export interface Size {
  width: number
  height: number
}

export interface Rect extends Size {
  x: number
  y: number
}

export const scaleMin = 0.04
export const scaleMax = 2.5
const fitPadding = 28

/** All of it in the middle, never larger than life. */
export function fit(world: Size, screen: Size): Viewport {
  const scale = clamp(
    Math.min(
      (screen.width - 2 * fitPadding) / Math.max(world.width, 1),
      (screen.height - 2 * fitPadding) / Math.max(world.height, 1),
      1,
    ),
    scaleMin,
    scaleMax,
  )
  return {
    scale,
    dx: (screen.width - world.width * scale) / 2,
    dy: (screen.height - world.height * scale) / 2,
  }
}

/** The point of the world under (x, y) of the screen stays there. */
export function zoomAt(view: Viewport, factor: number, x: number, y: number): Viewport {
  const scale = clamp(view.scale * factor, scaleMin, scaleMax)
  const change = scale / view.scale
  return { scale, dx: x - (x - view.dx) * change, dy: y - (y - view.dy) * change }
}

/** The smallest move that brings `rect` onto the screen. */
export function reveal(view: Viewport, rect: Rect, screen: Size): Viewport {
  return {
    ...view,
    dx: view.dx + shift(rect.x * view.scale + view.dx, rect.width * view.scale, screen.width),
    dy: view.dy + shift(rect.y * view.scale + view.dy, rect.height * view.scale, screen.height),
  }
}

function shift(start: number, length: number, room: number): number {
  const margin = 24
  if (start < margin) return margin - start
  if (start + length > room - margin) return room - margin - (start + length)
  return 0
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
