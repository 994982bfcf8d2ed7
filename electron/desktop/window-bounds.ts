// Where a window opens again: where it was, unless the display that it was on is gone.

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export const sizeMin = { width: 720, height: 480 }
const sizeDefault = { width: 1360, height: 860 }

/** So much of the title bar must be in reach of a pointer. */
const grabbable = { width: 120, height: 32 }

/** `workAreas`: of all displays, the primary one first. Without `x` and `y` the system centres the window. */
export function fitBounds(
  saved: Bounds | null,
  workAreas: readonly Bounds[],
): { x?: number; y?: number; width: number; height: number } {
  const primary = workAreas[0]
  if (saved === null) return sizeWithin(sizeDefault, primary)
  const home = workAreas.find((area) => holdsTitleBar(area, saved))
  if (home === undefined) return sizeWithin(saved, primary)
  return { x: saved.x, y: saved.y, ...sizeWithin(saved, home) }
}

function holdsTitleBar(area: Bounds, window: Bounds): boolean {
  const left = Math.max(area.x, window.x)
  const right = Math.min(area.x + area.width, window.x + window.width)
  const topInside = window.y >= area.y && window.y + grabbable.height <= area.y + area.height
  return topInside && right - left >= grabbable.width
}

function sizeWithin(
  size: { width: number; height: number },
  area: Bounds | undefined,
): { width: number; height: number } {
  const widthMax = area?.width ?? size.width
  const heightMax = area?.height ?? size.height
  return {
    width: Math.min(Math.max(size.width, sizeMin.width), widthMax),
    height: Math.min(Math.max(size.height, sizeMin.height), heightMax),
  }
}
