// Calls that resume a run: the plan first, then exactly that plan.
import { createHash } from 'node:crypto'
import { audited } from './audit.ts'
import type { ApiParts, PlannedNow } from './parts.ts'
import { remember } from './start-planned.ts'
import { assertMeant, forcedMeant, keysMeant } from './task-names.ts'
import type { ResumeRequest } from '../engine/engine.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api, CheckedInputOf } from '../../shared/api/contract.ts'
import type { ResumePreview } from '../../shared/api/views.ts'
import type { ResumeDecision } from '../../shared/run/events.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { countDecisions } from '../../shared/run/recovery-counts.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'

/** As checked at the border. */
export type ResumeQuestion = CheckedInputOf<'run.resumePlan'>
type ResumeCalls = Pick<Api, 'run.resumePlan' | 'run.resume'>

export function resumeCalls(parts: ApiParts): ResumeCalls {
  return {
    'run.resumePlan': (input) => previewShown(parts, input, 'compared'),
    'run.resume': ({ planId, ...input }) => resumeShown(parts, input, { planId }),
  }
}

export interface Shown {
  /** null: none was shown. */
  planId: string | null
  /** Who asks, and as part of what; absent: a person, through this face. */
  by?: string
  details?: Readonly<Record<string, string>>
  reason?: string
  files?: FilesAsked
}

/** Does that very plan, or throws AppError('conflict'). */
export async function resumeShown(
  parts: ApiParts,
  input: ResumeQuestion,
  { planId: shown, by = parts.user, details = {}, reason, files = 'compared' }: Shown,
): Promise<ResumePreview> {
  const { request, preview, tasks, fixed } = await prepareResume(parts, input, files)
  const promised = parts.engine().previewResume(request)
  const planId = planIdOf(request.plan, promised)
  if (shown !== null && shown !== planId) throw otherPlan(preview.run)
  if (fixed !== null) remember(parts, fixed)
  const { run, version } = preview
  const counts = countDecisions(promised, tasks)
  const deed = {
    by,
    action: 'run.resumed',
    subject: run,
    details: { version, plan: planId, ...details, ...counts, ...optionsOf(request) },
    reason: reason ?? reasonsOf(request),
  }
  const plan = await audited(parts, deed, () => parts.engine().resume(request, by))
  return { ...preview, plan, counts, planId }
}

/** `unasked`: of a pinned version it is not told whether the files differ, which takes a plan of their own. */
export type FilesAsked = 'compared' | 'unasked'

export async function previewShown(
  parts: ApiParts,
  input: ResumeQuestion,
  files: FilesAsked,
): Promise<ResumePreview> {
  const { request, preview, tasks } = await prepareResume(parts, input, files)
  const plan = parts.engine().previewResume(request)
  const counts = countDecisions(plan, tasks)
  return { ...preview, plan, counts, planId: planIdOf(request.plan, plan) }
}

/** The same for the same decisions about the same work; 16 hex digits of sha256. */
function planIdOf({ version, params }: RunPlan, decisions: readonly ResumeDecision[]): string {
  const text = JSON.stringify([version, params, decisions])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function otherPlan(run: string): AppError {
  return new AppError('conflict', `The plan for run ${run} is another by now.`, {
    hint: 'Something has ended or changed since it was shown. Look at it again.',
  })
}

function optionsOf({ options }: ResumeRequest): Record<string, string> {
  const { from, only, upstream, forced } = options
  const words = [...(only ? ['only'] : []), ...(upstream ? ['upstream'] : [])]
  return {
    ...(from.length === 0 ? {} : { from: listed(from) }),
    ...(words.length === 0 ? {} : { options: words.join(' ') }),
    ...(forced.length === 0
      ? {}
      : { forced: listed(forced.map((one) => `${one.decision} ${one.task}`)) }),
  }
}

const LISTED_MAX = 20

function listed(names: readonly string[]): string {
  const more = names.length - LISTED_MAX
  return `${names.slice(0, LISTED_MAX).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function reasonsOf({ options }: ResumeRequest): string {
  return [...new Set(options.forced.map(({ reason }) => reason))]
    .filter((one) => one !== '')
    .join('; ')
}

interface PreparedResume {
  /** What the present files would run; null where the resume takes the pinned version. */
  fixed: PlannedNow | null
  request: ResumeRequest
  preview: Omit<ResumePreview, 'plan' | 'counts' | 'planId'>
  tasks: RunView['tasks']
}

async function prepareResume(
  parts: ApiParts,
  input: ResumeQuestion,
  files: FilesAsked,
): Promise<PreparedResume> {
  const { db } = parts
  const run = resolveRunRef(db, input.run)
  const loaded = loadRun(db, run)
  if (loaded === null)
    throw new AppError('not-found', `There is no run "${input.run}".`, {
      hint: 'List them: sluice runs',
    })
  const { version, params, from, only, upstream, forced } = input
  const isFixed = version === 'fixed'
  if (!isFixed && Object.keys(params).length > 0) throw needsFiles()
  const asked = { ...loaded.view, params: { ...loaded.view.params, ...params } }
  const present = isFixed
    ? await presentPlan(parts, asked)
    : files === 'unasked'
      ? null
      : await presentPlan(parts, asked).catch(toNull)
  const plan = isFixed && present !== null ? present.plan : loaded.plan
  const keys = [...from, ...forced.map(({ task, item }) => taskKey(task, item))]
  for (const key of keys) assertMeant({ plan, view: loaded.view }, key)
  const options = {
    from: [...new Set(from.flatMap((key) => keysMeant(plan, key)))],
    only,
    upstream,
    forced: forcedMeant(plan, forced),
  }
  return {
    fixed: isFixed ? present : null,
    request: { run, plan, options },
    tasks: loaded.view.tasks,
    preview: {
      run,
      version: plan.version,
      fixedDiffers: present !== null && present.plan.version !== loaded.view.version,
    },
  }
}

async function presentPlan(parts: ApiParts, view: RunView): Promise<PlannedNow> {
  const workspace = await parts.workspace.load()
  const { pipeline, environment, params, logicalDate } = view
  return await workspace.plan({ pipeline, environment, params, logicalDate })
}

// A pinned resume works without the files: they may have problems, or be gone.
function toNull(error: unknown): null {
  if (error instanceof AppError) return null
  throw error
}

// The pinned plan holds what its expressions came to with the params it had.
function needsFiles(): AppError {
  return new AppError('bad-input', 'Other params need a plan made from the files.', {
    hint: 'Resume with --fixed: it takes the files as they are now.',
  })
}
