import {
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
} from 'react'
import { readKept, writeKept } from './kept.ts'
import css from './Split.module.css'

interface Props {
  /** Remembered under this name. */
  name: string
  /** `down`: the second part is below the first; `across`: to its right. */
  way: 'down' | 'across'
  /** Share of the second part, 0..1, until a person drags. */
  start: number
  minPx: number
  first: ReactNode
  /** Null: the first part takes it all. */
  second: ReactNode | null
}

const keyStep = 0.03

/** Two parts and a bar between them that mouse and arrow keys move. */
export function Split({ name, way, start, minPx, first, second }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  const [share, setShare] = useState(() => Number(readKept(`split.${name}`) ?? start))

  function move(next: number): void {
    const room = (way === 'down' ? frame.current?.clientHeight : frame.current?.clientWidth) ?? 0
    const least = Math.min(0.5, minPx / Math.max(room, 1))
    const kept = Math.min(Math.max(next, least), 1 - least)
    setShare(kept)
    writeKept(`split.${name}`, kept.toFixed(4))
  }

  function onPointerMove(event: PointerEvent<HTMLDivElement>): void {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || frame.current === null) return
    const box = frame.current.getBoundingClientRect()
    move(
      way === 'down'
        ? (box.bottom - event.clientY) / box.height
        : (box.right - event.clientX) / box.width,
    )
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === (way === 'down' ? 'ArrowUp' : 'ArrowLeft')) move(share + keyStep)
    else if (event.key === (way === 'down' ? 'ArrowDown' : 'ArrowRight')) move(share - keyStep)
    else return
    event.preventDefault()
  }

  const style = { '--share': `${share * 100}%`, '--least': `${minPx}px` } as CSSProperties
  return (
    <div ref={frame} className={css['split']} data-way={way} style={style}>
      <div className={css['first']}>{first}</div>
      {second !== null && (
        <>
          <div
            className={css['bar']}
            role="separator"
            aria-orientation={way === 'down' ? 'horizontal' : 'vertical'}
            aria-label={`Size of ${name}`}
            aria-valuenow={Math.round(share * 100)}
            tabIndex={0}
            data-quiet-focus
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointerMove}
            onKeyDown={onKeyDown}
          />
          <div className={css['second']}>{second}</div>
        </>
      )}
    </div>
  )
}
