// A pipeline file to a PipelineSpec, or all that is wrong with it.
import { parseByteSize } from '../../shared/pipeline/byte-size.ts'
import { parseDuration } from '../../shared/pipeline/duration.ts'
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type {
  ParamSpec,
  PipelineSpec,
  RemedySpec,
  RetrySpec,
  TaskSpec,
} from '../../shared/pipeline/spec.ts'
import { parseUnknownPolicy, unknownPolicyDefault } from '../../shared/pipeline/unknown-policy.ts'
import { checkFields } from './check-fields.ts'
import { checkPipeline, splitInput } from './check-pipeline.ts'
import { mapOf, textOf } from './lenient.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import { readYaml } from './read-yaml.ts'
import { openReport } from './report.ts'
import { scalarText, scalarTexts } from './scalar-text.ts'
import { isName, pipelineFields } from './schema.ts'
import type { PipelineFields } from './schema.ts'
import type { YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export interface ParsedPipeline {
  /** The name it gives itself, also where other things are wrong; null where it gives none. */
  name: string | null
  spec: PipelineSpec | null
  problems: Problem[]
  /** For problems that are found later, in the files around it. */
  tree: YamlTree | null
}

export const retryDefaults: RetrySpec = {
  max: 0,
  delayMs: 5000,
  backoff: 'exponential',
  capMs: 600_000,
  jitter: 0,
}
export const graceDefaultMs = 10_000
export const logLimitDefault = 10 * 1024 ** 3

/** `file`: for the problems, and the name of a pipeline that gives itself none. */
export function parsePipeline(
  text: string,
  file: string,
  workspace: WorkspaceNames | null,
): ParsedPipeline {
  const { tree, faults } = readYaml(text)
  const report = openReport(file, text, tree)
  for (const fault of faults) report.fault(fault)
  if (tree === null) return { name: null, spec: null, problems: report.problems(), tree }
  const name = textOf(mapOf(tree.value)['name'])
  if (tree.value === null) {
    report.fault({
      offset: null,
      message: 'The file is empty.',
      hint: 'A pipeline needs at least tasks: { hello: { run: "echo hello" } }',
    })
    return { name, spec: null, problems: report.problems(), tree }
  }
  const fields = checkFields(pipelineFields, tree, report)
  // A file of any name could stand in the folder; what a pipeline is called goes into environments and lists.
  if (name === null && !isName(nameOfFile(file))) {
    report.fault({
      offset: null,
      message: 'The name of the file is no name for a pipeline.',
      hint: 'Rename the file to letters, digits, "_", "." and "-", or give the pipeline a name.',
    })
  }
  checkPipeline(tree, report, workspace)
  const problems = report.problems()
  const spec =
    fields === null || hasErrors(problems) ? null : specOf(fields, tree, nameOfFile(file))
  return { name, spec, problems, tree }
}

export function nameOfFile(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, '')
}

function specOf(fields: PipelineFields, tree: YamlTree, name: string): PipelineSpec {
  return {
    name: fields.name ?? name,
    description: fields.description ?? '',
    params: Object.entries(fields.params ?? {}).map(([param, value]) =>
      paramOf(param, value, tree),
    ),
    triggers: (fields.triggers ?? []).map(({ cron, timezone, dst }) => ({
      kind: 'cron',
      cron,
      timezone: timezone ?? 'UTC',
      dst: dst ?? null,
    })),
    env: scalarTexts(tree, ['env'], fields.env),
    tasks: Object.entries(fields.tasks).map(([task, value]) => taskOf(task, value, fields, tree)),
  }
}

type ParamFields = NonNullable<PipelineFields['params']>[string]
type TaskFields = PipelineFields['tasks'][string]

function paramOf(name: string, fields: ParamFields, tree: YamlTree): ParamSpec {
  const path = ['params', name]
  const choices = (fields.choices ?? []).map((_, at) => scalarText(tree, [...path, 'choices', at]))
  const type = fields.type ?? 'string'
  const given = valueAt(tree, [...path, 'default'])
  const coerced =
    given === undefined
      ? null
      : coerceParam({ type, choices }, scalarText(tree, [...path, 'default']))
  return {
    name,
    type,
    default: coerced?.ok === true ? coerced.value : null,
    description: fields.description ?? '',
    choices,
  }
}

function taskOf(name: string, fields: TaskFields, all: PipelineFields, tree: YamlTree): TaskSpec {
  const host = fields.host ?? 'local'
  const inputs: Record<string, { task: string; output: string }> = {}
  for (const [path, text] of Object.entries(fields.inputs ?? {})) {
    const source = splitInput(text, (task) => Object.hasOwn(all.tasks, task))
    if (source !== null) inputs[plainPath(path)] = source
  }
  const outputs = Object.entries(fields.outputs ?? {}).map(([output, path]) => [
    output,
    plainPath(path),
  ])
  return {
    name,
    needs: [...new Set(fields.needs ?? [])],
    host,
    run: fields.run,
    env: scalarTexts(tree, ['tasks', name, 'env'], fields.env),
    timeoutMs: fields.timeout === undefined ? null : parseDuration(fields.timeout),
    graceMs: durationOf(fields.grace, graceDefaultMs),
    retries: retriesOf(fields.retries),
    effect: fields.effect ?? 'idempotent',
    onUnknown: parseUnknownPolicy(fields.on_unknown ?? '') ?? unknownPolicyDefault,
    logLimitBytes: parseByteSize(fields.log_limit ?? '') ?? logLimitDefault,
    files: (fields.files ?? []).map(plainPath),
    inputs,
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    remedies: (fields.remedies ?? []).map((remedy): RemedySpec => ({
      title: remedy.title,
      cause: remedy.cause ?? null,
      host: remedy.host ?? host,
      run: remedy.run,
    })),
    description: fields.description ?? '',
  }
}

function retriesOf(fields: TaskFields['retries']): RetrySpec {
  if (fields === undefined) return retryDefaults
  return {
    max: fields.max,
    delayMs: durationOf(fields.delay, retryDefaults.delayMs),
    backoff: fields.backoff ?? retryDefaults.backoff,
    capMs: durationOf(fields.cap, retryDefaults.capMs),
    jitter: fields.jitter ?? retryDefaults.jitter,
  }
}

function durationOf(text: string | undefined, otherwiseMs: number): number {
  return text === undefined ? otherwiseMs : (parseDuration(text) ?? otherwiseMs)
}

function plainPath(path: string): string {
  return path.replace(/^(\.\/)+/, '')
}
