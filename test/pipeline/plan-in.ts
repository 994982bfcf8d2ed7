// Plans a pipeline of a workspace folder, as a test asks for it.
import { expect } from 'vitest'
import { allProblems, loadWorkspace } from '../../electron/pipeline/load.ts'
import { planRun } from '../../electron/pipeline/plan.ts'
import type { PlannedRun, PlanRequest } from '../../electron/pipeline/plan.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { memoryBlobs } from './memory-blobs.ts'
import { workspaceDir } from './workspace-dir.ts'

/** Of the pipeline `orders`, without params or a logical date, where the request says nothing else. */
export async function planIn(dir: string, request: Partial<PlanRequest> = {}): Promise<PlannedRun> {
  return planRun({
    workspace: await loadWorkspace(dir),
    pipeline: 'orders',
    environment: null,
    params: {},
    logicalDate: null,
    blobs: memoryBlobs(),
    ...request,
  })
}

export async function goodPlanIn(
  dir: string,
  request: Partial<PlanRequest> = {},
): Promise<RunPlan> {
  const { plan, problems, commandLineProblems } = await planIn(dir, request)
  expect([...problems, ...commandLineProblems]).toEqual([])
  return plan as RunPlan
}

export function plannedTask(plan: RunPlan, name: string): PlannedTask {
  const task = plan.tasks.find((each) => each.name === name)
  expect(task?.name).toBe(name)
  return task as PlannedTask
}

/** `message | hint` of each problem in the pipelines, by their names. */
export async function problemsIn(pipelines: Readonly<Record<string, string>>): Promise<string[]> {
  const files = Object.entries(pipelines).map(([name, text]) => [`pipelines/${name}.yaml`, text])
  const dir = workspaceDir(Object.fromEntries(files) as Record<string, string>)
  const problems = allProblems(await loadWorkspace(dir))
  return problems.map(({ message, hint }) => `${message} | ${hint ?? ''}`)
}
