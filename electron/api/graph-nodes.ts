// The graph that screens draw, from a plan or from a file that was never planned.
import { unknownDueAt, unknownPolicy, whyNoFailover } from '../engine/unknown-policy.ts'
import type { GraphNode, UnknownRule } from '../../shared/api/views.ts'
import type { PipelineSpec } from '../../shared/pipeline/spec.ts'
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
  return spec.tasks.map(({ name, needs, host, run, remedies }) => ({
    name,
    needs,
    host,
    run,
    remedies,
  }))
}
