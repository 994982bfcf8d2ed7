// Calls by which people bear on a run that goes on: pause, hold, stop, answer, mark.
import { audited } from './audit.ts'
import type { ApiParts } from './parts.ts'
import { assertTask } from './resume.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { ParamSpec, ParamValue } from '../../shared/pipeline/spec.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'

type PeopleCalls = Pick<
  Api,
  'run.pause' | 'run.unpause' | 'run.stop' | 'run.hold' | 'run.unhold' | 'run.approve' | 'run.mark'
>

export function peopleCalls(parts: ApiParts): PeopleCalls {
  const { db, user: by } = parts
  const done = async (
    run: RunId,
    deed: { action: string; task?: string; reason?: string; details?: Record<string, string> },
    act: () => void,
  ): Promise<{ run: string }> => {
    const { task, ...rest } = deed
    const subject = task === undefined ? run : `${run} ${task}`
    await audited(parts, { ...rest, subject }, act)
    return { run }
  }
  return {
    'run.pause': ({ run: ref, reason }) => {
      const run = resolveRunRef(db, ref)
      const deed = { action: 'run.paused', reason }
      return done(run, deed, () => parts.engine().pause(run, { by, reason }))
    },
    'run.unpause': ({ run: ref }) => {
      const run = resolveRunRef(db, ref)
      return done(run, { action: 'run.unpaused' }, () => parts.engine().unpause(run, by))
    },
    'run.stop': ({ run: ref, after, reason }) => {
      const run = resolveRunRef(db, ref)
      const deed = {
        action: 'run.stopped',
        reason,
        ...(after === null ? {} : { details: { after } }),
      }
      return done(run, deed, () => parts.engine().stopAfter(run, { by, reason, after }))
    },
    'run.hold': ({ run: ref, task, item, reason }) => {
      const run = resolveRunRef(db, ref)
      const deed = { action: 'task.held', task: taskKey(task, item), reason }
      return done(run, deed, () => parts.engine().hold({ run, task, item, by, reason }))
    },
    'run.unhold': ({ run: ref, task, item }) => {
      const run = resolveRunRef(db, ref)
      const deed = { action: 'task.unheld', task: taskKey(task, item) }
      return done(run, deed, () => parts.engine().unhold({ run, task, item, by }))
    },
    'run.approve': ({ run: ref, task, item, decision, reason, values: given }) => {
      const run = resolveRunRef(db, ref)
      const values = decision === 'approved' ? checkForm(formOf(parts, run, task), given) : {}
      const deed = { action: `approval.${decision}`, task: taskKey(task, item), reason }
      const answer = { run, task, item, decision, by, reason, values }
      return done(run, deed, () => parts.engine().approve(answer))
    },
    'run.mark': ({ run: ref, task, item, state, reason }) => {
      const run = resolveRunRef(db, ref)
      const deed = { action: 'task.marked', task: taskKey(task, item), reason, details: { state } }
      return done(run, deed, () => parts.engine().mark({ run, task, item, state, by, reason }))
    },
  }
}

function formOf(parts: ApiParts, run: RunId, task: string): readonly ParamSpec[] {
  const loaded = loadRun(parts.db, run)
  if (loaded === null) return []
  assertTask(loaded.plan, task)
  return loaded.plan.tasks.find(({ name }) => name === task)?.approval?.form ?? []
}

/** All that is wrong with the answers, at once. Throws AppError('bad-input'). */
function checkForm(
  form: readonly ParamSpec[],
  given: Readonly<Record<string, ParamValue>>,
): Record<string, ParamValue> {
  const values: Record<string, ParamValue> = {}
  const wrong: string[] = []
  for (const name of Object.keys(given))
    if (!form.some((field) => field.name === name)) wrong.push(`there is no field "${name}"`)
  for (const field of form) {
    const value = given[field.name] ?? field.default
    if (value === null) {
      wrong.push(`${field.name} has no value`)
      continue
    }
    const coerced = coerceParam(field, value)
    if (coerced.ok) values[field.name] = coerced.value
    else wrong.push(`${field.name}: ${coerced.message}`)
  }
  if (wrong.length === 0) return values
  throw new AppError('bad-input', `The answers do not fit: ${wrong.join('; ')}.`)
}
