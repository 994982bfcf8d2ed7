// Draws a laid-out graph on a 2D canvas. Only what is on the screen; less of each node the smaller it is.
import type { Look } from '../ui/state-look.ts'
import type { Colours } from './graph-colours.ts'
import { nodeHeight, type Box, type Edge } from './layout.ts'
import { paintFrames, paintParts, paintStack, paintTag } from './paint-groups.ts'
import { nameLeft } from './name-width.ts'
import type { Scene } from './scene.ts'

/** Below it a node says its name only. */
const farScaleMax = 0.74
const nameScreenPx = 10.5
const textScaleMin = 0.42
const iconScaleMin = 0.16
const radius = 7

/** True when something on the screen moves, so another frame is wanted. */
export function paint(pen: CanvasRenderingContext2D, scene: Scene): boolean {
  const { view, screen, layout } = scene
  pen.clearRect(0, 0, screen.width, screen.height)
  pen.save()
  pen.translate(view.dx, view.dy)
  pen.scale(view.scale, view.scale)
  const seen = {
    left: -view.dx / view.scale,
    top: -view.dy / view.scale,
    right: (screen.width - view.dx) / view.scale,
    bottom: (screen.height - view.dy) / view.scale,
  }
  paintFrames(pen, scene)
  paintEdges(pen, scene, seen)
  const boxes = layout.boxes.filter(
    (box) =>
      box.x <= seen.right &&
      box.x + box.width >= seen.left &&
      box.y <= seen.bottom &&
      box.y + nodeHeight >= seen.top,
  )
  let moves = false
  if (view.scale < iconScaleMin) paintFar(pen, scene, boxes)
  else for (const box of boxes) moves = paintNode(pen, scene, box) || moves
  pen.restore()
  return moves
}

// Thousands of nodes a few pixels wide: one path per look instead of one per node.
function paintFar(pen: CanvasRenderingContext2D, scene: Scene, boxes: readonly Box[]): void {
  const { colours, view } = scene
  const groups = new Map<Look, Box[]>()
  let chosen: Box | null = null
  for (const box of boxes) {
    if (box.name === scene.chosen) chosen = box
    const { look } = scene.lookOf(box.name)
    const group = groups.get(look)
    if (group === undefined) groups.set(look, [box])
    else group.push(box)
  }
  for (const [look, group] of groups) {
    pen.beginPath()
    for (const box of group) pen.rect(box.x, box.y, box.width, nodeHeight)
    pen.fillStyle = nodeFill(colours, look, false, false, true)
    pen.fill()
    pen.lineWidth = 0.8 / view.scale
    pen.strokeStyle = borderOf(colours, look)
    pen.stroke()
  }
  if (chosen === null) return
  pen.strokeStyle = colours.accent
  pen.lineWidth = 2.5 / view.scale
  pen.strokeRect(chosen.x, chosen.y, chosen.width, nodeHeight)
}

interface Seen {
  left: number
  top: number
  right: number
  bottom: number
}

function paintEdges(pen: CanvasRenderingContext2D, scene: Scene, seen: Seen): void {
  const { colours, view, chosen, near } = scene
  const thin = Math.max(1.2, 0.7 / view.scale)
  const far = view.scale < iconScaleMin
  const live: Edge[] = []
  const held: Edge[] = []
  const beside: Edge[] = []
  pen.beginPath()
  for (const edge of scene.layout.edges) {
    if (!crosses(edge, seen)) continue
    if (chosen !== null && (edge.from === chosen || edge.to === chosen)) {
      beside.push(edge)
      continue
    }
    const to = scene.lookOf(edge.to).look
    if (to.disc === 'arc') live.push(edge)
    else if (to.weight === 'muted') held.push(edge)
    else trace(pen, edge, far)
  }
  pen.lineWidth = thin
  pen.strokeStyle = colours.lineStrong
  pen.globalAlpha = chosen !== null && near.size > 0 ? 0.7 : 1
  pen.stroke()
  pen.globalAlpha = 1
  pen.setLineDash([2, 5])
  strokeAll(pen, held, colours.tone.quiet, thin, 0.8)
  pen.setLineDash([5, 5])
  pen.lineDashOffset = -(scene.clock / 60) % 10
  strokeAll(pen, live, colours.tone.live, thin * 1.3, 0.9)
  pen.setLineDash([])
  strokeAll(pen, beside, colours.accent, thin * 1.5, 0.9)
}

function strokeAll(
  pen: CanvasRenderingContext2D,
  edges: readonly Edge[],
  colour: string,
  width: number,
  alpha: number,
): void {
  if (edges.length === 0) return
  pen.beginPath()
  for (const edge of edges) trace(pen, edge, false)
  pen.globalAlpha = alpha
  pen.strokeStyle = colour
  pen.lineWidth = width
  pen.stroke()
  pen.globalAlpha = 1
}

function crosses(edge: Edge, seen: Seen): boolean {
  const first = edge.points[0]
  const last = edge.points.at(-1)
  if (first === undefined || last === undefined) return false
  if (last.x < seen.left || first.x > seen.right) return false
  let top = Infinity
  let bottom = -Infinity
  for (const point of edge.points) {
    if (point.y < top) top = point.y
    if (point.y > bottom) bottom = point.y
  }
  return bottom >= seen.top && top <= seen.bottom
}

// Level at each end and each bend: lines flow, and never kink. Far out nobody sees that, and straight ones cost a tenth.
function trace(pen: CanvasRenderingContext2D, edge: Edge, far: boolean): void {
  let before = edge.points[0]
  if (before === undefined) return
  pen.moveTo(before.x, before.y)
  for (const point of edge.points.slice(1)) {
    const middle = (before.x + point.x) / 2
    if (far || Math.abs(before.y - point.y) < 0.5) pen.lineTo(point.x, point.y)
    else pen.bezierCurveTo(middle, before.y, middle, point.y, point.x, point.y)
    before = point
  }
}

function paintChosen(pen: CanvasRenderingContext2D, { colours, view }: Scene, box: Box): void {
  const width = Math.max(2, 1.6 / view.scale)
  const out = width / 2 + 2.5
  pen.beginPath()
  pen.roundRect(box.x - out, box.y - out, box.width + 2 * out, nodeHeight + 2 * out, radius + out)
  pen.lineWidth = width
  pen.strokeStyle = colours.accent
  pen.stroke()
}

function paintNode(pen: CanvasRenderingContext2D, scene: Scene, box: Box): boolean {
  const { colours, view } = scene
  const { look } = scene.lookOf(box.name)
  const isChosen = scene.chosen === box.name
  const isHovered = scene.hovered === box.name
  const tone = colours.tone[look.tone]
  const small = view.scale < textScaleMin
  const { parts, tag } = scene.lookOf(box.name)

  if (parts !== undefined) paintStack(pen, scene, box, radius)
  pen.beginPath()
  pen.roundRect(box.x, box.y, box.width, nodeHeight, radius)
  pen.fillStyle = nodeFill(colours, look, isChosen, isHovered, small)
  pen.fill()
  const strong = look.weight === 'strong'
  pen.lineWidth = Math.max(strong ? 2 : 1, (strong ? 1.6 : 0.8) / view.scale)
  pen.strokeStyle = borderOf(colours, look)
  if (look.disc === 'dashed' && look.tone === 'quiet') pen.setLineDash([4, 3])
  pen.stroke()
  pen.setLineDash([])
  if (parts !== undefined) paintParts(pen, scene, { ...box, radius, parts })
  // Around the node: its own border still says its state.
  if (isChosen) paintChosen(pen, scene, box)

  const iconSize = small ? 30 : 16
  paintIcon(pen, look, {
    x: box.x + 8,
    y: box.y + (nodeHeight - iconSize) / 2,
    size: iconSize,
    tone,
    ground: colours.surface,
    turn: look.disc === 'arc' ? (scene.clock / 1600) * Math.PI * 2 : 0,
  })
  if (small) return look.disc === 'arc'

  paintWords(pen, scene, box)
  if (tag !== undefined && view.scale >= farScaleMax) paintTag(pen, scene, box, tag)
  return look.disc === 'arc'
}

// Far out the name grows against the drawing, alone on its node: it stays readable twice as long.
function paintWords(pen: CanvasRenderingContext2D, scene: Scene, box: Box): void {
  const { colours, view } = scene
  const { look, detail, attempts } = scene.lookOf(box.name)
  const far = view.scale < farScaleMax
  const left = box.x + nameLeft
  const room = box.width - nameLeft - 6
  const tail = attempts > 1 ? `×${attempts}` : ''
  pen.fillStyle = look.weight === 'muted' ? colours.textFaint : colours.text
  if (far) {
    const font = `560 ${Math.min(20, nameScreenPx / view.scale).toFixed(1)}px ${colours.fontUi}`
    pen.font = font
    pen.textBaseline = 'middle'
    pen.fillText(cut(pen, font, box.label, room), left, box.y + nodeHeight / 2 + 1)
    return
  }
  pen.textBaseline = 'alphabetic'
  const nameFont = `600 12.5px ${colours.fontUi}`
  pen.font = nameFont
  pen.fillText(cut(pen, nameFont, box.label, room), left, box.y + 20)
  const detailFont = `450 11px ${colours.fontUi}`
  pen.font = detailFont
  const tailWidth = tail === '' ? 0 : pen.measureText(tail).width + 8
  pen.fillStyle = colours.textFaint
  pen.fillText(cut(pen, detailFont, detail(), room - tailWidth), left, box.y + 35)
  if (tail === '') return
  pen.fillStyle = colours.tone.warn
  pen.textAlign = 'right'
  pen.fillText(tail, box.x + box.width - 10, box.y + 35)
  pen.textAlign = 'left'
}

function nodeFill(
  colours: Colours,
  look: Look,
  isChosen: boolean,
  isHovered: boolean,
  small: boolean,
): string {
  if (small && look.disc === 'filled') return colours.soft[look.tone]
  if (look.tone === 'bad' && look.disc === 'filled') return colours.soft.bad
  if (isChosen) return colours.chosen
  return isHovered ? colours.hover : colours.surface
}

function borderOf(colours: Colours, look: Look): string {
  if (look.tone === 'good' || look.tone === 'quiet') return colours.lineStrong
  return colours.tone[look.tone]
}

interface IconPlace {
  x: number
  y: number
  size: number
  tone: string
  ground: string
  turn: number
}

const marks = new Map<string, Path2D>()
function markOf(path: string): Path2D {
  let made = marks.get(path)
  if (made === undefined) marks.set(path, (made = new Path2D(path)))
  return made
}

/** The same drawing as StateIcon's, on a canvas. */
function paintIcon(pen: CanvasRenderingContext2D, look: Look, place: IconPlace): void {
  pen.save()
  pen.translate(place.x, place.y)
  pen.scale(place.size / 16, place.size / 16)
  pen.lineWidth = 1.5
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.strokeStyle = place.tone
  pen.fillStyle = place.tone
  pen.beginPath()
  if (look.disc === 'filled') {
    pen.arc(8, 8, 7, 0, Math.PI * 2)
    pen.fill()
    pen.strokeStyle = place.ground
  } else if (look.disc === 'arc') {
    pen.arc(8, 8, 6.25, place.turn, place.turn + Math.PI * 1.45)
    pen.stroke()
  } else {
    if (look.disc === 'dashed') pen.setLineDash([2.4, 2.5])
    pen.arc(8, 8, 6.25, 0, Math.PI * 2)
    pen.stroke()
    pen.setLineDash([])
  }
  if (look.mark !== '') {
    if (look.disc === 'arc') pen.fill(markOf(look.mark))
    pen.stroke(markOf(look.mark))
  }
  pen.restore()
}

interface Cut {
  width: number
  fitted: string
}

const cutsByFont = new Map<string, Map<string, Cut>>()
const cutsMax = 20_000
const fontsMax = 12

/** `font` is the pen's: to read it back from the pen costs more than the drawing. */
function cut(pen: CanvasRenderingContext2D, font: string, text: string, width: number): string {
  let cuts = cutsByFont.get(font)
  if (cuts === undefined) {
    if (cutsByFont.size >= fontsMax) cutsByFont.clear()
    cutsByFont.set(font, (cuts = new Map()))
  }
  const known = cuts.get(text)
  if (known?.width === width) return known.fitted
  const fitted = fitText(pen, text, width)
  if (cuts.size > cutsMax) cuts.clear()
  cuts.set(text, { width, fitted })
  return fitted
}

function fitText(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (pen.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle
    else high = middle - 1
  }
  return `${text.slice(0, low)}…`
}
