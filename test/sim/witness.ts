// Stands between the engine and its store and hosts: knows what was committed without asking the engine, and sees to it that
// nothing starts that was not (E2).
import type { Hosts } from '../../electron/ports/hosts.ts'
import type { RunStore } from '../../electron/ports/run-store.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { must } from './broken.ts'

export interface Witness {
  /** In the order they came. */
  readonly runs: Set<RunId>
  /** As the store was last told. */
  readonly views: Map<RunId, RunView>
  /** Those that runs go by. */
  readonly plans: Map<RunId, RunPlan>
  /** Attempts whose start is in the store. */
  readonly begun: Set<AttemptKey>
  /** Attempts that were told lost, by the time that never jumps; not those that were proved gone since. */
  readonly lost: Map<AttemptKey, number>
  /** A person's word that nothing of them lives. */
  readonly vouched: Set<AttemptKey>
  /** Engine clock: when attempts that hold the semaphore began. */
  readonly rated: number[]
  writes: number
}

export function newWitness(): Witness {
  return {
    runs: new Set(),
    views: new Map(),
    plans: new Map(),
    begun: new Set(),
    lost: new Map(),
    vouched: new Set(),
    rated: [],
    writes: 0,
  }
}

/** What happens around each write: `before` may take its time, `after` may kill. */
export interface AroundWrite {
  before(): void
  after(): void
  /** Time that never jumps. */
  now(): number
  /** Has just been committed, and with it what else the view shows. */
  starting(event: RunEvent & { kind: 'attempt.starting' }, view: RunView): void
}

export function watchStore(store: RunStore, witness: Witness, around: AroundWrite): RunStore {
  const write = (deed: () => void): void => {
    around.before()
    deed()
    witness.writes += 1
  }
  return {
    ...store,
    commit(changes, options) {
      write(() => store.commit(changes, options))
      for (const { view, plan, events } of changes) {
        witness.runs.add(view.run)
        witness.views.set(view.run, view)
        if (plan !== null) witness.plans.set(view.run, plan)
        for (const event of events) {
          noteLoss(witness, event, around.now())
          if (event.kind !== 'attempt.starting') continue
          around.starting(event, view)
          witness.begun.add(attemptKey(event.run, event.task, event.item, event.number))
          const task = witness.plans.get(event.run)?.tasks.find(({ name }) => name === event.task)
          if (task?.semaphores?.['db'] !== undefined) witness.rated.push(event.at)
        }
      }
      around.after()
    },
    sync() {
      write(() => store.sync())
      around.after()
    },
    confirmReleases(keys) {
      write(() => store.confirmReleases(keys))
      around.after()
    },
  }
}

function noteLoss({ lost, vouched }: Witness, event: RunEvent, now: number): void {
  if (!('task' in event && 'number' in event && 'item' in event)) return
  const key = attemptKey(event.run, event.task, event.item, event.number)
  if (event.kind === 'attempt.ended' && event.end.outcome === 'lost') lost.set(key, now)
  if (event.kind === 'attempt.fenced') lost.delete(key)
  if (event.kind === 'attempt.settled' && event.decision !== 'wait') vouched.add(key)
}

export function watchHosts(hosts: Hosts, { begun }: Witness): Hosts {
  return {
    start(host, order) {
      must(begun.has(order.key), 'E2: nothing starts without a committed event', () => order.key)
      hosts.start(host, order)
    },
    watch: (host, order) => hosts.watch(host, order),
    cancel: (host, key, graceMs) => hosts.cancel(host, key, graceMs),
    release: (host, key) => hosts.release(host, key),
    onReport: (listener) => hosts.onReport(listener),
  }
}
