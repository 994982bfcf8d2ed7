// What a wave would do: the runs of an incident in their order, each with its recovery plan or the reason why not.
import { createHash } from 'node:crypto'
import type { ApiParts } from './parts.ts'
import { previewShown } from './resume.ts'
import type { ResumeQuestion } from './resume.ts'
import { tasksMeant } from './task-names.ts'
import { batchesOf } from '../engine/wave.ts'
import { sleep } from '../ports/clock.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { runNow, waveOfRun } from '../store/waves.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { CheckedInputOf } from '../../shared/api/contract.ts'
import type { ResumePreview } from '../../shared/api/views.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { Failure, Incident, WavePlan, WavePlanRun } from '../../shared/run/wave.ts'

export type WaveQuestion = CheckedInputOf<'wave.plan'>

/** What each run is resumed with, from its failure. */
export type WaveAsk = Pick<ResumeQuestion, 'version' | 'params' | 'forced'>

export interface PlannedWave {
  plan: WavePlan
  ask: WaveAsk
  /** How often each run that goes has been resumed. */
  resumes: ReadonlyMap<RunId, number>
}

const windowMs = 7 * 24 * 3_600_000
/** All that failed alike should be in the plan that is shown. */
const explainMs = 20_000
const refusalsMax = 5
const pauseEveryMs = 20

/** Throws AppError('not-found') where nothing failed like that, 'bad-input' where nothing can be told alike. */
export async function planWave(parts: ApiParts, asked: WaveQuestion): Promise<PlannedWave> {
  const { version, params, forced, canary, batch, otherMax } = asked
  if (version === 'pinned' && Object.keys(params).length > 0) throw needsFiles()
  const { incident, unexplained } = await findIncident(parts, asked)
  const ask = { version, params, forced }
  const { clock } = parts
  let pauseAt = clock.monotonic() + pauseEveryMs
  const looked: Looked[] = []
  for (const failure of inOrder(parts, incident.runs, asked.first)) {
    looked.push(await lookAt(parts, failure, ask))
    // Others have their turn; a pause after each run would cost more than the look at it.
    if (clock.monotonic() < pauseAt) continue
    await sleep(clock, 0)
    pauseAt = clock.monotonic() + pauseEveryMs
  }
  const sizes = { canary, batch, otherMax }
  const batches = batchesOf(looked.filter(({ why }) => why === '').length, sizes)
  const runs = looked.map(({ resumes: _resumes, ...one }): WavePlanRun => ({
    ...one,
    batch: one.why === '' ? (batches.shift() ?? null) : null,
  }))
  const { signature, class: cause, words } = incident
  const planId = idOf({ signature, sizes, ask, runs })
  const plan = { signature, class: cause, words, sizes, version, runs, unexplained, planId }
  return { plan, ask, resumes: new Map(looked.map((one) => [one.run, one.resumes])) }
}

export function resumeQuestion(parts: ApiParts, run: RunId, ask: WaveAsk): ResumeQuestion {
  const { version, params, forced } = ask
  const loaded = forced.length === 0 ? null : loadRun(parts.db, run)
  const has = (task: string, item: number | null): boolean =>
    item === null
      ? loaded !== null && tasksMeant(loaded.plan, task).length > 0
      : loaded?.view.tasks[taskKey(task, item)] !== undefined
  return {
    run,
    version,
    params,
    from: [],
    only: false,
    upstream: false,
    forced: forced.filter(({ task, item }) => has(task, item)),
  }
}

export function sinceOf(parts: Pick<ApiParts, 'clock'>, since: number | null): number {
  return since ?? parts.clock.now() - windowMs
}

async function findIncident(
  parts: ApiParts,
  asked: WaveQuestion,
): Promise<{ incident: Incident; unexplained: number }> {
  const { signature, failedAt } = await signatureAsked(parts, asked)
  // A run that is shown as an example is one of them, however old it is.
  const since = asked.since ?? Math.min(sinceOf(parts, null), failedAt)
  const window = { since, pipeline: asked.pipeline, explainMs }
  const { incidents, unexplained } = await parts.incidents.list(window)
  const incident = incidents.find((one) => one.signature === signature)
  if (incident !== undefined) return { incident, unexplained }
  throw new AppError('not-found', `No run of that time failed with the signature ${signature}.`, {
    hint: 'See what failed alike: sluice incidents',
  })
}

async function signatureAsked(
  parts: ApiParts,
  { like, signature }: WaveQuestion,
): Promise<{ signature: string; failedAt: number }> {
  if ((like === null) === (signature === null)) {
    throw new AppError('bad-input', 'A wave is for the runs like one, or for one signature.', {
      hint: 'Give --like RUN or --signature S, and not both.',
    })
  }
  if (like === null) return { signature: signature ?? '', failedAt: parts.clock.now() }
  const run = resolveRunRef(parts.db, like)
  const failure = await parts.incidents.failureOf(run)
  if (failure === null) {
    throw new AppError('conflict', `Run ${run} has not failed: no others are like it.`)
  }
  const { failedAt } = failure
  if (failure.signature !== null) return { signature: failure.signature, failedAt }
  throw new AppError('bad-input', `Nothing tells why run ${run} failed, so none can be like it.`, {
    hint: `Resume it alone: sluice resume ${run}`,
  })
}

function inOrder(parts: ApiParts, runs: readonly Failure[], first: readonly string[]): Failure[] {
  const chosen = [...new Set(first.map((ref) => resolveRunRef(parts.db, ref)))]
  const heads = chosen.map((run) => {
    const found = runs.find((one) => one.run === run)
    if (found === undefined)
      throw new AppError('bad-input', `Run ${run} is none of those that failed like that.`)
    return found
  })
  return [...heads, ...runs.filter(({ run }) => !chosen.includes(run))]
}

type Looked = Omit<WavePlanRun, 'batch'> & { resumes: number }

async function lookAt(parts: ApiParts, failure: Failure, ask: WaveAsk): Promise<Looked> {
  const { run } = failure
  const resumes = runNow(parts.db, run)?.resumes ?? 0
  const refused = (why: string): Looked => ({
    ...failure,
    resumes,
    why,
    planId: '',
    counts: {},
    refusals: [],
  })
  const other = waveOfRun(parts.db, run)
  if (other !== null) return refused(`it is in the wave ${other}`)
  try {
    const preview = await previewShown(parts, resumeQuestion(parts, run, ask), 'unasked')
    const { planId, counts } = preview
    // It would recover without having tried anything, and let the others go.
    if (counts.run === undefined)
      return refused('nothing of it runs again: all that failed was marked')
    return {
      ...failure,
      resumes,
      why: '',
      planId,
      counts,
      refusals: refusalsOf(preview),
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'engine-needed') throw error
    // The run stands beside it.
    return refused(error.message.replaceAll(`run ${run}`, 'it'))
  }
}

function refusalsOf({ plan }: ResumePreview): WavePlanRun['refusals'] {
  return plan
    .filter(({ decision }) => decision === 'refuse')
    .slice(0, refusalsMax)
    .map(({ task, item, reason }) => ({ task: taskKey(task, item), reason }))
}

function idOf(parts: {
  signature: string
  sizes: WavePlan['sizes']
  ask: WaveAsk
  runs: readonly WavePlanRun[]
}): string {
  const { signature, sizes, ask, runs } = parts
  const rows = runs.map(({ run, batch, planId, why }) => [run, batch, planId, why])
  const text = JSON.stringify([signature, sizes, ask, rows])
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function needsFiles(): AppError {
  return new AppError('bad-input', 'Other params need plans made from the files.', {
    hint: 'Add --fixed: it takes the files as they are now.',
  })
}
