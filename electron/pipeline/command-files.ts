// Which files of the workspace a command names: they travel to the host with it.
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { PipelineSpec, TaskSpec } from '../../shared/pipeline/spec.ts'
import { listOf, mapOf, textOf } from './lenient.ts'
import { outlineOf } from './outline.ts'
import { openReport } from './report.ts'
import type { Report } from './report.ts'
import { filesMax, isRelativePath } from './schema-words.ts'
import { shellWords } from './shell-words.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import {
  isGlob,
  listFiles,
  matchFiles,
  readWorkspaceFile,
  travelBytesMax,
} from './workspace-files.ts'

/** Words that could be paths of the workspace, without `./`, each once, in order. */
export function namedPaths(run: string): string[] {
  const paths = shellWords(run).map((word) => word.replace(/^(\.\/+)+/, ''))
  return [...new Set(paths.filter(isCandidate))]
}

function isCandidate(path: string): boolean {
  if (path === '' || path.length > 240 || path.startsWith('/') || path.startsWith('-')) return false
  return !path.split('/').some((part) => part === '..' || part === '.' || part === '')
}

interface Source {
  file: string
  text: string
  spec: PipelineSpec | null
  tree: YamlTree | null
}

type Command = Pick<TaskSpec, 'name' | 'run' | 'files' | 'inputs'>

/** What a load can say before any run: declared files that are not there, and `./script` that is nowhere. */
export async function missingCommandFiles(dir: string, source: Source): Promise<Problem[]> {
  let opened: Report | null = null
  // Seldom anything is missing, and its place is asked for only then.
  const report = (): Report => (opened ??= openReport(source.file, source.text, source.tree))
  let listed: string[] | null = null
  for (const task of source.spec?.tasks ?? commandsOf(source)) {
    for (const [at, pattern] of task.files.entries()) {
      const isThere = isGlob(pattern)
        ? matchFiles((listed ??= (await listFiles(dir)).files), pattern).length > 0
        : (await readWorkspaceFile(dir, pattern, travelBytesMax)).kind !== 'absent'
      if (isThere) continue
      report().at([...placeOf(source, task), 'files', at], {
        message: `No file of the workspace is "${pattern}".`,
        hint: 'Paths start at the folder of sluice.yaml.',
      })
    }
    for (const path of await scriptsNowhere(dir, task)) {
      report().at([...placeOf(source, task), 'run'], {
        message: `The command names ./${path}, and the workspace has no such file.`,
        hint: 'Paths start at the folder of sluice.yaml. Ignore this if the command makes the file itself.',
        severity: 'warning',
      })
    }
  }
  return opened === null ? [] : (opened as Report).problems()
}

/** Of a file with errors: as far as they can be read, so that one mistake does not hide the others. */
function commandsOf(source: Source): Command[] {
  // Of ten thousand such files, only those that may name any are read again.
  if (!/\.\/|\bfiles\b/.test(source.text) || source.tree === null) return []
  return outlineOf(source.tree).tasks.map(({ name, value }) => ({
    name,
    run: textOf(value['run']) ?? '',
    files: listOf(value['files'])
      .slice(0, filesMax)
      .flatMap((file) => textOf(file) ?? [])
      .filter(isRelativePath),
    inputs: mapOf(value['inputs']) as Command['inputs'],
  }))
}

function placeOf({ tree }: Source, { name }: Command): Path {
  const task = tree === null ? undefined : outlineOf(tree).taskByName.get(name)
  return task?.path ?? ['tasks', name]
}

// Only what is plainly meant as a script beside the pipeline: `./x.sh` in front of a command.
async function scriptsNowhere(dir: string, task: Command): Promise<string[]> {
  const missing: string[] = []
  for (const match of task.run.matchAll(/(?:^|[;&|\n])\s*(?:sh\s+)?\.\/([\w./-]+)/g)) {
    const path = match[1] as string
    if (Object.hasOwn(task.inputs, path) || !isCandidate(path)) continue
    const found = await readWorkspaceFile(dir, path, travelBytesMax)
    if (found.kind === 'absent') missing.push(path)
  }
  return [...new Set(missing)]
}
