// A pipeline file to a PipelineSpec, or all that is wrong with it.
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { PipelineSpec } from '../../shared/pipeline/spec.ts'
import { checkFields } from './check-fields.ts'
import { checkPipeline } from './check-pipeline.ts'
import { mapOf, textOf } from './lenient.ts'
import type { Outline } from './outline.ts'
import { paramsOf } from './parse-params.ts'
import { taskOf } from './parse-task.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import { readYaml } from './read-yaml.ts'
import { openReport } from './report.ts'
import { scalarTexts } from './scalar-text.ts'
import { isName } from './schema-words.ts'
import { pipelineFields } from './schema.ts'
import type { PipelineFields } from './schema.ts'
import type { YamlTree } from './yaml-tree.ts'

export interface ParsedPipeline {
  /** The name it gives itself, also where other things are wrong; null where it gives none. */
  name: string | null
  spec: PipelineSpec | null
  problems: Problem[]
  /** For problems that are found later, in the files around it. */
  tree: YamlTree | null
}

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
  const outline = checkPipeline(tree, report, workspace)
  const problems = report.problems()
  const spec =
    fields === null || hasErrors(problems)
      ? null
      : specOf(fields, { tree, outline, name: nameOfFile(file) })
  return { name, spec, problems, tree }
}

export function nameOfFile(file: string): string {
  return (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, '')
}

function specOf(
  fields: PipelineFields,
  { tree, outline, name }: { tree: YamlTree; outline: Outline; name: string },
): PipelineSpec {
  return {
    name: fields.name ?? name,
    description: fields.description ?? '',
    ...(fields.verdict === undefined ? {} : { verdict: fields.verdict }),
    ...(fields.retry_budget === undefined ? {} : { retryBudget: fields.retry_budget }),
    ...(fields.slots === undefined ? {} : { slots: fields.slots }),
    ...(fields.priority === undefined ? {} : { priority: fields.priority }),
    params: paramsOf(fields.params, ['params'], tree),
    triggers: (fields.triggers ?? []).map(({ cron, timezone, dst }) => ({
      kind: 'cron',
      cron,
      timezone: timezone ?? 'UTC',
      dst: dst ?? null,
    })),
    env: scalarTexts(tree, ['env'], fields.env),
    tasks: outline.tasks.map((task) => taskOf(task, outline, tree)),
  }
}
