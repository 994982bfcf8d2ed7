// A person resumes a run, as it is or with another version of its plan, and is held to what the preview said.
import { isDeepStrictEqual } from 'node:util'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import { must } from './broken.ts'
import type { Life } from './life.ts'
import { checkDecisions } from './plan-promises.ts'
import type { Deed, Fix } from './sim-case.ts'

export function resumeRun(life: Life, run: RunId, deed: Deed & { do: 'resume' }): void {
  const { engine } = life.world
  const { options, fix } = deed
  const stored = structuredClone(life.world.stored(run))
  const plan = fix === null ? stored.plan : fixedPlan(stored.plan, fix)
  const promised = engine.previewResume({ run, plan, options })
  // One that has stopped may know more than its store.
  const isAlive = life.world.fatal.length === 0
  if (isAlive)
    checkDecisions({ view: stored.view, before: stored.plan, after: plan, options }, promised)
  const done = engine.resume({ run, plan, options }, 'sim')
  must(isDeepStrictEqual(promised, done), 'a resume does what its preview said')
  tallyResume(life, deed)
}

function tallyResume({ tally }: Life, { options, fix }: Deed & { do: 'resume' }): void {
  if (options.from.length > 0) tally.add('resume from a task')
  if (options.only) tally.add('resume of some only')
  if (options.upstream && options.from.length > 0) tally.add('resume with upstream')
  for (const { decision } of options.forced) tally.add(`resume with ${decision} forced`)
  if (fix !== null) tally.add('resume with a fixed version')
  if (options.from.length + options.forced.length === 0) tally.add('resume from failure')
}

function fixedPlan(plan: RunPlan, { changed, added, removed }: Fix): RunPlan {
  const version = `${plan.version}+` as VersionId
  const tasks = plan.tasks
    .filter(({ name }) => name !== removed || !mayGo(plan, name))
    .map((task) => (changed.includes(task.name) ? withOtherWork(task) : task))
  if (added !== null && !tasks.some(({ name }) => name === added.name)) {
    const names = new Set(tasks.filter(({ isFinal }) => isFinal !== true).map(({ name }) => name))
    const needs = added.needs.filter((need) => names.has(need))
    tasks.push(...sketchPlan({ [added.name]: { needs } }).tasks)
  }
  return { ...plan, version, tasks }
}

function withOtherWork(task: PlannedTask): PlannedTask {
  return { ...task, run: `${task.run}+`, codeHash: `${task.codeHash}+` }
}

/** No other task speaks of it. */
function mayGo(plan: RunPlan, name: string): boolean {
  return plan.tasks.length > 1 && plan.tasks.every((task) => !task.needs.includes(name))
}
