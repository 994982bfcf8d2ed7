import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { Tool } from '../ui/Tool.tsx'
import { beginsFolded, foldGroups, groupsOf } from './fold-groups.ts'
import { useFolds } from './use-folds.ts'
import { openGraphPane, type GraphPane } from './graph-pane.ts'
import { keptLayout, layOut } from './lay-out.ts'
import { shapeKey, type Layout, type ShapeNode } from './layout.ts'
import { neighbour, type Way } from './neighbour.ts'
import type { NodeLook } from './scene.ts'
import css from './GraphView.module.css'

interface Props {
  nodes: readonly ShapeNode[]
  lookOf: (name: string) => NodeLook
  chosen: string | null
  /** Where a graph too large to be seen whole opens. */
  focus?: string | null
  onChoose: (name: string | null) => void
  /** Calls back whenever looks have changed; gives its undo. */
  onLooks: (listener: () => void) => () => void
  label: string
  /** What the folding of its groups is kept by as long as the page is open: a look at another tab must not undo it. */
  keepAs: string
}

const ways: Record<string, Way> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}
const panStep = 80

/** The DAG: canvas, a focus ring in the DOM above it, and a list for screen readers. */
export function GraphView(props: Props) {
  const { nodes, lookOf, chosen, focus = null, onChoose, onLooks, label, keepAs } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const ring = useRef<HTMLDivElement>(null)
  const pane = useRef<GraphPane | null>(null)
  const groups = useMemo(() => groupsOf(nodes), [nodes])
  const [folded, setFolded] = useFolds(keepAs, () => new Set(beginsFolded(nodes) ? groups : []))
  const shape = useMemo(() => foldGroups(nodes, folded), [nodes, folded])
  const layout = useLayout(shape)
  // A folded group has no address of its own: the keys stand on it, and the page knows nothing of it.
  const [group, setGroup] = useState<string | null>(null)
  const standsFor = useMemo(
    () => (chosen === null ? null : shownFor(nodes, folded, chosen)),
    [nodes, folded, chosen],
  )
  const marked = group ?? standsFor
  function choose(name: string | null): void {
    const isGroup = name?.startsWith('[') === true
    setGroup(isGroup ? name : null)
    onChoose(isGroup ? null : name)
  }
  function fold(name: string): void {
    const next = new Set(folded)
    if (!next.delete(name.slice(1, -1))) next.add(name.slice(1, -1))
    setFolded(next)
    setGroup(next.has(name.slice(1, -1)) ? name : null)
  }
  // The pane outlives renders; it asks for the present ones.
  const latest = useRef({ lookOf, choose, fold, marked })
  useLayoutEffect(() => {
    latest.current = { lookOf, choose, fold, marked }
  })

  useEffect(() => {
    const opened = openGraphPane(canvas.current as HTMLCanvasElement, {
      lookOf: (name) => latest.current.lookOf(name),
      onChoose: (name) => latest.current.choose(name),
      onFold: (name) => latest.current.fold(name),
      onPaint: () => placeRing(ring.current, opened, latest.current.marked),
    })
    pane.current = opened
    return () => opened.close()
  }, [])
  useEffect(() => onLooks(() => pane.current?.refresh()), [onLooks])
  // Before the layout: it opens where the focus is.
  useEffect(() => pane.current?.focus(focus), [focus])
  useEffect(() => {
    if (layout !== null) pane.current?.show(layout)
  }, [layout])
  useEffect(() => pane.current?.choose(marked), [marked, layout])

  function onKeyDown(event: KeyboardEvent): void {
    const way = ways[event.key]
    if (way !== undefined && layout !== null && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      if (event.shiftKey) {
        const sign = way === 'left' || way === 'up' ? panStep : -panStep
        if (way === 'left' || way === 'right') pane.current?.pan(sign, 0)
        else pane.current?.pan(0, sign)
      } else choose(neighbour(layout, marked, way) ?? marked)
    } else if ((event.key === 'Enter' || event.key === ' ') && group !== null) {
      event.preventDefault()
      fold(group)
    } else if (event.key === 'c' && standsFor !== null) {
      const around = nodes.find((node) => node.name === chosen)?.group
      if (around !== undefined) fold(`[${around}]`)
    } else if (event.key === '+' || event.key === '=') pane.current?.zoom(1.25)
    else if (event.key === '-') pane.current?.zoom(0.8)
    else if (event.key === '0') pane.current?.fit()
    else if (event.key === 'Escape') choose(null)
  }

  return (
    <div className={css['graph']}>
      <canvas
        ref={canvas}
        className={css['canvas']}
        tabIndex={0}
        role="application"
        aria-label={`${label}. Arrow keys go from task to task, plus and minus zoom, 0 fits.`}
        onKeyDown={onKeyDown}
        data-quiet-focus
        data-laid-out={layout !== null}
      />
      <div ref={ring} className={css['ring']} aria-hidden />
      {layout === null && <p className={css['waiting']}>Laying the graph out…</p>}
      <div className={css['tools']}>
        <Tool
          icon="plus"
          label="Zoom in (+)"
          side="left"
          onClick={() => pane.current?.zoom(1.25)}
        />
        <Tool
          icon="minus"
          label="Zoom out (-)"
          side="left"
          onClick={() => pane.current?.zoom(0.8)}
        />
        <Tool icon="fit" label="Fit (0)" side="left" onClick={() => pane.current?.fit()} />
        {groups.length > 0 && (
          <Tool
            icon={folded.size > 0 ? 'unfold' : 'fold'}
            label={folded.size > 0 ? 'Unfold all groups' : 'Fold all groups'}
            side="left"
            onClick={() => {
              setGroup(null)
              setFolded(new Set(folded.size > 0 ? [] : groups))
            }}
          />
        )}
      </div>
      <SpokenList
        nodes={shape}
        lookOf={lookOf}
        onChoose={(name) =>
          name !== null && groupNameOf(name) !== null ? fold(name) : choose(name)
        }
        onLooks={onLooks}
      />
    </div>
  )
}

const spokenMax = 300
const spokenEveryMs = 400

/** The canvas says nothing to a screen reader; this list does, and keeps up with the states. */
function SpokenList(props: Pick<Props, 'nodes' | 'lookOf' | 'onChoose' | 'onLooks'>) {
  const { nodes, lookOf, onChoose, onLooks } = props
  const [, renew] = useState(0)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const undo = onLooks(() => {
      timer ??= setTimeout(() => {
        timer = null
        renew((count) => count + 1)
      }, spokenEveryMs)
    })
    return () => {
      undo()
      if (timer !== null) clearTimeout(timer)
    }
  }, [onLooks])
  return (
    <ul className="unseen" aria-label="Tasks">
      {nodes.slice(0, spokenMax).map((node) => {
        const { look, detail, tag } = lookOf(node.name)
        return (
          <li key={node.name}>
            <button type="button" tabIndex={-1} onClick={() => onChoose(node.name)}>
              {`${groupNameOf(node.name) ?? node.name}, ${look.word}, ${detail()}`}
              {tag !== undefined && `, ${tag}`}
              {node.needs.length > 0 && `, needs ${node.needs.join(', ')}`}
            </button>
          </li>
        )
      })}
    </ul>
  )
}

/** `group ingest, folded`; null: it is a task. */
function groupNameOf(name: string): string | null {
  return name.startsWith('[') ? `group ${name.slice(1, -1)}, folded` : null
}

/** The node that is drawn for a task: itself, or the folded group that holds it. */
function shownFor(
  nodes: readonly ShapeNode[],
  folded: ReadonlySet<string>,
  name: string,
): string | null {
  const node = nodes.find((each) => each.name === name)
  return foldGroups(node === undefined ? [] : [node], folded)[0]?.name ?? null
}

function placeRing(ring: HTMLElement | null, pane: GraphPane, chosen: string | null): void {
  if (ring === null) return
  const place = chosen === null ? null : pane.placeOf(chosen)
  ring.hidden = place === null
  if (place === null) return
  ring.style.transform = `translate(${place.x}px, ${place.y}px)`
  ring.style.width = `${place.width}px`
  ring.style.height = `${place.height}px`
}

function useLayout(nodes: readonly ShapeNode[]): Layout | null {
  const key = shapeKey(nodes)
  const [laid, setLaid] = useState<{ key: string; layout: Layout } | null>(() => {
    const known = keptLayout(nodes)
    return known === undefined ? null : { key, layout: known }
  })
  useEffect(() => {
    let stale = false
    void layOut(nodes).then((layout) => {
      if (!stale) setLaid({ key, layout })
    })
    return () => {
      stale = true
    }
    // The shape alone decides: the same shape in a new array is no reason to lay out again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key])
  return laid?.key === key ? laid.layout : null
}
