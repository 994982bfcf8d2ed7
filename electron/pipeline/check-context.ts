// What the checks of one pipeline file share.
import { downstreamOf, graphOf, upstreamOf } from '../../shared/graph/graph.ts'
import type { Graph } from '../../shared/graph/graph.ts'
import type { ParamType } from '../../shared/pipeline/spec.ts'
import { openExpressions } from './expression.ts'
import type { Expressions } from './expression.ts'
import { mapOf } from './lenient.ts'
import { outlineOf } from './outline.ts'
import type { Outline } from './outline.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import type { Report } from './report.ts'
import type { YamlTree } from './yaml-tree.ts'

export interface Check {
  tree: YamlTree
  report: Report
  /** null where the pipeline stands alone and hosts and vars cannot be known. */
  workspace: WorkspaceNames | null
  outline: Outline
  graph: Graph
  expressions: Expressions
  /** Tasks that have ended before this one may start, final tasks' bodies too. */
  upstreamOf(task: string): ReadonlySet<string>
  downstreamOf(task: string): ReadonlySet<string>
}

export function openCheck(tree: YamlTree, report: Report, workspace: WorkspaceNames | null): Check {
  const outline = outlineOf(tree)
  const graph = graphOf(outline.tasks.map(({ name, upstream }) => ({ name, needs: upstream })))
  const vars = workspace?.environments.flatMap((environment) => environment.vars) ?? null
  return {
    tree,
    report,
    workspace,
    outline,
    graph,
    expressions: openExpressions({
      params: paramTypes(mapOf(tree.value)['params']),
      vars: vars === null ? null : [...new Set(vars)],
    }),
    upstreamOf: rememberedBy((task) => {
      const upstream = upstreamOf(graph, task)
      if (outline.taskByName.get(task)?.isFinal !== true) return upstream
      for (const { name, isFinal } of outline.tasks) if (!isFinal) upstream.add(name)
      return upstream
    }),
    downstreamOf: rememberedBy((task) => downstreamOf(graph, task)),
  }
}

// The last one only: checks go from task to task, and all sets of 5,000 tasks would be 25 million names.
function rememberedBy<Value>(make: (key: string) => Value): (key: string) => Value {
  let last: { key: string; value: Value } | null = null
  return (key) => {
    if (last?.key !== key) last = { key, value: make(key) }
    return last.value
  }
}

export function paramTypes(params: unknown): Record<string, ParamType> {
  const types: Record<string, ParamType> = {}
  for (const [name, value] of Object.entries(mapOf(params))) {
    if (/^[A-Za-z_]\w*$/.test(name)) types[name] = typeOfParam(mapOf(value))
  }
  return types
}

export function typeOfParam(param: Readonly<Record<string, unknown>>): ParamType {
  const types = ['string', 'integer', 'number', 'boolean', 'date', 'choice'] as const
  return types.find((type) => type === param['type']) ?? 'string'
}
