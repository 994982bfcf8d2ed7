// A workspace folder to specs and problems. Never throws for what a person wrote; a folder that cannot be read is a problem.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { PipelineSpec, WorkspaceSpec } from '../../shared/pipeline/spec.ts'
import { hashOf } from './canonical-json.ts'
import { checkSubPipelines } from './check-sub-pipelines.ts'
import { missingCommandFiles } from './command-files.ts'
import { nameOfFile, parsePipeline } from './parse-pipeline.ts'
import { emptyWorkspace, namesOf, parseWorkspace } from './parse-workspace.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import { noCache } from './parse-cache.ts'
import type { ParseCache } from './parse-cache.ts'
import { readYaml } from './read-yaml.ts'
import { openReport } from './report.ts'
import type { YamlTree } from './yaml-tree.ts'
import { readWorkspaceFile } from './workspace-files.ts'
import { decodeText, fileBytesMax } from './yaml-text.ts'

export interface LoadedPipeline {
  /** As the file says, or the name of the file where it does not. */
  name: string
  /** Relative to the workspace: `pipelines/orders.yaml`. */
  file: string
  text: string
  /** null where there are errors. */
  spec: PipelineSpec | null
  problems: readonly Problem[]
  /** For problems found later, e.g. when a run is planned. */
  tree: YamlTree | null
}

export interface LoadedWorkspace {
  dir: string
  spec: WorkspaceSpec
  /** By name. Two files of one name are both here, each with a problem. */
  pipelines: readonly LoadedPipeline[]
  /** Of the workspace itself; those of the pipelines stand with the pipelines. */
  problems: readonly Problem[]
  /** Text of `sluice.yaml`; null where there is none. */
  text: string | null
}

export const workspaceFile = 'sluice.yaml'
export const pipelinesFolder = 'pipelines'
const pipelinesMax = 10_000
const readAtOnce = 16

export async function loadWorkspace(
  dir: string,
  cache: ParseCache = noCache,
): Promise<LoadedWorkspace> {
  const root = resolve(dir)
  const own = await loadOwnFile(root)
  const listed = await pipelineFiles(root)
  const pipelines: LoadedPipeline[] = []
  await cache.begin(hashOf({ root, names: own.names }))
  for (let at = 0; at < listed.files.length; at += readAtOnce) {
    const files = listed.files.slice(at, at + readAtOnce)
    const loaded = files.map((file) => loadPipeline(root, file, { names: own.names, cache }))
    pipelines.push(...(await Promise.all(loaded)))
  }
  await cache.end()
  pipelines.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.file < b.file ? -1 : 1))
  return {
    dir: root,
    spec: own.spec,
    pipelines: withCalls(withNameClashes(pipelines), own.names),
    problems: [...own.problems, ...listed.problems],
    text: own.text,
  }
}

/** All problems, those of the workspace first. */
export function allProblems(workspace: LoadedWorkspace): Problem[] {
  return [...workspace.problems, ...workspace.pipelines.flatMap((each) => each.problems)]
}

interface OwnFile {
  spec: WorkspaceSpec
  /** null: it cannot be read, so that nobody knows what pipelines may name. */
  names: WorkspaceNames | null
  problems: readonly Problem[]
  text: string | null
}

async function loadOwnFile(dir: string): Promise<OwnFile> {
  const read = await readText(dir, workspaceFile)
  if (read === null) return { spec: emptyWorkspace, names: namesOf(null), problems: [], text: null }
  const { text } = read
  if (read.problems.length > 0) {
    return { spec: emptyWorkspace, names: null, problems: read.problems, text }
  }
  const { spec, names, problems } = parseWorkspace(text, workspaceFile)
  return { spec: spec ?? emptyWorkspace, names, problems, text }
}

/** null: there is no such file. */
async function readText(
  dir: string,
  file: string,
): Promise<{ text: string; problems: Problem[] } | null> {
  const found = await readWorkspaceFile(dir, file, fileBytesMax)
  if (found.kind === 'absent') return null
  if (found.kind === 'refused') {
    return { text: '', problems: [wholeFile(file, `The file ${found.why}.`)] }
  }
  const { text, faults } = decodeText(found.bytes)
  const report = openReport(file, text, null)
  for (const fault of faults) report.fault(fault)
  return { text, problems: report.problems() }
}

async function pipelineFiles(dir: string): Promise<{ files: string[]; problems: Problem[] }> {
  try {
    const entries = await readdir(join(dir, pipelinesFolder), { withFileTypes: true })
    const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
    const files = names.filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort()
    const problems: Problem[] = []
    if (files.length > pipelinesMax) {
      const message = `There are ${files.length} pipelines; only ${pipelinesMax} are read.`
      problems.push(wholeFile(pipelinesFolder, message))
    }
    return {
      files: files.slice(0, pipelinesMax).map((name) => `${pipelinesFolder}/${name}`),
      problems,
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return { files: [], problems: [] }
    return {
      files: [],
      problems: [wholeFile(pipelinesFolder, `The folder cannot be read (${code}).`)],
    }
  }
}

async function loadPipeline(
  dir: string,
  file: string,
  { names, cache }: { names: WorkspaceNames | null; cache: ParseCache },
): Promise<LoadedPipeline> {
  const signature = await cache.signatureOf(join(dir, file))
  const kept = signature === null ? null : cache.find(file, signature)
  if (kept !== null) return withScripts(dir, { ...kept, file, problems: [] })
  const read = await readPipeline(dir, file, names)
  const { spec, text, name, problems } = read
  if (signature !== null && spec !== null && problems.length === 0) {
    cache.keep(file, signature, { name, text, spec })
  }
  return withScripts(dir, read)
}

type ReadPipeline = Omit<LoadedPipeline, 'tree'>

/** The tree of a file is large and seldom asked for: it is read again then. */
function withTree(pipeline: ReadPipeline): LoadedPipeline {
  let tree: YamlTree | null | undefined
  return {
    ...pipeline,
    get tree() {
      if (tree === undefined) tree = readYaml(pipeline.text).tree
      return tree
    },
  }
}

// Whether scripts are there depends on files that may come and go while the pipeline stays.
async function withScripts(dir: string, read: ReadPipeline): Promise<LoadedPipeline> {
  const pipeline = withTree(read)
  const missing = await missingCommandFiles(dir, pipeline)
  return missing.length === 0
    ? pipeline
    : withTree({ ...read, problems: withMore(read.problems, missing) })
}

async function readPipeline(
  dir: string,
  file: string,
  names: WorkspaceNames | null,
): Promise<ReadPipeline> {
  const nothing = { name: nameOfFile(file), file, text: '', spec: null }
  const read = await readText(dir, file)
  if (read === null) return { ...nothing, problems: [wholeFile(file, 'This is no regular file.')] }
  const { text } = read
  if (read.problems.length > 0) return { ...nothing, text, problems: read.problems }
  const parsed = parsePipeline(text, file, names)
  const { spec, problems } = parsed
  return { name: parsed.name ?? nothing.name, file, text, spec, problems }
}

function withNameClashes(pipelines: readonly LoadedPipeline[]): LoadedPipeline[] {
  const filesByName = new Map<string, string[]>()
  for (const { name, file } of pipelines) {
    const files = filesByName.get(name)
    if (files === undefined) filesByName.set(name, [file])
    else files.push(file)
  }
  return pipelines.map((pipeline) => {
    const other = filesByName.get(pipeline.name)?.find((file) => file !== pipeline.file)
    return other === undefined ? pipeline : withNameClash(pipeline, other)
  })
}

function withCalls(
  pipelines: readonly LoadedPipeline[],
  names: WorkspaceNames | null,
): LoadedPipeline[] {
  const found = checkSubPipelines(pipelines, names)
  return pipelines.map((pipeline) => {
    const problems = found.get(pipeline.file)
    if (problems === undefined) return pipeline
    return { ...pipeline, problems: withMore(pipeline.problems, problems) }
  })
}

/** In the order of the file. What is wrong in a place already is not told a second time. */
function withMore(problems: readonly Problem[], more: readonly Problem[]): Problem[] {
  const all = [...problems]
  for (const one of more) {
    if (all.some(({ line, column }) => line === one.line && column === one.column)) continue
    const at = all.findIndex(
      ({ line, column }) => line > one.line || (line === one.line && column > one.column),
    )
    all.splice(at === -1 ? all.length : at, 0, one)
  }
  return all
}

function withNameClash(pipeline: LoadedPipeline, other: string): LoadedPipeline {
  const report = openReport(pipeline.file, pipeline.text, pipeline.tree)
  report.at(['name'], {
    message: `The pipeline in ${other} is called "${pipeline.name}" too.`,
    hint: 'Give one of them another name.',
  })
  return { ...pipeline, spec: null, problems: [...pipeline.problems, ...report.problems()] }
}

function wholeFile(file: string, message: string): Problem {
  return { file, line: 0, column: 0, path: '', message, hint: '', severity: 'error' }
}
