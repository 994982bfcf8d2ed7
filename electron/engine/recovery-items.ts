// A fan-out in a resume: which of its items run again. Pure.
import type { ResumeDecision } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { FanView, RunView, TaskView } from '../../shared/run/run-view.ts'
import { isTaskEnd, isTaskGood } from '../../shared/run/states.ts'
import { decideOwn, decideRepeat, hasBegun, told } from './recovery-own.ts'
import type { Asked, Own } from './recovery-own.ts'
import { whatChanged } from './what-changed.ts'

export type Fanned = TaskView & { fan: FanView }

/** The head as its items want it. A person may ask for single items; the head itself stands for all of them. */
export function decideHead(
  own: Own & { now: Fanned },
  view: RunView,
  asked: Asked,
): { decision: ResumeDecision; items: ResumeDecision[] } {
  const { task, now, before } = own
  if (before === undefined) return { decision: decideOwn(own, asked), items: [] }
  const reason = asked.reasons.get(task.name)
  const changed = whatChanged(before, task)
  if (isTaskEnd(now.state) && (reason !== undefined || changed !== '')) {
    const decision = decideRepeat(own, reason ?? `${now.state}, but ${changed}`)
    const isAnew = decision.decision === 'run'
    return { decision: isAnew ? { ...decision, anew: true } : decision, items: [] }
  }
  // A person has said how the whole of it counts, until one asks for a part of it.
  if (now.marked !== undefined && !isPartAsked(own, asked))
    return { decision: decideOwn(own, asked), items: [] }
  const items = decideItems(own, view, asked)
  const again = items.filter(({ decision }) => decision === 'run').length
  const total = now.fan.list.length
  if (!isTaskEnd(now.state))
    return { decision: told(own, 'attach', `is ${now.state} with ${total} items`), items }
  if (again > 0)
    return { decision: told(own, 'run', `${again} of ${total} items run again`), items }
  if (isTaskGood(now.state) || now.state === 'skipped')
    return { decision: decideOwn(own, asked), items: [] }
  if (items.length > 0)
    return { decision: told(own, 'refuse', 'none of its items may run again'), items }
  return { decision: told(own, 'run', 'its items have been seen to since'), items }
}

function isPartAsked({ task, now }: Own & { now: Fanned }, { reasons, forced }: Asked): boolean {
  return now.fan.list.some((_, index) => {
    const key = taskKey(task.name, index)
    return reasons.has(key) || forced.has(key)
  })
}

/** Only those that run again or are refused: a list of 10,000 with one failure has one decision. */
function decideItems(own: Own & { now: Fanned }, view: RunView, asked: Asked): ResumeDecision[] {
  const { task, now, before } = own
  const found: ResumeDecision[] = []
  for (const index of now.fan.list.keys()) {
    const item = view.tasks[taskKey(task.name, index)]
    if (item === undefined) continue
    const decision = decideItem({ task, now: item, before, began: hasBegun(item) }, asked)
    if (decision !== null) found.push(decision)
  }
  return found
}

function decideItem(own: Own & { now: TaskView }, asked: Asked): ResumeDecision | null {
  const { task, now } = own
  const force = asked.forced.get(taskKey(task.name, now.item))
  const plain = decideOwn(own, asked)
  if (plain.decision === 'attach') return null
  if (force !== undefined) {
    const why = force.reason === '' ? '' : `: ${force.reason}`
    if (force.decision === 'run') return told(own, 'run', `forced${why}`)
    return isTaskGood(now.state) ? null : told(own, 'refuse', `left as it is${why}`)
  }
  // One that waits is begun by its head.
  if (plain.decision === 'reuse' || now.state === 'waiting') return null
  return plain
}
