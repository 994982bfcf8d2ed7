// Why a queued task run has not started, in one sentence, and what each host says. For people: it may look at much.
import type { Drain, Placement } from '../ports/placement.ts'
import type { PlacementView } from '../../shared/api/views.ts'
import { parseAttemptKey } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { assertNever } from '../../shared/run/states.ts'
import { judgeHosts } from './choose-host.ts'
import { laneOf } from './lanes.ts'
import { blockOf } from './limits.ts'
import type { Block, Limit } from './limits.ts'
import { laneGoesBefore } from './state.ts'
import { listed, momentInWords, timeInWords } from './words.ts'
import type { EngineState, HostWork, Lane, LiveTask } from './state.ts'

/** Holders that are named; the rest are counted. */
const NAMED_MAX = 3

export interface Asked {
  task: LiveTask
  placement: Placement
  now: number
}

export function whyQueued(state: EngineState, { task, placement, now }: Asked): PlacementView {
  const drain = placement.drain()
  if (drain !== null) return { why: drainWords(drain), hosts: [] }
  const lane = laneOf(state, task)
  const verdicts = judgeHosts(lane, task, placement)
  const hosts = verdicts.map(({ host, verdict, why }) => ({
    host: host.name,
    verdict: verdict === 'tried' ? ('down' as const) : verdict,
    why,
  }))
  const behind = aheadWords(lane, task)
  const block = blockOf(lane, { placement, now, goesBefore: laneGoesBefore })
  if (block !== null)
    return {
      why: `${blockWords(block, now)}${block.kind === 'behind' ? '' : behind}`,
      hosts,
      limit: nameOf(block),
    }
  const open = hosts.filter(({ verdict }) => verdict !== 'closed')
  if (open.length === 0) {
    const why = hosts.map(({ host, why }) => `${host} is ${why}`).join('; ')
    return { why: `No host takes new work: ${why}.`, hosts }
  }
  const busy = open.filter(({ verdict }) => verdict === 'busy')
  if (busy.length > 0) {
    const why = busy.map(({ host, why }) => `${host} has ${why}`).join('; ')
    return { why: `It waits for a slot: ${why}.${behind}`, hosts }
  }
  const where = lane.pool === null ? (hosts[0]?.host ?? '') : `the pool ${lane.pool}`
  return { why: `It is next on ${where}.${behind}`, hosts }
}

function drainWords({ by, reason, at }: Drain): string {
  const why = reason === '' ? '' : `: ${reason}`
  return `The engine is drained by ${by} since ${momentInWords(at)}${why}.`
}

function nameOf({ need }: Block<Lane>): { kind: Limit<Lane>['kind']; name: string } {
  return { kind: need.limit.kind, name: need.limit.name }
}

function blockWords(block: Block<Lane>, now: number): string {
  const { limit, weight } = block.need
  const what = `The ${limit.kind} ${limit.name}`
  switch (block.kind) {
    case 'never':
      return `It can never start: it needs ${weight} of the ${limit.kind} ${limit.name}, which has ${block.slots}.`
    case 'full': {
      const all =
        block.slots === limit.used
          ? `all of its ${block.slots}`
          : `${limit.used} of its ${block.slots}`
      const needs = weight === 1 ? '' : `, and it needs ${weight}`
      return `${what} has ${all} ${block.slots === 1 ? 'slot' : 'slots'} in use${needs}: ${holderWords(limit)}.`
    }
    case 'rate':
      return `${what} lets the next one start ${timeInWords(block.opensAt, now)}.`
    case 'behind': {
      const first = block.first.queue.peek()
      const who = first === null ? 'another task' : taskWords(first)
      return `${what} has room, but it is kept for ${who}, which comes first.`
    }
    default:
      return assertNever(block)
  }
}

function holderWords({ holders }: Limit<Lane>): string {
  const named = [...holders]
    .toSorted(byKey)
    .slice(0, NAMED_MAX)
    .map(([key, weight]) => {
      const { run, task, item } = parseAttemptKey(key)
      return `${taskKey(task, item)} of ${run}${weight === 1 ? '' : ` holds ${weight}`}`
    })
  const more = holders.size - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}

/** Keys begin with the time of their run. */
function byKey([left]: [string, number], [right]: [string, number]): number {
  return left < right ? -1 : 1
}

function taskWords({ view, run }: LiveTask): string {
  return `${taskKey(view.task, view.item)} of ${run.view.run}`
}

// Of its own lane, and of others that want the same: who is first there goes before it.
function aheadWords(lane: Lane, task: LiveTask): string {
  const { higher, ofRun, ofOthers } = lane.queue.ahead(task)
  const rivals = rivalsOf(lane)
  const lanes =
    higher + ofRun + ofOthers === 0 ? rivals.filter((other) => laneGoesBefore(other, lane)) : []
  const parts = (
    [
      [higher, 'of higher priority'],
      [ofRun, 'of its own run'],
      [ofOthers, 'of other runs, by fair share'],
      [lanes.length, 'that wants the same'],
    ] as const
  ).filter(([count]) => count > 0)
  const total = higher + ofRun + ofOthers + lanes.length
  if (total === 0) return ''
  const words = parts.map(([count, of], index) =>
    index > 0 ? `${count} ${of}` : `${count} ${count === 1 ? 'task' : 'tasks'} ${of}`,
  )
  return ` ${listed(words)} ${total === 1 ? 'is' : 'are'} ahead of it.`
}

/** Lanes that wait where it waits. */
function rivalsOf(lane: Lane): Lane[] {
  const rivals = new Set(
    lane.parkedAt.flatMap((place: Limit<Lane> | HostWork) => [...place.parked.items()]),
  )
  rivals.delete(lane)
  return [...rivals]
}
