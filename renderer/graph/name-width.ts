// How wide a node must be for its name. Estimated, not measured: a layout is the same with and without a canvas.
import { isWide, labelOf, type ShapeNode } from './layout.ts'

// Advances of Inter at 12.5 px, weight 600; what is not listed is as wide as a usual letter.
const advances: Readonly<Record<string, number>> = Object.fromEntries(
  (
    [
      ["ijlI.:,;|!'()[] ", 4],
      ['frt1', 5.2],
      ['_-', 5.9],
      ['mw', 11.2],
      ['MW@', 12.8],
      ['ABCDEFGHJKLNOPQRSTUVXYZ', 9.2],
      ['0234567890', 8.2],
    ] as const
  ).flatMap(([letters, width]) => letters.split('').map((letter) => [letter, width])),
)
const usualPx = 7.5

/** The icon and the space around a name. */
export const nameLeft = 29
const nameRight = 9
/** Room for `edge · exit 65` on the second line. */
export const nodeWidthMin = 110
/** 24 letters of any name fit; a longer one is cut, and whole in its tool tip. */
export const nodeWidthMax = 236

/** Room for `9,998 of 10,000, 2 failed` there. */
const wideWidthMin = 168

export function widthOfNode(node: ShapeNode, isFramed: boolean): number {
  const width = widthOf(labelOf(node, isFramed))
  return isWide(node) ? Math.max(width, wideWidthMin) : width
}

export function widthOf(name: string): number {
  let text = 0
  for (const letter of name) text += advances[letter] ?? usualPx
  return Math.ceil(Math.min(Math.max(nameLeft + text + nameRight, nodeWidthMin), nodeWidthMax))
}
