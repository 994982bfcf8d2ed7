// What tests of queues have in common: runs one after the other, and who started when.
import { expect } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch, World } from '../helpers/world.ts'

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(2, '0')}`)

export function many(
  prefix: string,
  count: number,
  sketch: TaskSketch = {},
): Record<string, TaskSketch> {
  return Object.fromEntries(names(prefix, count).map((name) => [name, sketch]))
}

/** Time passes between two starts, so that who came first is known. */
export async function start(
  world: World,
  tasks: Record<string, TaskSketch>,
  plan: Partial<RunPlan> = {},
  script: Script = {},
): Promise<RunId> {
  await world.flow(1)
  return world.startPlan({ ...sketchPlan(tasks), ...plan }, script)
}

/** Task names in the order their attempts started, over all runs. */
export function record(world: World): string[] {
  const started: string[] = []
  world.engine.onEvents((events) => {
    for (const event of events) if (event.kind === 'attempt.starting') started.push(event.task)
  })
  return started
}

export async function finishAll(world: World, runs: readonly RunId[]): Promise<void> {
  for (const run of runs) expect((await world.finish(run)).state).toBe('succeeded')
}

export const why = (world: World, run: RunId, task: string): string =>
  world.engine.placement({ run, task, item: null })?.why ?? ''

/** The most that was held at once, by the events. */
export function watchWeights(world: World): () => number {
  let held = 0
  let most = 0
  world.engine.onEvents((events) => {
    for (const event of events) {
      if (event.kind !== 'attempt.starting' && event.kind !== 'attempt.ended') continue
      const weight = event.task.startsWith('two') ? 2 : 1
      held += event.kind === 'attempt.starting' ? weight : -weight
      most = Math.max(most, held)
    }
  })
  return () => most
}
