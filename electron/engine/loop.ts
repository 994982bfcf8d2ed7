// The run loop: the only place that changes task state. Takes inputs one by one, commits what was decided, then acts (E2).
// A commit that fails stops the engine: memory is then ahead of the disk, and a restart is the one way to be right again.
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { HostReport, Hosts } from '../ports/hosts.ts'
import type { Evaluator } from '../ports/evaluator.ts'
import type { Judgement } from '../ports/judgement.ts'
import type { Placement } from '../ports/placement.ts'
import type { RunStore } from '../ports/run-store.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { PlacementView } from '../../shared/api/views.ts'
import type { ResumeDecision, RunEvent } from '../../shared/run/events.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { parseAttemptKey, runIdAt } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { decideApproval } from './approvals.ts'
import type { ApprovalAnswer } from './approvals.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import { decideCreate } from './create-run.ts'
import { callBack } from './call-back.ts'
import { forgetBooks, freeGoneHosts, recoverFence, recoverStarts } from './books.ts'
import { decideCancel } from './decide.ts'
import { decideDue } from './decide-due.ts'
import { decideReport } from './decide-report.ts'
import { keyOf, nothingRan } from './attempts.ts'
import { decideResume, reindex } from './decide-resume.ts'
import { emit, newDraft, newsOf } from './draft.ts'
import type { Draft, Effect } from './draft.ts'
import type { Engine, ResumeRequest, TaskRef } from './engine.ts'
import { followUp } from './follow-up.ts'
import { decideHold, decideStop, decideUnhold } from './hold.ts'
import { decidePause, decideUnpause } from './pause.ts'
import { lateEnvOf } from './late-env.ts'
import { startOrder } from './orders.ts'
import { decideRecover } from './recover.ts'
import { allUsed, healthOf, hostLoad, poolLoad } from './load.ts'
import type { Load } from './load.ts'
import { decideMark } from './mark.ts'
import type { Mark } from './mark.ts'
import { noTask, planResume } from './resume-request.ts'
import { Releases } from './releases.ts'
import { decideSettle } from './settle.ts'
import { decideStarts } from './starts.ts'
import { adoptRun, indexRun, newEngineState } from './state.ts'
import type { EngineState, LiveRun, LiveTask } from './state.ts'
import { Wake } from './wake.ts'
import { whyWaiting } from './why-waiting.ts'

/** Reports that come in one turn are decided together and share one commit; at most this many. */
const BATCH_MAX = 500

export interface EngineOptions {
  store: RunStore
  hosts: Hosts
  clock: Clock
  dice: Dice
  /** What the workspace and people say about hosts and pools, asked for with each decision. */
  placement: Placement
  /** The language of `${{ }}`. */
  evaluator: Evaluator
  /** What the log of a failed attempt says, for retries that ask. */
  judgement: Judgement
  /** Calls back once all that has come in by now is told, so that it is one commit; else after the present turn. */
  soon?: (callback: () => void) => void
  /** The store failed: nothing more will be decided. */
  onFatal: (error: unknown) => void
}

export function openEngine(options: EngineOptions): Engine {
  return new Loop(options)
}

class Loop implements Engine {
  readonly #options: EngineOptions
  readonly #state: EngineState = newEngineState()
  readonly #listeners = new Set<(events: readonly RunEvent[]) => void>()
  readonly #unsubscribe: () => void
  readonly #releases: Releases
  readonly #wake: Wake
  readonly #openedAt: number
  #inbox: HostReport[] = []
  #isClosed = false

  constructor(options: EngineOptions) {
    this.#options = options
    this.#openedAt = options.clock.monotonic()
    this.#releases = new Releases({ ...options, onFatal: (error) => this.#die(error) })
    this.#wake = new Wake(options.clock, () => {
      this.#drain()
      this.#actAlone(() => undefined)
    })
    this.#unsubscribe = options.hosts.onReport((report) => this.#onReport(report))
  }

  start(request: Parameters<Engine['start']>[0]): RunId {
    const { clock, dice, store } = this.#options
    const id = request.run ?? runIdAt(clock.now(), dice.tail(8))
    // E3: an occurrence names its run, so firing it again finds it.
    if (request.run !== undefined && (this.#state.runs.has(id) || store.load(id) !== null))
      return id
    this.#act(true, (draft) => decideCreate(draft, id, request))
    return id
  }

  cancel(id: RunId, by: string, reason: string): void {
    const run = this.#liveRun(id)
    const asked = run.view.cancelAsked
    if (asked?.all === true) return
    // A second cancel means the clean-up too.
    this.#act(true, (draft) => decideCancel(draft, run, { by, reason, all: asked !== null }))
  }

  previewResume(request: ResumeRequest): ResumeDecision[] {
    return this.#planResume(request).decisions
  }

  resume(request: ResumeRequest, by: string): ResumeDecision[] {
    const { view, decisions } = this.#planResume(request)
    this.#act(true, (draft) => {
      const old = this.#state.runs.get(request.run)
      if (old !== undefined) forgetBooks(draft, old)
      decideResume(draft, { view, plan: request.plan, by, decisions, options: request.options })
    })
    return decisions
  }

  settle(request: Parameters<Engine['settle']>[0]): void {
    const { decision, by, reason } = request
    const task = this.#liveTask(request)
    this.#act(true, (draft) => decideSettle(draft, task, { decision, by, reason }))
  }

  approve(request: TaskRef & ApprovalAnswer): void {
    const { decision, by, reason, values } = request
    const task = this.#liveTask(request)
    this.#act(true, (draft) => decideApproval(draft, task, { decision, by, reason, values }))
  }

  mark(request: TaskRef & Mark): void {
    const run = this.#state.runs.get(request.run) ?? this.#loadEnded(request.run)
    const key = taskKey(request.task, request.item)
    const task = run.taskByName.get(key)
    if (task === undefined) throw noTask(key, request.run)
    const { state, by, reason } = request
    this.#act(true, (draft) => {
      const isLive = !isRunEnd(run.view.state)
      const back = decideMark(draft, task, { state, by, reason }, isLive)
      if (back === null) return
      forgetBooks(draft, run)
      reindex(draft, run, back)
    })
  }

  pause(id: RunId, said: { by: string; reason: string }): void {
    const run = this.#liveRun(id)
    this.#act(true, (draft) => decidePause(draft, run, said))
  }

  unpause(id: RunId, by: string): void {
    const run = this.#liveRun(id)
    this.#act(true, (draft) => decideUnpause(draft, run, by))
  }

  hold(request: TaskRef & { by: string; reason: string }): void {
    const task = this.#liveTask(request)
    this.#act(true, (draft) => decideHold(draft, task, request))
  }

  unhold(request: TaskRef & { by: string }): void {
    const task = this.#liveTask(request)
    this.#act(true, (draft) => decideUnhold(draft, task, request.by))
  }

  stopAfter(id: RunId, said: { by: string; reason: string; after: string | null }): void {
    const run = this.#liveRun(id)
    this.#act(true, (draft) => decideStop(draft, run, said))
  }

  placement({ run: id, task: name, item }: TaskRef): PlacementView | null {
    const task = this.#state.runs.get(id)?.taskByName.get(taskKey(name, item))
    if (task === undefined) return null
    const { placement, clock } = this.#options
    return whyWaiting(this.#state, { task, placement, now: clock.now() })
  }

  health(name: string): { score: number; why: string } {
    return healthOf(this.#state, name, this.#options.clock.now())
  }

  stir(): void {
    if (this.#isClosed) return
    this.#actAlone((draft) => {
      freeGoneHosts(draft)
      for (const lane of this.#state.lanes.values())
        if (lane.queue.size > 0) draft.stirred.add(lane)
    })
  }

  record(id: RunId, event: Parameters<Engine['record']>[1]): void {
    const live = this.#state.runs.get(id)
    const run = live ?? this.#loadEnded(id)
    this.#act(true, (draft) => emit(draft, run, event))
  }

  live(id: RunId): RunView | null {
    return this.#state.runs.get(id)?.view ?? null
  }

  onEvents(listener: (events: readonly RunEvent[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  load(name: string): Load {
    return hostLoad(this.#state, name)
  }

  poolLoad(name: string): Load {
    return poolLoad(this.#state, name)
  }

  used(): number {
    return allUsed(this.#state)
  }

  recover(): void {
    const runs: LiveRun[] = []
    for (const id of this.#options.store.unfinished()) {
      const stored = this.#options.store.load(id)
      if (stored === null) continue
      const run = indexRun(stored.view, stored.plan)
      adoptRun(this.#state, run)
      runs.push(run)
    }
    const fences = this.#options.store.unfenced()
    for (const { host, key } of fences) {
      const stored = this.#options.store.load(parseAttemptKey(key).run)
      recoverFence(this.#state, { host, key, stored })
    }
    recoverStarts(this.#state, this.#options.store.recentStarts(), this.#options.placement)
    this.#act(false, (draft) => {
      for (const run of runs) decideRecover(draft, run)
      freeGoneHosts(draft)
    })
    for (const release of this.#options.store.unreleased()) this.#releases.add(release)
    for (const { host, key, graceMs } of fences) this.#options.hosts.cancel(host, key, graceMs)
  }

  whenReleased(): Promise<void> {
    return this.#releases.whenDone()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    this.#wake.set(null)
    this.#releases.close()
    this.#listeners.clear()
  }

  #planResume(request: ResumeRequest): { view: RunView; decisions: ResumeDecision[] } {
    const live = this.#state.runs.get(request.run)
    const stored = live ?? this.#options.store.load(request.run)
    if (stored === null) throw new AppError('not-found', `There is no run ${request.run}.`)
    return { view: stored.view, decisions: planResume(stored, live !== undefined, request) }
  }

  #liveRun(id: RunId): LiveRun {
    const run = this.#state.runs.get(id)
    if (run === undefined) throw this.#notLive(id)
    return run
  }

  #liveTask({ run: id, task: name, item }: TaskRef): LiveTask {
    const task = this.#liveRun(id).taskByName.get(taskKey(name, item))
    if (task === undefined) throw noTask(taskKey(name, item), id)
    return task
  }

  #notLive(id: RunId): AppError {
    const stored = this.#options.store.load(id)
    if (stored === null) return new AppError('not-found', `There is no run ${id}.`)
    return new AppError('conflict', `Run ${id} has ended already: it is ${stored.view.state}.`, {
      hint: `To go on with it: sluice resume ${id}`,
    })
  }

  #loadEnded(id: RunId): LiveRun {
    const stored = this.#options.store.load(id)
    if (stored === null) throw new AppError('not-found', `There is no run ${id}.`)
    return indexRun(stored.view, stored.plan)
  }

  #onReport(report: HostReport): void {
    if (this.#isClosed) return
    if (report.kind === 'released') return this.#releases.confirm(report.key)
    this.#inbox.push(report)
    if (this.#inbox.length > 1) return
    const { soon = queueMicrotask } = this.#options
    soon(() => this.#drain())
  }

  #drain(): void {
    while (this.#inbox.length > 0 && !this.#isClosed) {
      const reports = this.#inbox.splice(0, BATCH_MAX)
      this.#actAlone((draft) => {
        for (const report of reports) {
          if (!callBack(draft, report)) decideReport(draft, report)
        }
      })
    }
  }

  // With no caller to tell: whatever goes wrong here is the end of this engine, never of the process.
  #actAlone(decide: (draft: Draft) => void): void {
    try {
      this.#act(false, decide)
    } catch (error) {
      if (this.#isClosed) return
      this.#die(error)
    }
  }

  #die(error: unknown): void {
    this.close()
    this.#options.onFatal(error)
  }

  #act(durable: boolean, decide: (draft: Draft) => void): void {
    if (this.#isClosed) throw new AppError('engine-needed', 'The engine has stopped.')
    const { clock, dice, store, placement, evaluator, judgement } = this.#options
    const draft = newDraft(this.#state, {
      now: clock.now(),
      livedMs: clock.monotonic() - this.#openedAt,
      roll: () => dice.roll(),
      load: (run) => store.load(run),
      placement,
      evaluator,
      judgement,
    })
    decide(draft)
    // What was told is heard before anything falls due: a host that answers is not given up.
    if (this.#inbox.length === 0) this.#takeDue(draft)
    followUp(draft)
    decideStarts(draft)
    const changes = newsOf(draft)
    const releases = draft.effects.filter((effect) => effect.kind === 'release')
    const fences = draft.effects.filter((effect) => effect.kind === 'fence')
    const { fenced, starts } = draft
    if (changes.length > 0 || releases.length > 0 || fenced.length > 0) {
      try {
        store.commit(changes, { durable, releases, fences, fenced, starts })
      } catch (error) {
        this.#die(error)
        throw error
      }
    }
    for (const effect of draft.effects) this.#perform(effect)
    for (const change of changes) for (const listener of this.#listeners) listener(change.events)
    this.#wake.set(this.#isClosed ? null : this.#state.due.nextAt)
  }

  #takeDue(draft: Draft): void {
    const { due } = this.#state
    for (let one = due.take(draft.now); one !== null; one = due.take(draft.now))
      decideDue(draft, one)
  }

  #perform(effect: Effect): void {
    const { hosts } = this.#options
    switch (effect.kind) {
      case 'start':
        return this.#start(effect)
      case 'watch':
        return this.#watch(effect)
      case 'release':
        return this.#releases.add(effect)
      case 'cancel':
      case 'fence':
        return hosts.cancel(effect.host, effect.key, effect.graceMs)
    }
  }

  #watch({ host, task, number }: Extract<Effect, { kind: 'watch' }>): void {
    const env = lateEnvOf(task, this.#options.evaluator) // what runs already has it
    this.#options.hosts.watch(host, startOrder(task, number, env.ok ? env.value : {}))
  }

  #start({ host, task, number }: Extract<Effect, { kind: 'start' }>): void {
    const env = lateEnvOf(task, this.#options.evaluator)
    if (env.ok) return this.#options.hosts.start(host, startOrder(task, number, env.value))
    // It could be evaluated when the task run was queued: only another version of Sluice sees it otherwise.
    const end = {
      outcome: 'not_started' as const,
      cause: 'input_missing' as const,
      message: env.why,
    }
    const key = keyOf(task, number)
    this.#onReport({ kind: 'ended', host, key, end: { ...end, endedAt: 0, ...nothingRan } })
  }
}
