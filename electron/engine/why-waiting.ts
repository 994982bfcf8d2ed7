// Why a task run has not begun or not ended, in one sentence: what it waits for, and what would let it go on.
import type { PlacementView } from '../../shared/api/views.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { Said } from '../../shared/run/run-view.ts'
import { isTaskEnd } from '../../shared/run/states.ts'
import type { EngineState, LiveTask } from './state.ts'
import { whyQueued } from './why-queued.ts'
import type { Asked } from './why-queued.ts'
import { countOf, endInWords, listed, timeInWords } from './words.ts'

/** Needs that are named; the rest are counted. */
const NAMED_MAX = 3

/** Null where it waits for nothing but its own end. */
export function whyWaiting(state: EngineState, asked: Asked): PlacementView | null {
  const { task, now } = asked
  const said = whyHeldBack(task)
  switch (task.view.state) {
    case 'waiting':
      return sentence(said ?? whyNotBegun(task))
    case 'queued':
      return said === null ? whyQueued(state, asked) : sentence(said)
    case 'retrying':
      return sentence(said ?? whyRetrying(task, now))
    case 'running':
      return whyRunning(state, task, now)
    default:
      return null
  }
}

function sentence(why: string): PlacementView {
  return { why, hosts: [] }
}

// What people have said.
function whyHeldBack({ run, view, head }: LiveTask): string | null {
  if (run.view.paused !== undefined) {
    const { through } = run.view.paused
    const withRun = through === undefined ? '' : ` with run ${through}`
    return `Its run is paused${withRun}${saidBy(run.view.paused)}.`
  }
  if (view.held !== undefined) return `It is held back${saidBy(view.held)}.`
  if (head?.view.held !== undefined) return `All items are held back${saidBy(head.view.held)}.`
  return null
}

function saidBy({ by, reason }: Said): string {
  return reason === '' ? ` by ${by}` : ` by ${by}: ${reason}`
}

function whyNotBegun(task: LiveTask): string {
  const { planned, run, head } = task
  if (head !== null) return whyItemWaits(task, head)
  if (planned.isFinal === true && run.openBody > 0)
    return `It starts once all other tasks have ended; ${countOf(run.openBody, 'has', 'have')} not.`
  const names = [...planned.needs, ...(planned.teardown?.of ?? [])]
  const open = [...new Set(names)].flatMap((name) => {
    const need = run.taskByName.get(name)
    return need === undefined || isTaskEnd(need.view.state) ? [] : [need.view]
  })
  if (open.length === 0) return 'It is about to begin.'
  const named = open.slice(0, NAMED_MAX).map(({ task: name, state }) => `${name} (${state})`)
  const more = open.length - named.length
  const { trigger } = planned
  const rule =
    trigger === undefined || trigger === 'all_success'
      ? ''
      : ` Its rule is ${typeof trigger === 'string' ? trigger : 'a condition on how they end'}.`
  return `It waits for ${listed(more > 0 ? [...named, `${more} more`] : named)}.${rule}`
}

function whyItemWaits({ view }: LiveTask, head: LiveTask): string {
  const { counts = {} } = head.view.fan ?? {}
  const { queued = 0, running = 0, retrying = 0, unknown = 0 } = counts
  const live = queued + running + retrying + unknown
  const before = (head.fan?.items ?? [])
    .slice(head.fan?.next ?? 0, view.item ?? 0)
    .filter((item) => item.view.state === 'waiting').length
  const most = head.planned.fanOut?.maxParallel ?? null
  if (most === null) return `It waits for ${head.view.task} to begin its items.`
  const ahead = before === 0 ? '' : ` ${countOf(before, 'waits', 'wait')} before it.`
  return `${head.view.task} has ${live} of its ${most} items at once under way.${ahead}`
}

function whyRetrying({ view }: LiveTask, now: number): string {
  const what = view.child === undefined ? `attempt ${view.attempts.length + 1}` : 'its run'
  return `It is tried again (${what}) ${timeInWords(view.dueAt ?? now, now)}.`
}

function whyRunning(state: EngineState, task: LiveTask, now: number): PlacementView | null {
  const { approval, child, fan, attempts } = task.view
  if (approval?.decided === null) {
    const until =
      approval.dueAt === null
        ? ''
        : ` Without an answer it goes on ${timeInWords(approval.dueAt, now)}.`
    return sentence(`It asks a person: ${approval.message}${until}`)
  }
  if (fan !== undefined && task.head === null) {
    const ended = Object.values(task.fan?.items ?? {}).filter((item) => isTaskEnd(item.view.state))
    const most = task.planned.fanOut?.maxParallel ?? null
    const limit = most === null ? '' : `, ${most} at once`
    return sentence(
      `${ended.length} of its ${countOf(fan.list.length, 'item', 'items')} have ended${limit}.`,
    )
  }
  if (child !== undefined) {
    const run = state.runs.get(child)?.view
    return sentence(
      `It waits for its run ${child}${run === undefined ? '' : `, which is ${run.paused === undefined ? run.state : 'paused'}`}.`,
    )
  }
  const last = attempts.at(-1)
  if (last?.end == null || last.log !== null) return null
  const name = taskKey(task.view.task, task.view.item)
  return sentence(
    `Attempt ${last.number} of ${name} has ended (${endInWords(last.end)}); whether it is tried again is decided when its log is here.`,
  )
}
