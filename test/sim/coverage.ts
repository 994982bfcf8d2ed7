// What lives have done, in words, and what none of them has: what a simulator never does it proves nothing about.
import type { TaskSketch } from '../helpers/world.ts'
import type { SimCase } from './sim-case.ts'
import type { Tally } from './tally.ts'

/** What the case has, as far as the events of its runs will not tell. */
export function tallyCase(tally: Tally, sim: SimCase): void {
  const { limits, network, retryBudget, verdict } = sim
  if (network.reportMsMax > 0) tally.add('slow network')
  if (limits.pool !== null) tally.add('pool with slots')
  if (limits.environment !== null) tally.add('environment with slots')
  if (limits.pipeline !== null) tally.add('pipeline with slots')
  if (limits.rate !== null) tally.add('semaphore with a rate')
  if (retryBudget !== null) tally.add('retry budget')
  if (verdict === 'leaves') tally.add('verdict by leaves')
  for (const task of Object.values(sim.tasks)) tallyTask(tally, task)
}

function tallyTask(tally: Tally, task: TaskSketch): void {
  if (typeof task.trigger === 'object') tally.add('condition over states')
  else if (task.trigger !== undefined) tally.add(`rule ${task.trigger}`)
  if (task.when !== undefined) tally.add('when')
  if (task.fanOut !== undefined) tally.add('fan-out')
  if (task.branch !== undefined) tally.add('branch')
  if (task.child !== undefined) tally.add('sub-pipeline')
  if (task.approval !== undefined) tally.add('approval')
  if (task.setup !== undefined) tally.add('set-up and tear-down')
  if (task.isFinal !== undefined) tally.add('final task')
  if (task.semaphores !== undefined) tally.add('semaphore')
  if (task.priority !== undefined) tally.add('priority')
  if (task.retries?.on !== undefined) tally.add('retries by a line of the log')
  if (task.onUnknown?.then === 'failover') tally.add('failover policy')
}

/** Each of these must have been done. */
const wanted: readonly string[] = [
  'engine killed',
  'engine killed while it started',
  'engine stopped by a full disk',
  'slow write',
  'slow network',
  'report repeated',
  'order read late',
  'link cut',
  'host rebooted',
  "host's clock jumped",
  "engine's clock forward",
  "engine's clock back",
  'start',
  'cancel',
  'pause',
  'unpause',
  'hold',
  'unhold',
  'mark',
  'stop',
  'settle',
  'answer',
  'cordon',
  'drain',
  'undrain',
  'settle: wait',
  'settle: fail',
  'settle: failover',
  'settle: failover, its host started again',
  'resume from failure',
  'resume from a task',
  'resume of some only',
  'resume with upstream',
  'resume with run forced',
  'resume with leave forced',
  'resume with a fixed version',
  'fan-out',
  'sub-pipeline',
  'branch',
  'approval',
  'when',
  'condition over states',
  'set-up and tear-down',
  'final task',
  'semaphore',
  'semaphore with a rate',
  'pool with slots',
  'environment with slots',
  'pipeline with slots',
  'retry budget',
  'retries by a line of the log',
  'failover policy',
  'priority',
  'event attempt.unknown',
  'event attempt.found',
  'event attempt.fenced',
  'event attempt.settled',
  'event attempt.checkpoint',
  'event task.retrying',
  'run succeeded',
  'run failed',
  'run cancelled',
  'waves killed',
  'wave: begun',
  'wave: resume by hand',
  'wave done',
  'wave stopped',
  'wave cancelled',
]

export function coverageTable(counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return rows.map(([name, count]) => `  ${String(count).padStart(9)}  ${name}`).join('\n')
}

/** Enough lives for each of them. */
const ENOUGH = 2000

export function neverDone(counts: Readonly<Record<string, number>>, lives: number): string[] {
  return lives < ENOUGH ? [] : wanted.filter((name) => counts[name] === undefined)
}
