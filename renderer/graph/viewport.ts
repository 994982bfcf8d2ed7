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
const fitPadding = 20
/** Below it names are hard to read: what does not fit at this size is panned, not squeezed. */
export const readableScale = 0.84

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

/** How a drawing opens: whole where that is readable, else at a readable size with `focus` in sight. */
export function openAt(world: Size, screen: Size, focus: Rect | null): Viewport {
  const whole = fit(world, screen)
  if (whole.scale >= readableScale) return whole
  const scale = readableScale
  const { x = 0, y = world.height / 2, width = 0, height = 0 } = focus ?? {}
  return {
    scale,
    dx: startOf(world.width * scale, screen.width, (x + width / 2) * scale),
    dy: startOf(world.height * scale, screen.height, (y + height / 2) * scale),
  }
}

// As near to the middle as leaves no empty margin on either side.
function startOf(length: number, room: number, focus: number): number {
  if (length + 2 * fitPadding <= room) return (room - length) / 2
  return clamp(room / 2 - focus, room - fitPadding - length, fitPadding)
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
  const margin = 16
  if (start < margin) return margin - start
  if (start + length > room - margin) return room - margin - (start + length)
  return 0
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
