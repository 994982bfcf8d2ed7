// Finds the workspace files that travel with a task and puts their bytes into the blob store.
import type { TaskSpec } from '../../shared/pipeline/spec.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import type { BlobStore } from '../ports/logs.ts'
import { namedPaths } from './command-files.ts'
import type { Words } from './report.ts'
import {
  isGlob,
  listFiles,
  matchFiles,
  readWorkspaceFile,
  travelBytesMax,
} from './workspace-files.ts'

/** Files of one task, and their bytes in all. */
const taskFilesMax = 1000
const taskBytesMax = 64 * 1024 * 1024

export interface FileFault {
  /** Within the task: `files[0]` or `run`. */
  path: readonly (string | number)[]
  words: Words
}

export interface FileCollector {
  collect(task: TaskSpec): Promise<{ files: PlannedFile[]; faults: FileFault[] }>
}

/** Each file is read once per plan, however many tasks it travels with. */
export function openFileCollector(dir: string, blobs: BlobStore): FileCollector {
  const plannedByPath = new Map<string, Promise<Planned>>()
  let listed: Promise<string[]> | null = null
  const list = (): Promise<string[]> => (listed ??= listFiles(dir).then(({ files }) => files))
  const plan = (path: string): Promise<Planned> => {
    const known = plannedByPath.get(path)
    if (known !== undefined) return known
    const planned = planFile(dir, path, blobs)
    plannedByPath.set(path, planned)
    return planned
  }
  return {
    collect: async (task) => {
      const wanted = await wantedPaths(task, list)
      const faults = [...wanted.faults]
      const files: PlannedFile[] = []
      for (const { path, from, isDeclared } of wanted.paths) {
        // A file that a task upstream makes is not the one of the workspace.
        if (Object.hasOwn(task.inputs, path)) continue
        const found = await plan(path)
        if (found.kind === 'file') files.push(found.file)
        else if (found.kind === 'refused' || isDeclared) faults.push(fileFault(from, path, found))
      }
      faults.push(...limitFaults(files))
      return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), faults }
    },
  }
}

type Planned =
  | { kind: 'file'; file: PlannedFile }
  | { kind: 'absent' }
  | { kind: 'refused'; why: string }

async function planFile(dir: string, path: string, blobs: BlobStore): Promise<Planned> {
  const found = await readWorkspaceFile(dir, path, travelBytesMax)
  if (found.kind !== 'file') return found
  const sha256 = await blobs.put(found.bytes)
  return { kind: 'file', file: { path, sha256, bytes: found.bytes.length, mode: found.mode } }
}

interface Wanted {
  path: string
  from: readonly (string | number)[]
  isDeclared: boolean
}

async function wantedPaths(
  task: TaskSpec,
  list: () => Promise<string[]>,
): Promise<{ paths: Wanted[]; faults: FileFault[] }> {
  const byPath = new Map<string, Wanted>()
  const faults: FileFault[] = []
  for (const [at, pattern] of task.files.entries()) {
    const from = ['files', at]
    const paths = isGlob(pattern) ? matchFiles(await list(), pattern) : [pattern]
    if (paths.length === 0) faults.push(fileFault(from, pattern, { kind: 'absent' }))
    for (const path of paths) byPath.set(path, { path, from, isDeclared: true })
  }
  for (const path of namedPaths(task.run)) {
    if (!byPath.has(path)) byPath.set(path, { path, from: ['run'], isDeclared: false })
  }
  return { paths: [...byPath.values()], faults }
}

function fileFault(
  from: FileFault['path'],
  path: string,
  found: { kind: 'absent' } | { kind: 'refused'; why: string },
): FileFault {
  if (found.kind === 'refused') {
    return { path: from, words: { message: `The file "${path}" ${found.why}.` } }
  }
  const hint = 'Paths start at the folder of sluice.yaml.'
  return { path: from, words: { message: `No file of the workspace is "${path}".`, hint } }
}

function limitFaults(files: readonly PlannedFile[]): FileFault[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (files.length <= taskFilesMax && bytes <= taskBytesMax) return []
  const message = `${files.length} files with ${bytes} bytes would travel; the limits are ${taskFilesMax} files and ${taskBytesMax} bytes.`
  return [{ path: ['files'], words: { message, hint: 'Narrow the globs.' } }]
}
