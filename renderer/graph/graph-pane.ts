// A graph on a canvas: pan, zoom, hover, choose. Knows no runs; whoever holds it says how each node looks.
import { readColours } from './graph-colours.ts'
import { frameHead, nodeHeight, type Box, type Layout } from './layout.ts'
import { paint } from './paint.ts'
import type { NodeLook } from './scene.ts'
import { fit, openAt, reveal, zoomAt, type Rect, type Size, type Viewport } from './viewport.ts'

export interface GraphPane {
  show(layout: Layout): void
  /** Something about the nodes' looks changed: paint, never lay out. */
  refresh(): void
  choose(name: string | null): void
  /** The task that matters most at the moment: a drawing too large to be seen whole opens there. */
  focus(name: string | null): void
  /** Where a node is on the screen; null when there is none of that name. */
  placeOf(name: string): Rect | null
  fit(): void
  zoom(factor: number): void
  pan(dx: number, dy: number): void
  close(): void
}

export interface GraphPaneOptions {
  lookOf: (name: string) => NodeLook
  onChoose: (name: string | null) => void
  /** A group, folded or not, was pressed: `[a]`. */
  onFold: (name: string) => void
  /** After each paint: an overlay follows its node. */
  onPaint: () => void
}

// Slow spinners need no more, and the log pane beside us needs the rest.
const motionFrameMs = 33
const clickSlackPx = 4

export function openGraphPane(canvas: HTMLCanvasElement, options: GraphPaneOptions): GraphPane {
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const ending = new AbortController()
  const { signal } = ending

  let layout: Layout = { width: 0, height: 0, boxes: [], edges: [], frames: [] }
  let boxByName = new Map<string, Box>()
  let besideByName = new Map<string, Set<string>>()
  let view: Viewport = { scale: 1, dx: 0, dy: 0 }
  let screen: Size = { width: 0, height: 0 }
  let colours = readColours()
  let chosen: string | null = null
  let hovered: string | null = null
  let focused: string | null = null
  // Until a hand moves it, the drawing goes with the pane's size.
  let handled = false
  let frame: number | null = null
  let timer: ReturnType<typeof setTimeout> | null = null

  function refresh(): void {
    if (frame !== null || signal.aborted) return
    frame = requestAnimationFrame(draw)
  }

  function draw(clock: number): void {
    frame = null
    if (screen.width === 0) return
    const moves = paint(pen, {
      layout,
      lookOf: options.lookOf,
      view,
      screen,
      colours,
      chosen,
      hovered,
      near: (chosen !== null && besideByName.get(chosen)) || new Set(),
      clock: still.matches ? 0 : clock,
    })
    options.onPaint()
    if (!moves || still.matches || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      refresh()
    }, motionFrameMs)
  }

  function resize(): void {
    const { width, height } = canvas.getBoundingClientRect()
    const ratio = devicePixelRatio
    screen = { width, height }
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    if (!handled) view = openView()
    // A canvas that changes its size is blank until it is drawn: at once, or it flickers.
    if (frame !== null) cancelAnimationFrame(frame)
    draw(performance.now())
  }

  function move(next: Viewport): void {
    handled = true
    view = next
    refresh()
  }

  function nodeAt(x: number, y: number): string | null {
    const worldX = (x - view.dx) / view.scale
    const worldY = (y - view.dy) / view.scale
    for (const box of layout.boxes) {
      if (worldX < box.x || worldX > box.x + box.width) continue
      if (worldY >= box.y && worldY <= box.y + nodeHeight) return box.name
    }
    // The inner ones come later, and lie above.
    const frame = layout.frames.findLast(
      (each) =>
        worldX >= each.x &&
        worldX <= each.x + each.width &&
        worldY >= each.y &&
        worldY <= each.y + frameHead,
    )
    return frame === undefined ? null : `[${frame.group}]`
  }

  function onWheel(event: WheelEvent): void {
    event.preventDefault()
    // A mouse wheel comes in big whole steps; two fingers on a pad come in small ones and pan.
    const byMouse = event.deltaMode !== 0 || (event.deltaX === 0 && Math.abs(event.deltaY) >= 80)
    if (event.ctrlKey || event.metaKey || byMouse) {
      const speed = byMouse ? 0.0018 : 0.01
      move(zoomAt(view, Math.exp(-event.deltaY * speed), event.offsetX, event.offsetY))
    } else move({ ...view, dx: view.dx - event.deltaX, dy: view.dy - event.deltaY })
  }

  function onPointerDown(down: PointerEvent): void {
    if (down.button !== 0 && down.button !== 1) return
    canvas.setPointerCapture(down.pointerId)
    const from = view
    let dragged = false
    const drag = new AbortController()
    const on = { signal: AbortSignal.any([signal, drag.signal]) }
    canvas.addEventListener(
      'pointermove',
      (event) => {
        const dx = event.clientX - down.clientX
        const dy = event.clientY - down.clientY
        dragged ||= Math.hypot(dx, dy) > clickSlackPx
        if (dragged) move({ ...from, dx: from.dx + dx, dy: from.dy + dy })
      },
      on,
    )
    const end = () => {
      drag.abort()
      if (dragged) return
      const name = nodeAt(down.offsetX, down.offsetY)
      if (name?.startsWith('[') === true) options.onFold(name)
      else options.onChoose(name)
    }
    canvas.addEventListener('pointerup', end, on)
    canvas.addEventListener('pointercancel', () => drag.abort(), on)
  }

  function onPointerMove(event: PointerEvent): void {
    const name = event.buttons === 0 ? nodeAt(event.offsetX, event.offsetY) : hovered
    canvas.style.cursor = event.buttons !== 0 ? 'grabbing' : name === null ? 'grab' : 'pointer'
    if (name === hovered) return
    hovered = name
    canvas.title = titleOf(name)
    refresh()
  }

  const sizes = new ResizeObserver(resize)
  sizes.observe(canvas)
  const themes = new MutationObserver(() => {
    colours = readColours()
    refresh()
  })
  themes.observe(document.documentElement, { attributeFilter: ['data-mantine-color-scheme'] })
  canvas.addEventListener('wheel', onWheel, { passive: false, signal })
  canvas.addEventListener('pointerdown', onPointerDown, { signal })
  canvas.addEventListener('pointermove', onPointerMove, { signal })
  canvas.addEventListener('dblclick', fitAll, { signal })
  still.addEventListener('change', refresh, { signal })
  void document.fonts.ready.then(refresh)

  function fitAll(): void {
    move(fit(layout, screen))
  }

  function openView(): Viewport {
    const box = boxByName.get(chosen ?? focused ?? '') ?? layout.boxes[0]
    return openAt(layout, screen, box === undefined ? null : rectOf(box))
  }

  function bringIn(name: string | null): void {
    const box = name === null ? undefined : boxByName.get(name)
    if (box !== undefined && screen.width > 0) view = reveal(view, rectOf(box), screen)
    refresh()
  }

  return {
    show(next) {
      layout = next
      boxByName = new Map(next.boxes.map((box) => [box.name, box]))
      besideByName = new Map(next.boxes.map((box) => [box.name, new Set()]))
      for (const { from, to } of next.edges) {
        besideByName.get(from)?.add(to)
        besideByName.get(to)?.add(from)
      }
      handled = false
      view = openView()
      refresh()
    },
    refresh,
    choose(name) {
      if (name === chosen) return
      chosen = name
      bringIn(name)
    },
    focus(name) {
      if (name === focused) return
      focused = name
      // A person who has moved the drawing, or chosen a task, looks at what they want to look at.
      if (!handled && chosen === null) bringIn(name)
    },
    placeOf(name) {
      const box = boxByName.get(name)
      if (box === undefined) return null
      return {
        x: box.x * view.scale + view.dx,
        y: box.y * view.scale + view.dy,
        width: box.width * view.scale,
        height: nodeHeight * view.scale,
      }
    },
    fit: fitAll,
    zoom: (factor) => move(zoomAt(view, factor, screen.width / 2, screen.height / 2)),
    pan: (dx, dy) => move({ ...view, dx: view.dx + dx, dy: view.dy + dy }),
    close() {
      ending.abort()
      sizes.disconnect()
      themes.disconnect()
      if (frame !== null) cancelAnimationFrame(frame)
      if (timer !== null) clearTimeout(timer)
    },
  }
}

function titleOf(name: string | null): string {
  if (name === null) return ''
  return name.startsWith('[') ? `Group ${name.slice(1, -1)}` : name
}

function rectOf({ x, y, width }: Box): Rect {
  return { x, y, width, height: nodeHeight }
}
