// Finds which failed runs are alike. A failure is explained once; what is found out about it is kept.
import type { ApiParts, IncidentsPart } from './parts.ts'
import { signatureOf } from '../insight/signature.ts'
import type { OwnNames } from '../insight/signature.ts'
import { sleep } from '../ports/clock.ts'
import { countFailedRuns, failedRunOf, failedRuns, keepFailure } from '../store/failures.ts'
import type { FailedRun } from '../store/failures.ts'
import { findRun, loadRun } from '../store/run-queries.ts'
import type { RootCause } from '../../shared/api/views.ts'
import type { Failure, Incident, IncidentList } from '../../shared/run/wave.ts'
import type { RunId } from '../../shared/run/ids.ts'

/** Failed runs that are looked at, newest first. */
const windowRunsMax = 2000

type Parts = Pick<ApiParts, 'db' | 'clock' | 'explain'>

export function openIncidents(parts: Parts): IncidentsPart {
  const { db, clock } = parts
  const underWay = new Map<string, Promise<Failure | null>>()
  /** Of a face that only reads, which keeps nothing on the disk. */
  const found = new Map<string, Failure>()

  const explainOnce = (one: FailedRun): Promise<Failure | null> => {
    const key = `${one.run} ${one.resumes}`
    const known = one.known ?? found.get(key)
    if (known !== undefined) return Promise.resolve(known)
    const answer =
      underWay.get(key) ??
      explainFailure(parts, one, (failure) => {
        if (db.readonly) found.set(key, failure)
        else keepFailure(db, failure, one.resumes)
      })
    underWay.set(key, answer)
    const forget = (): boolean => underWay.delete(key)
    answer.then(forget, forget)
    return answer
  }

  return {
    async list({ since, pipeline, explainMs }) {
      const until = clock.monotonic() + explainMs
      const failures: Failure[] = []
      let unexplained = 0
      const newest = failedRuns(db, { since, pipeline, limit: windowRunsMax })
      const isAll = newest.length < windowRunsMax
      const older = isAll ? 0 : countFailedRuns(db, { since, pipeline }) - newest.length
      for (const one of newest) {
        const known = one.known ?? found.get(`${one.run} ${one.resumes}`)
        if (known === undefined && clock.monotonic() > until) {
          unexplained += 1
          continue
        }
        // Others have their turn between two that take time.
        if (known === undefined) await sleep(clock, 0)
        const failure = known ?? (await explainOnce(one))
        if (failure !== null) failures.push(failure)
      }
      return { ...grouped(failures), unexplained, older, since }
    },
    async failureOf(run) {
      const one = failedRunOf(db, run)
      return one === null ? null : await explainOnce(one)
    },
  }
}

// Null where it failed no more by the time that it was looked at.
async function explainFailure(
  parts: Parts,
  { run, resumes }: FailedRun,
  keep: (failure: Failure) => void,
): Promise<Failure | null> {
  const { db, explain } = parts
  // What cannot be read now tells nothing, and may be asked again; the others must be found all the same.
  const cause = await explain(run).catch(() => undefined)
  const row = findRun(db, run)
  if (row === null || failedRunOf(db, run)?.resumes !== resumes) return null
  const { pipeline, environment } = row
  const known = { run, pipeline, environment, failedAt: row.endedAt ?? row.createdAt }
  const place = placeOf(parts, run, cause ?? null)
  const signed = cause == null ? null : signatureOf(cause, place.names)
  const failure = {
    ...known,
    task: place.task,
    host: place.names.host,
    class: cause?.class ?? 'unknown',
    signature: signed?.signature ?? null,
    words: signed?.words ?? '',
  }
  if (cause !== undefined) keep(failure)
  return failure
}

function placeOf(
  { db }: Parts,
  run: RunId,
  cause: RootCause | null,
): { task: string; names: OwnNames } {
  if (cause === null)
    return { task: '', names: { run, pipeline: '', host: '', tasks: [], item: null } }
  const { rootTask, evidence, via = [] } = cause
  const failed = via.at(-1)?.run ?? run
  const loaded = loadRun(db, failed)
  const view = loaded?.view.tasks[evidence[0]?.task ?? rootTask] ?? loaded?.view.tasks[rootTask]
  const names = {
    run: failed,
    pipeline: loaded?.plan.pipeline ?? '',
    host: view?.attempts.at(-1)?.host ?? '',
    tasks: loaded?.plan.tasks.map(({ name }) => name) ?? [],
    item: typeof view?.value === 'string' ? view.value : null,
  }
  return { task: [...via.map((one) => one.task), rootTask].join(' > '), names }
}

function grouped(failures: readonly Failure[]): Pick<IncidentList, 'incidents' | 'unlike'> {
  const alike = new Map<string, Failure[]>()
  const unlike: Failure[] = []
  for (const one of failures) {
    const { signature } = one
    if (signature === null) unlike.push(one)
    else alike.set(signature, [...(alike.get(signature) ?? []), one])
  }
  return { incidents: [...alike.values()].flatMap((runs) => incidentOf(runs) ?? []), unlike }
}

/** `runs`: newest first. */
function incidentOf(runs: readonly Failure[]): Incident | null {
  const [last] = runs
  const first = runs.at(-1)
  if (last?.signature == null || first === undefined) return null
  const { signature, class: cause, words } = last
  return { signature, class: cause, words, firstAt: first.failedAt, lastAt: last.failedAt, runs }
}
