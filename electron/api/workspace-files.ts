// The workspace as the handlers see it: read again only when a file changed, with the embedded hosts of the demo put in.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PlannedNow, PlanRequest, WorkspaceNow, WorkspacePart } from './parts.ts'
import type { Clock } from '../ports/clock.ts'
import type { BlobStore } from '../ports/logs.ts'
import { allProblems, loadWorkspace, pipelinesFolder, workspaceFile } from '../pipeline/load.ts'
import type { LoadedWorkspace } from '../pipeline/load.ts'
import { emptyWorkspace } from '../pipeline/parse-workspace.ts'
import { openParseCache } from '../pipeline/parse-cache.ts'
import { planRun } from '../pipeline/plan.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { problemLine } from '../../shared/pipeline/render-problem.ts'
import type { HostSpec, WorkspaceSpec } from '../../shared/pipeline/spec.ts'

export interface WorkspaceFilesOptions {
  /** Absolute; null: none. */
  dir: string | null
  blobs: BlobStore
  /** Take the place of hosts of the same name. */
  demoHosts: readonly HostSpec[]
  /** Of what was read from the files. Absolute. */
  cacheFile: string
  clock: Clock
  /** After the files were read anew. */
  onLoad: (workspace: WorkspaceNow) => void
}

const problemsShown = 5

export function openWorkspaceFiles(options: WorkspaceFilesOptions): WorkspacePart {
  const { dir, onLoad, cacheFile, clock } = options
  const cache = openParseCache({ file: cacheFile, clock })
  let signature: string | null = null
  let present: WorkspaceNow | null = null
  let loading: Promise<WorkspaceNow> | null = null

  const load = async (): Promise<WorkspaceNow> => {
    const found = dir === null ? '' : await signatureOf(dir)
    if (present !== null && found === signature && present.problems.length === 0) return present
    // A problem may be about a file that is no part of the signature: a script that is missing.
    const loaded = dir === null ? noWorkspace : await loadWorkspace(dir, cache)
    present = workspaceOf(withDemoHosts(loaded, options.demoHosts), options)
    signature = found
    onLoad(present)
    return present
  }

  return {
    // Many calls at once share one look at the disk.
    load: () =>
      (loading ??= load().finally(() => {
        loading = null
      })),
  }
}

const noWorkspace: LoadedWorkspace = {
  dir: '',
  spec: emptyWorkspace,
  pipelines: [],
  problems: [],
  text: null,
}

function workspaceOf(loaded: LoadedWorkspace, options: WorkspaceFilesOptions): WorkspaceNow {
  return {
    dir: options.dir,
    spec: loaded.spec,
    problems: allProblems(loaded),
    pipelines: loaded.pipelines,
    plan: (request) => plan(loaded, request, options),
  }
}

async function plan(
  workspace: LoadedWorkspace,
  request: PlanRequest,
  { dir, blobs }: WorkspaceFilesOptions,
): Promise<PlannedNow> {
  if (dir === null) {
    throw new AppError('bad-input', 'This engine has no workspace.', {
      hint: 'Start it in a folder with a sluice.yaml, or name one by --workspace DIR.',
    })
  }
  const planned = await planRun({ workspace, ...request, blobs })
  if (planned.plan !== null) {
    const file = workspace.pipelines.find(({ name }) => name === request.pipeline)
    const source = { file: file?.file ?? '', text: file?.text ?? '', gitCommit: planned.commit }
    return { plan: planned.plan, source }
  }
  const problems = [...planned.commandLineProblems, ...planned.problems].filter(
    ({ severity }) => severity === 'error',
  )
  // What was asked for has no place in a file; its sentence names the thing.
  const lines = problems
    .slice(0, problemsShown)
    .map((problem) => (problem.file === '' ? problem.message : problemLine(problem)))
  const hints = planned.commandLineProblems.map(({ hint }) => hint).filter((hint) => hint !== '')
  throw new AppError('bad-input', lines.join('\n'), {
    hint: hints[0] ?? 'See all problems with their place: sluice validate',
  })
}

function withDemoHosts(loaded: LoadedWorkspace, demo: readonly HostSpec[]): LoadedWorkspace {
  if (demo.length === 0) return loaded
  const names = new Set(demo.map(({ name }) => name))
  const own = loaded.spec.hosts.filter(({ name }) => !names.has(name))
  const spec: WorkspaceSpec = { ...loaded.spec, hosts: [...own, ...demo] }
  return { ...loaded, spec }
}

/** Names, sizes and times of the files that are read. */
async function signatureOf(dir: string): Promise<string> {
  const names = await readdir(join(dir, pipelinesFolder)).catch(() => [])
  const files = [workspaceFile, ...names.map((name) => join(pipelinesFolder, name))]
  const parts = await Promise.all(
    files.map(async (file) => {
      const found = await stat(join(dir, file)).catch(() => null)
      return found === null ? file : `${file} ${found.size} ${found.mtimeMs} ${found.ino}`
    }),
  )
  return parts.join('\n')
}
