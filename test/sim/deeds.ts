// Does what a case asks for. What people ask at a bad moment is refused with a word that the engine knows; anything else is a
// broken promise.
import { isTaskEnd } from '../../shared/run/states.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { assertNever } from '../../shared/run/states.ts'
import { KilledAfterCommit } from '../helpers/world.ts'
import { must } from './broken.ts'
import { fillDisk, isDiskFull, makeRoom } from './disk.ts'
import { allRuns, viewOf } from './life.ts'
import type { Life } from './life.ts'
import { checkFolds } from './promises.ts'
import { resumeRun } from './resume-run.ts'
import { HOSTS } from './sim-case.ts'
import type { Deed } from './sim-case.ts'

const said = { by: 'sim', reason: '' }
const RUNS_MAX = 3

export function doDeed(life: Life, deed: Deed): void {
  const { world, tally } = life
  // A person starts Sluice again.
  if (deed.do === 'kill' || world.fatal[0] instanceof KilledAfterCommit) restart(life)
  const { engine } = world
  const ask = (request: (run: RunId) => void): void => {
    const run = 'run' in deed ? life.started[deed.run] : life.started[0]
    if (run !== undefined) allowed(life, deed.do, () => request(run))
  }
  switch (deed.do) {
    case 'wait':
    case 'kill':
      return
    case 'cut':
      if (!world.host(deed.host).isUp) return
      tally.add('link cut')
      return world.fleet.drop(deed.host)
    case 'mend':
      return mend(life)
    case 'reboot':
      tally.add('host rebooted')
      return world.host(deed.host).reboot()
    case 'cordon':
      return cordon(life, deed.host)
    case 'drain':
    case 'undrain':
      return drain(life, deed.do === 'drain')
    case 'step':
      tally.add(deed.ms < 0 ? "engine's clock back" : "engine's clock forward")
      life.hasStepped = true
      return world.clock.step(deed.ms)
    case 'host_step':
      tally.add("host's clock jumped")
      world.host(deed.host).clockAheadMs += deed.ms
      return
    case 'full':
      return fillDisk(world.store.db, deed.pages)
    case 'room':
      makeRoom(world.store.db)
      return world.fatal.length > 0 ? restart(life) : undefined
    case 'start':
      if (life.started.length >= RUNS_MAX) return
      return startRun(life)
    case 'cancel':
      return ask((run) => engine.cancel(run, 'sim', ''))
    case 'pause':
      return ask((run) => engine.pause(run, said))
    case 'unpause':
      return ask((run) => engine.unpause(run, 'sim'))
    case 'hold':
      return ask((run) => engine.hold({ ...deed, ...said, run }))
    case 'unhold':
      return ask((run) => engine.unhold({ ...deed, run, by: 'sim' }))
    case 'mark':
      return ask((run) => engine.mark({ ...deed, ...said, run }))
    case 'stop':
      return ask((run) => engine.stopAfter(run, { ...said, after: deed.after }))
    case 'settle':
      return ask(() => settle(life, deed))
    case 'answer':
      return ask(() => {
        const one = firstTask(life, isAsked)
        if (one !== null) engine.approve({ ...one, ...said, decision: deed.decision, values: {} })
      })
    case 'resume':
      return ask((run) => resumeRun(life, run, deed))
    default:
      assertNever(deed)
  }
}

export function startRun(life: Life): void {
  const { world, plan, sim, started } = life
  allowed(life, 'start', () => world.startPlan(plan, sim.script))
  // Also one whose engine was killed before it could give the run's name away.
  const found = allRuns(life).find(
    (run) => viewOf(life, run).cause.kind === 'person' && !started.includes(run),
  )
  if (found !== undefined) started.push(found)
}

/** What cannot be done now is refused with a conflict or as bad input, and a full disk or a dead engine say so. */
function allowed({ world, tally }: Life, name: string, deed: () => void): void {
  const wasDead = world.fatal.length > 0
  try {
    deed()
    tally.add(name)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'conflict' || code === 'bad-input' || code === 'not-found') return
    if (wasDead && code === 'engine-needed') return
    // The engine has stopped and said why; whoever asked has heard it too.
    if (world.fatal.includes(error) && (error instanceof KilledAfterCommit || isDiskFull(error)))
      return
    throw error
  }
}

/** Kills the engine, also while it starts again, until a start gets through or finds that the disk is full. */
export function restart(life: Life): void {
  const { world, tally, witness } = life
  for (;;) {
    tally.add('engine killed')
    if (isDiskFull(world.fatal[0])) tally.add('engine stopped by a full disk')
    witness.views.clear()
    for (const run of allRuns(life)) checkFolds(life, run)
    try {
      return world.crash()
    } catch (error) {
      if (isDiskFull(error)) return
      if (!(error instanceof KilledAfterCommit)) throw error
      tally.add('engine killed while it started')
    }
  }
}

export function mend({ world }: Life): void {
  for (const host of HOSTS) if (!world.host(host).isUp) world.fleet.restore(host)
}

function cordon(life: Life, host: string): void {
  const { closed, engine } = life.world
  if (!closed.delete(host)) closed.set(host, 'cordoned')
  allowed(life, 'cordon', () => engine.stir())
}

function drain(life: Life, isDrained: boolean): void {
  const { world } = life
  const { by, reason } = said
  const held = isDrained ? { by, reason, at: world.clock.now() } : null
  if ((world.drain() === null) !== isDrained) return
  world.drain = () => held
  allowed(life, isDrained ? 'drain' : 'undrain', () => world.engine.stir())
}

function settle(life: Life, { decision, isDead }: Deed & { do: 'settle' }): void {
  const { world } = life
  const one = firstTask(life, ({ state }) => state === 'unknown')
  if (one === null) return
  const at = world.engine.live(one.run)?.tasks[taskKey(one.task, one.item)]?.attempts.at(-1)?.host
  if (isDead === true && at !== undefined) world.host(at).reboot()
  world.engine.settle({ ...one, ...said, decision })
  life.tally.add(`settle: ${decision}${isDead === true ? ', its host started again' : ''}`)
}

function firstTask(
  life: Life,
  fits: (task: TaskView) => boolean,
): { run: RunId; task: string; item: number | null } | null {
  for (const run of allRuns(life)) {
    const tasks = Object.values(life.world.engine.live(run)?.tasks ?? {})
    const found = tasks.find(fits)
    if (found !== undefined) return { run, task: found.task, item: found.item }
  }
  return null
}

function isAsked({ state, approval }: TaskView): boolean {
  return state === 'running' && approval?.decided === null
}

/** So often nothing was written although time went on to whatever was due next. */
const STILL_TURNS_MAX = 60

/** Nothing stands in the way any more, and everybody answers: all must end. */
export async function settleDown(life: Life, flow: (ms: number) => Promise<void>): Promise<void> {
  const { world } = life
  life.isCalm = true
  makeRoom(world.store.db)
  if (world.fatal.length > 0) restart(life)
  mend(life)
  world.closed.clear()
  world.drain = () => null
  world.engine.stir()
  for (let still = 0; still < STILL_TURNS_MAX; still += 1) {
    const live = allRuns(life).filter((run) => world.engine.live(run) !== null)
    if (live.length === 0) return
    for (const run of live) letEnd(life, run)
    const { writes } = life.witness
    await flow(Math.min(Math.max(world.clock.nextIn() ?? 1000, 1), 3_600_000))
    if (life.witness.writes !== writes) still = 0
  }
  const open = allRuns(life).find((run) => world.engine.live(run) !== null)
  must(open === undefined, 'everything ends', () => JSON.stringify(openTasks(life, open)))
}

function openTasks({ world }: Life, run: RunId | undefined): unknown {
  const tasks = run === undefined ? [] : Object.entries(world.engine.live(run)?.tasks ?? {})
  return tasks.filter(([, { state }]) => !isTaskEnd(state)).map(([key, { state }]) => [key, state])
}

function letEnd(life: Life, run: RunId): void {
  const { engine } = life.world
  // Another answer may have ended the run, or its version knows the task no more.
  const tried = (deed: () => void): void => allowed(life, 'let go at last', deed)
  if (engine.live(run)?.paused !== undefined) tried(() => engine.unpause(run, 'sim'))
  for (const task of Object.values(engine.live(run)?.tasks ?? {})) {
    const one = { run, task: task.task, item: task.item }
    if (task.held !== undefined) tried(() => engine.unhold({ ...one, by: 'sim' }))
    if (isAsked(task))
      tried(() => engine.approve({ ...one, ...said, decision: 'approved', values: {} }))
  }
}
