// What pipelines say of each other: that the one that is run exists, gets what it wants, and does not lead back. For
// when all files of a workspace are read.
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { ParamSpec, PipelineSpec } from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { openCheck } from './check-context.ts'
import type { Check } from './check-context.ts'
import { taskScope } from './check-expressions.ts'
import { kindOfTask } from './check-kinds.ts'
import { mapOf, textOf } from './lenient.ts'
import { outlineOf } from './outline.ts'
import type { OutlineTask } from './outline.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import { openReport } from './report.ts'
import { scalarText } from './scalar-text.ts'
import { isName } from './schema-words.ts'
import { offsetInText } from './text-offset.ts'
import type { YamlTree } from './yaml-tree.ts'
import { placeAt } from './yaml-tree.ts'

/** A chain of pipelines that run each other has so many at most, the first one besides. */
export const childDepthMax = 8

export interface Caller {
  name: string
  file: string
  text: string
  spec: PipelineSpec | null
  tree: YamlTree | null
}

/** Problems by file; a file without any is not there. */
export function checkSubPipelines(
  pipelines: readonly Caller[],
  workspace: WorkspaceNames | null,
): ReadonlyMap<string, Problem[]> {
  const byName = new Map(pipelines.map((each) => [each.name, each]))
  const callsOfEach = new Map(pipelines.map((each) => [each, callsOf(each)]))
  const callsByName = new Map([...callsOfEach].map(([{ name }, calls]) => [name, calls]))
  const problems = new Map<string, Problem[]>()
  for (const caller of pipelines) {
    // Its tree is read again where it is asked for: only of those that call.
    if (callsOfEach.get(caller)?.length === 0 || caller.tree === null) continue
    const { tree } = caller
    const report = openReport(caller.file, caller.text, tree)
    const check = openCheck(tree, report, workspace)
    for (const task of check.outline.tasks) {
      const name = calledBy(task)
      if (name === null || report.isFull()) continue
      const path = [...task.path, 'pipeline']
      const called = byName.get(name)
      const chain = longestChain(callsByName, caller.name, name)
      if (called === undefined) {
        const message = `There is no pipeline "${name}".${didYouMean(name, byName.keys())}`
        report.at(path, { message, hint: `Pipelines: ${someOf(byName.keys())}.` })
      } else if (chain !== null) {
        report.at(path, { message: chain, hint: 'Delete one of these.' })
      } else if (called.spec !== null) {
        checkParams(check, task, { specs: called.spec.params, name })
      }
    }
    const found = report.problems()
    if (found.length > 0) problems.set(caller.file, found)
  }
  return problems
}

function callsOf(caller: Caller): readonly string[] {
  const { spec } = caller
  const names =
    spec === null
      ? brokenCallsOf(caller)
      : spec.tasks.flatMap(({ pipeline }) => pipeline?.pipeline ?? [])
  return [...new Set(names)]
}

// A file with errors has its calls looked at with them. Of ten thousand such files, only those that may call are read again.
function brokenCallsOf(caller: Caller): string[] {
  if (!/\bpipeline\b/.test(caller.text) || caller.tree === null) return []
  return outlineOf(caller.tree).tasks.flatMap((task) => calledBy(task) ?? [])
}

/** null: it runs no pipeline, or what is named cannot be one. */
function calledBy({ value }: OutlineTask): string | null {
  const name = kindOfTask(value) === 'pipeline' ? textOf(value['pipeline']) : null
  return name !== null && isName(name) ? name : null
}

/** Breadth first: what leads back is found at its shortest. null: nothing does, and nothing is too deep. */
function longestChain(
  callsByName: ReadonlyMap<string, readonly string[]>,
  from: string,
  first: string,
): string | null {
  // Depths grow only where a longer way is found, and no further than the limit.
  const depthByName = new Map([[first, 1]])
  let chains: string[][] = [[from, first]]
  while (chains.length > 0) {
    const next: string[][] = []
    for (const chain of chains) {
      const last = chain.at(-1) ?? ''
      if (last === from) return `A pipeline cannot run itself: ${chain.join(' runs ')}.`
      if (chain.length > childDepthMax + 1) {
        return `Pipelines run each other at most ${childDepthMax} deep: ${chain.join(' runs ')}.`
      }
      for (const called of callsByName.get(last) ?? []) {
        if (chain.indexOf(called) > 0) continue
        if ((depthByName.get(called) ?? 0) >= chain.length) continue
        depthByName.set(called, chain.length)
        next.push([...chain, called])
      }
    }
    chains = next
  }
  return null
}

function checkParams(
  { report, tree, expressions, ...check }: Check,
  task: OutlineTask,
  { specs, name }: { specs: readonly ParamSpec[]; name: string },
): void {
  const names = specs.map((spec) => spec.name)
  const params = mapOf(task.value['params'])
  for (const [param, value] of Object.entries(params)) {
    if (!isScalar(value)) continue
    const text = scalarText(tree, [...task.path, 'params', param])
    const path = [...task.path, 'params', param]
    const spec = specs.find((each) => each.name === param)
    if (spec === undefined) {
      const message = `The pipeline "${name}" has no param "${param}".${didYouMean(param, names)}`
      const hint = names.length === 0 ? 'It takes none.' : `It takes: ${someOf(names)}.`
      report.atKey(path, { message, hint })
      continue
    }
    if (!text.includes('${{')) {
      const coerced = coerceParam(spec, text)
      if (!coerced.ok) report.at(path, coerced)
      continue
    }
    const late = taskScope({ report, tree, expressions, ...check }, task)
    const faults = expressions.check(text, { late, wanted: { kind: 'param', type: spec.type } })
    for (const fault of faults) {
      report.at(path, fault, offsetInText(placeAt(tree, path), text, fault.offset))
    }
  }
  for (const spec of specs) {
    if (spec.default !== null || Object.hasOwn(params, spec.name)) continue
    const message = `The pipeline "${name}" needs a value for its param "${spec.name}".`
    report.atKey([...task.path, 'pipeline'], {
      message,
      hint: `Write params: { ${spec.name}: ... }`,
    })
  }
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
