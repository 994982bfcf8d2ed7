// Draws what stands for many: frames of groups, nodes of fan-outs and folded groups, and the words on a node's edge.
import { frameHead, nodeHeight, type Box } from './layout.ts'
import type { NodeLook, Scene } from './scene.ts'

type Pen = CanvasRenderingContext2D

const frameRadius = 9
const stackPx = 4
const stripHeight = 4
const tagHeight = 15

/** Behind everything. Its name stays readable as long as those of the tasks. */
export function paintFrames(pen: Pen, { layout, colours, view, hovered }: Scene): void {
  for (const frame of layout.frames) {
    pen.beginPath()
    pen.roundRect(frame.x, frame.y, frame.width, frame.height, frameRadius)
    pen.fillStyle = colours.sunken
    pen.fill()
    pen.lineWidth = Math.max(1, 0.8 / view.scale)
    pen.strokeStyle = hovered === `[${frame.group}]` ? colours.accent : colours.line
    pen.stroke()
    if (view.scale < 0.42) continue
    pen.font = `560 ${Math.min(15, Math.max(11, 10 / view.scale)).toFixed(1)}px ${colours.fontUi}`
    pen.textBaseline = 'middle'
    pen.fillStyle = colours.textSoft
    const middle = frame.y + frameHead / 2 + 2
    drawFold(pen, frame.x + 13, middle)
    pen.fillText(lastOf(frame.group), frame.x + 22, middle, frame.width - 30)
  }
}

// A small mark that points down: what is open can be folded.
function drawFold(pen: Pen, x: number, y: number): void {
  pen.beginPath()
  pen.moveTo(x - 3, y - 1.5)
  pen.lineTo(x, y + 1.8)
  pen.lineTo(x + 3, y - 1.5)
  pen.lineWidth = 1.3
  pen.strokeStyle = pen.fillStyle
  pen.stroke()
}

/** More sheets below: many in one. */
export function paintStack(pen: Pen, { colours, view }: Scene, box: Box, radius: number): void {
  pen.lineWidth = Math.max(1, 0.8 / view.scale)
  for (const step of [stackPx, stackPx / 2]) {
    pen.beginPath()
    pen.roundRect(box.x + step, box.y + step, box.width, nodeHeight, radius)
    pen.fillStyle = colours.surface
    pen.fill()
    pen.strokeStyle = colours.lineStrong
    pen.stroke()
  }
}

interface Strip extends Box {
  radius: number
  parts: NonNullable<NodeLook['parts']>
}

export function paintParts(pen: Pen, { colours }: Scene, strip: Strip): void {
  pen.save()
  pen.beginPath()
  pen.roundRect(strip.x, strip.y, strip.width, nodeHeight, strip.radius)
  pen.clip()
  let { x } = strip
  for (const { tone, share } of strip.parts) {
    const width = share * strip.width
    pen.fillStyle = colours.tone[tone]
    pen.fillRect(x, strip.y + nodeHeight - stripHeight, width, stripHeight)
    x += width
  }
  pen.restore()
}

/** On the upper edge, at the right. */
export function paintTag(pen: Pen, { colours }: Scene, box: Box, tag: string): void {
  pen.font = `560 10px ${colours.fontUi}`
  pen.textBaseline = 'middle'
  const words = fitTag(pen, tag, box.width - 28)
  const width = pen.measureText(words).width + 11
  const left = box.x + box.width - width - 8
  pen.beginPath()
  pen.roundRect(left, box.y - tagHeight / 2, width, tagHeight, tagHeight / 2)
  pen.fillStyle = colours.surface
  pen.fill()
  pen.lineWidth = 1
  pen.strokeStyle = colours.lineStrong
  pen.stroke()
  pen.fillStyle = colours.textSoft
  pen.fillText(words, left + 5.5, box.y + 0.5)
}

// Few nodes have one, and most are short.
function fitTag(pen: Pen, tag: string, room: number): string {
  if (pen.measureText(tag).width <= room) return tag
  let length = tag.length - 1
  while (length > 1 && pen.measureText(`${tag.slice(0, length)}…`).width > room) length -= 1
  return `${tag.slice(0, length)}…`
}

function lastOf(group: string): string {
  return group.slice(group.lastIndexOf('.') + 1)
}
