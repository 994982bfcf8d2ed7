import { Tooltip } from '@mantine/core'
import { useDeferredValue, useMemo, useRef, useState, type WheelEvent } from 'react'
import { taskKey, type RunView, type TaskView } from '../../../shared/run/run-view.ts'
import { isRunEnd } from '../../../shared/run/states.ts'
import { turn } from '../../state/route.ts'
import { selectSeq, selectTask } from '../../state/run.ts'
import {
  barsOf,
  byStart,
  runSpan,
  ticks,
  tickWords,
  type Bar,
  type Span,
} from '../../state/timeline.ts'
import { lookOfTask } from '../../state/task-look.ts'
import { attemptMs } from '../../state/task-facts.ts'
import { useNow } from '../../state/use-now.ts'
import { StateIcon } from '../../ui/StateIcon.tsx'
import { clockWords, durationWords } from '../../ui/time-words.ts'
import { VirtualRows } from '../../ui/VirtualRows.tsx'
import { useRun, useRunStore } from './run-context.ts'
import type { RunRoute } from '../../state/route.ts'
import css from './Timeline.module.css'

const ticksMax = 8
const nameWidth = 190

/** When each task waited and ran. Ctrl and the wheel zoom, the wheel with Shift moves along. */
export function Timeline({ route }: { route: RunRoute }) {
  const store = useRunStore()
  // Sorting ten thousand tasks may wait for a frame that has time for it.
  const seq = useDeferredValue(useRun(selectSeq))
  const view = useRun((state) => state.view) as RunView
  const nowMs = useNow(!isRunEnd(view.state))
  const whole = runSpan(view, nowMs)
  const [window, setWindow] = useState<Span | null>(null)
  const span = window ?? whole
  // The tasks change in place; `seq` tells that one has.
  const keys = useMemo(
    () =>
      byStart(Object.values(store.getState().view?.tasks ?? {})).map((task) =>
        taskKey(task.task, task.item),
      ),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [store, seq],
  )
  const frame = useRef<HTMLDivElement>(null)

  function onWheel(event: WheelEvent): void {
    const room = (frame.current?.clientWidth ?? 0) - nameWidth
    if (room <= 0) return
    const length = span.to - span.from
    if (event.ctrlKey || event.metaKey) {
      const left = (frame.current as HTMLElement).getBoundingClientRect().left + nameWidth
      const share = Math.min(Math.max((event.clientX - left) / room, 0), 1)
      const next = Math.max(200, length * Math.exp(event.deltaY * 0.002))
      const middle = span.from + share * length
      setWindow(within({ from: middle - share * next, to: middle + (1 - share) * next }, whole))
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const by = ((event.deltaX || event.deltaY) / room) * length
      if (window !== null) setWindow(within({ from: span.from + by, to: span.to + by }, whole))
    }
  }

  return (
    <div ref={frame} className={css['timeline']} onWheel={onWheel}>
      <VirtualRows
        label="Timeline"
        keys={keys}
        rowHeight={28}
        shown={route.task === null ? null : taskKey(route.task, route.item)}
        head={<Axis span={span} origin={whole.from} onWhole={window && (() => setWindow(null))} />}
        row={(key) => <Row taskKey={key} span={span} nowMs={nowMs} route={route} />}
      />
    </div>
  )
}

function Axis(props: { span: Span; origin: number; onWhole: (() => void) | null }) {
  const { span, origin, onWhole } = props
  return (
    <div className={css['axis']}>
      <span className={css['corner']}>
        {onWhole === null ? (
          clockWords(origin)
        ) : (
          <button type="button" className="wordButton" onClick={onWhole}>
            Show all
          </button>
        )}
      </span>
      <div className={css['lane']}>
        {ticks(span, ticksMax).map((after) => (
          <span key={after} className={css['tick']} style={{ left: at(span, span.from + after) }}>
            {tickWords(span.from - origin + after)}
          </span>
        ))}
      </div>
    </div>
  )
}

function Row(props: { taskKey: string; span: Span; nowMs: number; route: RunRoute }) {
  const { taskKey: key, span, nowMs, route } = props
  const task = useRun(selectTask(key)) as TaskView
  const chosen = route.task === task.task && route.item === task.item
  const choose = (attempt: number | null) =>
    turn({ ...route, task: task.task, item: task.item, attempt, line: null })
  return (
    <div className={css['row']} data-chosen={chosen || undefined}>
      <button type="button" className={css['name']} onClick={() => choose(null)} data-quiet-focus>
        <StateIcon look={lookOfTask(task)} size={13} />
        <span className="cut">{key}</span>
      </button>
      <div className={css['lane']}>
        {ticks(span, ticksMax).map((after) => (
          <i key={after} className={css['rule']} style={{ left: at(span, span.from + after) }} />
        ))}
        {barsOf(task, nowMs).map((bar) => (
          <BarButton
            key={`${bar.kind}${bar.attempt ?? ''}`}
            bar={bar}
            span={span}
            onChoose={() => choose(bar.attempt)}
          />
        ))}
        <Took task={task} span={span} nowMs={nowMs} />
        {task.attempts.length === 0 && task.why !== '' && (
          <span className={`${css['idle']} cut`} title={task.why}>
            {task.why}
          </span>
        )}
      </div>
    </div>
  )
}

function Took({ task, span, nowMs }: { task: TaskView; span: Span; nowMs: number }) {
  const last = task.attempts.at(-1)
  const ms = last === undefined ? null : attemptMs(last, nowMs)
  if (last === undefined || ms === null) return null
  const end = last.end?.endedAt ?? nowMs
  if (end < span.from || end > span.to) return null
  return (
    <span className={`${css['took']} num`} style={{ left: at(span, end) }}>
      {durationWords(ms)}
    </span>
  )
}

function BarButton({ bar, span, onChoose }: { bar: Bar; span: Span; onChoose: () => void }) {
  const words =
    bar.kind !== 'attempt'
      ? `Waited ${bar.kind === 'queued' ? 'for a slot' : 'to try again'} ${durationWords(bar.to - bar.from)}`
      : `Attempt ${bar.attempt ?? ''}, ${bar.look?.word.toLowerCase() ?? ''}, ${durationWords(bar.to - bar.from)}`
  const share = (bar.to - bar.from) / (span.to - span.from)
  return (
    <Tooltip label={words}>
      <button
        type="button"
        tabIndex={-1}
        className={css['bar']}
        data-kind={bar.kind}
        data-tone={bar.look?.tone}
        data-live={bar.look?.disc === 'arc' || undefined}
        aria-label={words}
        onClick={onChoose}
        style={{ left: at(span, bar.from), width: `${share * 100}%` }}
      >
        {bar.look?.tone === 'bad' && '×'}
      </button>
    </Tooltip>
  )
}

function at(span: Span, moment: number): string {
  return `${((moment - span.from) / (span.to - span.from)) * 100}%`
}

function within(span: Span, whole: Span): Span | null {
  const length = span.to - span.from
  if (length >= whole.to - whole.from) return null
  const from = Math.min(Math.max(span.from, whole.from), whole.to - length)
  return { from, to: from + length }
}
