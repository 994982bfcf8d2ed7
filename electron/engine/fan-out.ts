// A task for each item of a list that is known only when the task is about to start.
//   An item is a task run of its own: state, log, retries. The head runs while items do, and ends by its join.
import type { JsonValue } from '../../shared/run/json.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { isTaskBad, isTaskEnd } from '../../shared/run/states.ts'
import { begin, isPerItem, skippedByWhen } from './begin.ts'
import { endSucceeded } from './branches.ts'
import { changeOf, emitTask, nameOf } from './draft.ts'
import type { Draft } from './draft.ts'
import { endTask, endUnbegun } from './end-task.ts'
import { evaluatedList } from './evaluated.ts'
import { isHeldBack } from './said.ts'
import { addItems } from './state.ts'
import type { LiveFan, LiveTask } from './state.ts'

export const ITEMS_MAX = 10_000
/** As JSON; the list stands in one event. */
const LIST_BYTES_MAX = 4 << 20
/** Of failed items, so many are named. */
const NAMED_MAX = 3

/** The list is known from here on. */
export function expandFanOut(draft: Draft, head: LiveTask): void {
  const { fanOut } = head.planned
  if (fanOut === undefined) return
  const list = evaluatedList(draft, fanOut.over, head)
  const fault = list.ok ? tooMuch(list.value) : list.why
  if (!list.ok || fault !== null) {
    return endUnbegun(draft, head, stateWithoutList(head), `its list cannot be had: ${fault ?? ''}`)
  }
  const { run } = head
  const { touched } = changeOf(draft, run)
  for (const item of head.fan?.items ?? []) {
    if (!isTaskEnd(item.view.state)) run.open -= 1
    for (const attempt of item.view.attempts) if (attempt.log === null) run.openLogs -= 1
    touched.add(item.view)
  }
  emitTask(draft, head, {
    kind: 'task.expanded',
    ...nameOf(head),
    item: null,
    items: [...list.value],
  })
  const fan = addItems(run, head)
  for (const { view } of fan.items) if (view.attempts.length > 0) touched.add(view)
  draft.agenda.fans.add(head)
}

// Whatever its rule: without the task that makes its list there is nothing to do, as with Airflow.
function stateWithoutList({ planned, run }: LiveTask): 'failed' | 'upstream_failed' | 'skipped' {
  const states = planned.needs.map((need) => run.taskByName.get(need)?.view.state ?? 'waiting')
  if (states.some(isTaskBad)) return 'upstream_failed'
  return states.includes('skipped') ? 'skipped' : 'failed'
}

function tooMuch(list: readonly JsonValue[]): string | null {
  if (list.length > ITEMS_MAX) return `it has ${list.length} items; the limit is ${ITEMS_MAX}`
  const bytes = JSON.stringify(list).length
  return bytes > LIST_BYTES_MAX ? `it has ${bytes} bytes; the limit is ${LIST_BYTES_MAX}` : null
}

/** Begins items while their number allows it; ends the head when all have ended. */
export function advanceFan(draft: Draft, head: LiveTask): void {
  const { fan, planned } = head
  if (fan === null || planned.fanOut === undefined || head.view.state !== 'running') return
  const { maxParallel, failFast } = planned.fanOut
  if (failFast && isLost(head)) dropItems(draft, fan)
  while (
    fan.next < fan.items.length &&
    countLive(head) < (maxParallel ?? Number.POSITIVE_INFINITY)
  ) {
    const item = fan.items[fan.next]
    if (item === undefined || isHeldBack(head)) break
    fan.next += 1
    if (item.view.state !== 'waiting' || item.view.held !== undefined) continue
    if (isPerItem(draft, item) && skippedByWhen(draft, item)) continue
    begin(draft, item)
  }
  if (countOpen(head) === 0) endByJoin(draft, head)
}

/** An item waits again, or is let go: it may be behind the mark. */
export function revisitItem(draft: Draft, item: LiveTask): void {
  const { head } = item
  if (head?.fan == null || item.view.item === null) return
  head.fan.next = Math.min(head.fan.next, item.view.item)
  draft.agenda.fans.add(head)
}

function dropItems(draft: Draft, fan: LiveFan): void {
  for (const item of fan.items) {
    if (item.view.state !== 'waiting' && item.view.state !== 'queued') continue
    endUnbegun(draft, item, 'cancelled', 'so many items failed that the whole cannot succeed')
  }
}

type Counts = Partial<Record<TaskState, number>>

function countsOf(head: LiveTask): Counts {
  return head.view.fan?.counts ?? {}
}

function countLive(head: LiveTask): number {
  const { queued = 0, running = 0, retrying = 0, unknown = 0 } = countsOf(head)
  return queued + running + retrying + unknown
}

function countOpen(head: LiveTask): number {
  return (countsOf(head).waiting ?? 0) + countLive(head)
}

function isLost(head: LiveTask): boolean {
  const { succeeded = 0, reused = 0, skipped = 0 } = countsOf(head)
  const asked = (head.view.fan?.list.length ?? 0) - skipped
  const open = countOpen(head)
  return open > 0 && !isJoined(head, succeeded + reused + open, asked)
}

/** `good` of `asked` items, the skipped ones left out. */
function isJoined(head: LiveTask, good: number, asked: number): boolean {
  const join = head.planned.fanOut?.join ?? 'all'
  if (join === 'all') return good === asked
  return join === 'any' ? good > 0 : good >= join * asked
}

function endByJoin(draft: Draft, head: LiveTask): void {
  const { succeeded = 0, reused = 0, skipped = 0, cancelled = 0 } = countsOf(head)
  const total = head.view.fan?.list.length ?? 0
  const asked = total - skipped
  if (total === 0) return endTask(draft, head, 'skipped', 'its list is empty')
  if (asked === 0) return endTask(draft, head, 'skipped', 'all of its items were skipped')
  if (isJoined(head, succeeded + reused, asked)) return endSucceeded(draft, head)
  const { cancelAsked, stopAsked } = head.run.view
  if (cancelled > 0 && (cancelAsked !== null || stopAsked !== undefined))
    return endTask(draft, head, 'cancelled', `${cancelled} of ${total} items were cancelled`)
  endTask(draft, head, 'failed', failedWords(head, asked - succeeded - reused, total))
}

function failedWords(head: LiveTask, bad: number, total: number): string {
  const names: string[] = []
  for (const { view } of head.fan?.items ?? []) {
    if (names.length > NAMED_MAX) break
    if (view.state === 'failed') names.push(`${view.task}[${view.item}]`)
  }
  const more = names.length > NAMED_MAX ? ', ...' : ''
  const named = names.length === 0 ? '' : `: ${names.slice(0, NAMED_MAX).join(', ')}${more}`
  return `${bad} of ${total} items did not succeed${named}`
}
