// Lives a case of waves: the real loop of waves on the real engine and store, killed after any write of either.
import { openIncidents } from '../../electron/api/incidents.ts'
import type { ApiParts } from '../../electron/api/parts.ts'
import { planWave } from '../../electron/api/plan-wave.ts'
import { openWaves } from '../../electron/api/wave-loop.ts'
import { openAudit } from '../../electron/store/audit.ts'
import { loadRun } from '../../electron/store/run-queries.ts'
import { unsettledWaves } from '../../electron/store/waves.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import { KilledAfterCommit, makeWorld, seededDice } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'
import { must } from './broken.ts'
import { openQuickStore } from './quick-store.ts'
import { Tally } from './tally.ts'
import type { WaveCase, WaveDeed } from './wave-case.ts'
import { WAVE_BY, WaveWatch } from './wave-promises.ts'

const TURNS_MAX = 400

export async function liveWave(sim: WaveCase): Promise<Record<string, number>> {
  const life = await openWaveLife(sim)
  try {
    return await life.live()
  } finally {
    await life.close()
  }
}

async function openWaveLife(
  sim: WaveCase,
): Promise<{ live: () => Promise<Record<string, number>>; close: () => Promise<void> }> {
  const tally = new Tally()
  const bugs: unknown[] = []
  let writes = 0
  let isKillable = false
  let onCommit: (events: readonly RunEvent[]) => void = () => undefined
  const world = makeWorld({
    seed: sim.seed,
    store: openQuickStore(),
    hosts: ['a'],
    aroundStore: (store) => ({
      ...store,
      commit(changes, options) {
        store.commit(changes, options)
        onCommit(changes.flatMap(({ events }) => events))
      },
    }),
  })
  const isLast = (): boolean => isKillable && sim.kills.includes((writes += 1))
  const explain = async (run: RunId): Promise<RootCause | null> => causeOf(world, sim, run)
  const { db } = world.store
  // What waves use of it; the rest is for other calls.
  const parts = {
    db,
    clock: world.clock,
    dice: seededDice(sim.seed),
    user: WAVE_BY,
    audit: openAudit(db, world.clock),
    incidents: openIncidents({ db, clock: world.clock, explain }),
    engine: () => world.engine,
    onEvents: (listener) => world.engine.onEvents(listener),
  } as Pick<ApiParts, 'db' | 'clock' | 'dice' | 'user' | 'engine' | 'onEvents'> as ApiParts
  const open = (): ReturnType<typeof openWaves> => {
    const made = openWaves(parts, (error) => bugs.push(error))
    made.onChange(() => {
      if (isLast()) throw new KilledAfterCommit()
    })
    return made
  }
  let waves = open()

  const isDead = (): boolean => world.fatal.length > 0 || bugs.length > 0
  const revive = async (): Promise<void> => {
    for (let isFirst = true; isFirst || isDead(); isFirst = false) {
      const bug = [...world.fatal, ...bugs].find(
        (one) => !(one instanceof KilledAfterCommit || isStopped(one)),
      )
      if (bug !== undefined) throw bug as Error
      tally.add('waves killed')
      await waves.close()
      bugs.length = 0
      try {
        world.crash()
      } catch (error) {
        if (!(error instanceof KilledAfterCommit)) throw error
        continue
      }
      waves = open()
      waves.recover()
      await world.flow(1)
    }
  }
  const flow = async (ms: number): Promise<void> => {
    await world.flow(ms)
    if (isDead()) await revive()
  }
  // What people ask at a bad moment is refused, and where all is killed meanwhile, nobody answers.
  const allowed = async (name: string, deed: () => unknown): Promise<void> => {
    try {
      await deed()
      tally.add(`wave: ${name}`)
    } catch (error) {
      if (!(error instanceof AppError || error instanceof KilledAfterCommit)) throw error
    }
  }
  const startWave = async (like: RunId): Promise<void> => {
    const asked = { ...plainQuestion, like, ...sim.sizes }
    const shown = planWave(parts, asked)
    const started = shown.then(({ plan }) =>
      waves.start(asked, { planId: plan.planId, reason: '' }),
    )
    await Promise.all([allowed('begun', () => started), world.flow(1)])
  }

  const live = async (): Promise<Record<string, number>> => {
    const runs: RunId[] = []
    for (const [at, { again, ms }] of sim.runs.entries()) {
      const name = `load-${at}`
      const then = { exit: again === 'well' ? 0 : 1, ms }
      const run = world.start({ [name]: {} }, { [name]: [{ exit: 1, ms: 10 }, then] })
      await world.finish(run)
      runs.push(run)
    }
    const watch = new WaveWatch(sim, db, runs)
    onCommit = (events) => watch.take(events)
    world.killAfterCommit = isLast
    isKillable = true
    const [first] = runs
    if (first !== undefined) await startWave(first)
    const act = async (deed: WaveDeed): Promise<void> => {
      const run = runs['run' in deed ? deed.run : 0]
      if (run === undefined) return
      const one = { run, task: `load-${runs.indexOf(run)}`, item: null }
      const said = { by: 'hand', reason: '' }
      switch (deed.do) {
        case 'wait':
          return
        case 'kill':
          return await revive()
        case 'wave':
          return await startWave(run)
        case 'stop': {
          const [wave] = unsettledWaves(db)
          if (wave === undefined) return
          return await allowed('stop', () => waves.stop(wave, ''))
        }
        case 'resume': {
          const plan = world.stored(run).plan
          const request = { run, plan, options: FROM_FAILURE }
          return await allowed('resume by hand', () => world.engine.resume(request, 'hand'))
        }
        case 'cancel':
          return await allowed('cancel', () => world.engine.cancel(run, 'hand', ''))
        case 'mark':
          return await allowed('mark', () =>
            world.engine.mark({ ...one, ...said, state: 'skipped' }),
          )
      }
    }
    for (const deed of sim.deeds) {
      await flow(deed.afterMs)
      await act(deed)
      await flow(1)
    }
    isKillable = false
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      const isOver =
        unsettledWaves(db).length === 0 && runs.every((run) => world.engine.live(run) === null)
      if (isOver) break
      await flow(1000)
    }
    watch.checkEnd()
    for (const run of runs)
      must(world.engine.live(run) === null, 'everything ends', () => world.view(run).state)
    for (const { state } of db.prepare<[], { state: string }>('select state from wave').all())
      tally.add(`wave ${state}`)
    for (const state of db.prepare<[], string>('select state from wave_run').pluck().all())
      tally.add(`run of a wave ${state}`)
    return tally.counts
  }
  return {
    live,
    async close() {
      await waves.close()
      world.engine.close()
      world.store.close()
    },
  }
}

const plainQuestion = {
  signature: null,
  since: 0,
  pipeline: null,
  version: 'pinned' as const,
  params: {},
  forced: [],
  first: [],
}

function isStopped(error: unknown): boolean {
  return error instanceof AppError && error.code === 'engine-needed'
}

function causeOf(world: World, sim: WaveCase, run: RunId): RootCause | null {
  const view = loadRun(world.store.db, run)?.view
  const failed = Object.values(view?.tasks ?? {}).find(({ state }) => state === 'failed')
  if (failed === undefined) return null
  const at = Number(failed.task.split('-')[1])
  const isOther = failed.attempts.length > 1 && sim.runs[at]?.again === 'other'
  const text = isOther ? 'permission denied' : 'rates.csv: No such file or directory'
  return {
    rootTask: failed.task,
    attempt: failed.attempts.length,
    class: 'missing_input_file',
    summary: 'An input is missing.',
    evidence: [{ task: failed.task, line: 1, text }],
    changed: [],
    waiting: [],
    exitWords: '',
    confidence: 'high',
    transient: false,
    hostLevel: false,
    evidenceGaps: [],
    hostFacts: [],
    remedies: [],
    lastGoodRun: null,
  }
}
