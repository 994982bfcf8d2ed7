// The graph that screens draw, from a plan or from a file that was never planned.
import { conditionWords } from './plan-words.ts'
import { unknownDueAt, unknownPolicy, whyNoFailover } from '../engine/unknown-policy.ts'
import type { GraphNode, UnknownRule } from '../../shared/api/views.ts'
import type { PipelineSpec, TaskSpec } from '../../shared/pipeline/spec.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'

export function graphOfPlan(plan: RunPlan): GraphNode[] {
  return plan.tasks.map((task) => ({
    name: task.name,
    needs: task.needs,
    host: task.hosts[0] ?? '',
    run: task.run,
    remedies: task.remedies,
    effect: task.effect,
    unknown: unknownRule(task),
    ...(task.pool && { pool: { name: task.pool.name, hosts: task.hosts } }),
    ...rulesOf(task),
    ...(task.child !== undefined && { pipeline: task.child.plan.pipeline }),
  }))
}

function unknownRule(task: PlannedTask): UnknownRule {
  return {
    then: unknownPolicy(task).then,
    actsAfterMs: unknownDueAt(task, { unknownAt: 0 }, 0),
    failoverNo: whyNoFailover(task),
  }
}

export function graphOfSpec(spec: PipelineSpec): GraphNode[] {
  return spec.tasks.map((task) => ({
    name: task.name,
    needs: task.needs,
    host: task.host,
    run: task.run,
    remedies: task.remedies,
    ...(task.pipeline !== undefined && { pipeline: task.pipeline.pipeline }),
    ...rulesOf(task),
  }))
}

type Ruled = Pick<PlannedTask | TaskSpec, keyof PlannedTask & keyof TaskSpec>

function rulesOf(task: Ruled): Partial<GraphNode> {
  const { group, trigger, when, fanOut, branch, allowFailure, approval } = task
  const rule = typeof trigger === 'object' ? conditionWords(trigger) : trigger
  return {
    ...(group !== undefined && { group }),
    ...(rule !== undefined && rule !== 'all_success' && { rule }),
    ...(when !== undefined && { when }),
    ...(fanOut !== undefined && {
      fanOut: { maxParallel: fanOut.maxParallel, join: fanOut.join },
    }),
    ...(branch !== undefined && { isBranch: true }),
    ...(allowFailure === true && { mayFail: true }),
    ...(approval !== undefined && { approval }),
    ...partOf(task),
  }
}

function partOf({ setup, teardown, isFinal }: Ruled): Pick<GraphNode, 'part' | 'undoes'> {
  if (teardown !== undefined) return { part: 'teardown', undoes: teardown.of }
  if (setup === true) return { part: 'setup' }
  return isFinal === true ? { part: 'final' } : {}
}
