// Why a queued task run has not started, in one sentence, and what each host says. For people: it may look at much.
import type { Placement } from '../ports/placement.ts'
import type { PlacementView } from '../../shared/api/views.ts'
import { isPoolFull, judgeHosts } from './choose-host.ts'
import { laneOf } from './lanes.ts'
import type { EngineState, LiveTask } from './state.ts'

/** Null when it does not wait for a host. */
export function whyWaiting(
  state: EngineState,
  task: LiveTask,
  placement: Placement,
): PlacementView | null {
  if (task.view.state !== 'queued') return null
  const lane = laneOf(state, task)
  const verdicts = judgeHosts(lane, task, placement)
  const hosts = verdicts.map(({ host, verdict, why }) => ({
    host: host.name,
    verdict: verdict === 'tried' ? ('down' as const) : verdict,
    why,
  }))
  const ahead = lane.queue.ahead(task)
  const behind =
    ahead === 0 ? '' : ` ${ahead} ${ahead === 1 ? 'task is' : 'tasks are'} ahead of it.`
  if (lane.pool !== null && isPoolFull(lane, placement)) {
    const slots = placement.poolSlotsOf(lane.pool.name)
    const why = `The pool ${lane.pool.name} has all of its ${slots} slots in use.${behind}`
    return { why, hosts }
  }
  const open = hosts.filter(({ verdict }) => verdict !== 'closed')
  const where = lane.pool === null ? (hosts[0]?.host ?? '') : `the pool ${lane.pool.name}`
  if (open.length === 0) {
    const why = hosts.map(({ host, why }) => `${host} is ${why}`).join('; ')
    return { why: `No host takes new work: ${why}.`, hosts }
  }
  const busy = open.filter(({ verdict }) => verdict === 'busy')
  if (busy.length > 0) {
    const why = busy.map(({ host, why }) => `${host} has ${why}`).join('; ')
    return { why: `It waits for a slot: ${why}.${behind}`, hosts }
  }
  return { why: `It is next on ${where}.${behind}`, hosts }
}
