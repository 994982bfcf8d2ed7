// Calls by which people bear on a run that goes on: pause, hold, stop, answer, mark.
import { audited } from './audit.ts'
import type { ApiParts } from './parts.ts'
import { assertMeant, assertTask, assertTaskRun, keysMeant } from './task-names.ts'
import { loadRun, resolveRunRef } from '../store/run-queries.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { ParamSpec, ParamValue } from '../../shared/pipeline/spec.ts'
import { nearest } from '../../shared/pipeline/suggest.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { parseTaskKey, taskKey } from '../../shared/run/run-view.ts'
import type { RunView } from '../../shared/run/run-view.ts'

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
      if (after !== null) assertTask(storedOf(parts, run).plan, after)
      const deed = {
        action: 'run.stopped',
        reason,
        ...(after === null ? {} : { details: { after } }),
      }
      return done(run, deed, () => parts.engine().stopAfter(run, { by, reason, after }))
    },
    'run.hold': ({ run: ref, task, item, reason }) => {
      const run = resolveRunRef(db, ref)
      const name = taskKey(task, item)
      const tasks = meantOf(parts, run, name)
      return done(run, { action: 'task.held', task: name, reason }, () =>
        eachThatMay(tasks, (one) => parts.engine().hold({ run, ...one, by, reason })),
      )
    },
    'run.unhold': ({ run: ref, task, item }) => {
      const run = resolveRunRef(db, ref)
      const name = taskKey(task, item)
      const tasks = meantOf(parts, run, name)
      return done(run, { action: 'task.unheld', task: name }, () =>
        eachThatMay(tasks, (one) => parts.engine().unhold({ run, ...one, by })),
      )
    },
    'run.approve': ({ run: ref, task, item, decision, reason, values: given }) => {
      const run = resolveRunRef(db, ref)
      const { plan, view } = storedOf(parts, run)
      assertTaskRun({ plan, view }, taskKey(task, item))
      const approval = plan.tasks.find(({ name }) => name === task)?.approval
      // Of a task that asks nothing the engine says how it is.
      const isOpen = view.tasks[taskKey(task, item)]?.approval?.decided === null
      const form = isOpen ? (approval?.form ?? []) : null
      const values = decision === 'approved' && form !== null ? checkForm(form, given) : {}
      const deed = { action: `approval.${decision}`, task: taskKey(task, item), reason }
      const answer = { run, task, item, decision, by, reason, values }
      return done(run, deed, () => parts.engine().approve(answer))
    },
    'run.mark': ({ run: ref, task, item, state, reason }) => {
      const run = resolveRunRef(db, ref)
      assertTaskRun(storedOf(parts, run), taskKey(task, item))
      const deed = { action: 'task.marked', task: taskKey(task, item), reason, details: { state } }
      return done(run, deed, () => parts.engine().mark({ run, task, item, state, by, reason }))
    },
  }
}

function storedOf(parts: ApiParts, run: RunId): { plan: RunPlan; view: RunView } {
  const stored = loadRun(parts.db, run)
  if (stored === null) throw new AppError('not-found', `There is no run "${run}".`)
  return stored
}

type TaskRun = ReturnType<typeof parseTaskKey>

/** A task run, or those of a group. */
function meantOf(parts: ApiParts, run: RunId, key: string): TaskRun[] {
  const stored = storedOf(parts, run)
  assertMeant(stored, key)
  return keysMeant(stored.plan, key).map(parseTaskKey)
}

/** Of a group, what has begun or ended is left out. Throws AppError('conflict') where that leaves nothing. */
function eachThatMay(tasks: readonly TaskRun[], act: (task: TaskRun) => void): void {
  const refused: unknown[] = []
  for (const task of tasks) {
    try {
      act(task)
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
      refused.push(error)
    }
  }
  if (refused.length === tasks.length) throw refused[0]
}

/** All that is wrong with the answers, at once. Throws AppError('bad-input'). */
function checkForm(
  form: readonly ParamSpec[],
  given: Readonly<Record<string, ParamValue>>,
): Record<string, ParamValue> {
  const values: Record<string, ParamValue> = {}
  const wrong: string[] = []
  const names = form.map(({ name }) => name)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const near = nearest(name, names)
    wrong.push(`there is no field "${name}"${near === null ? '' : `, but "${near}"`}`)
  }
  for (const field of form) {
    const value = given[field.name] ?? field.default
    if (value === null) {
      wrong.push(`${field.name} has no value`)
      continue
    }
    const coerced = coerceParam(field, value)
    if (coerced.ok) values[field.name] = coerced.value
    else wrong.push(`${field.name}: ${coerced.message.replace(/\.$/, '')}`)
  }
  if (wrong.length === 0) return values
  const fields = form.map(({ name, type, choices }) =>
    type === 'choice' ? `${name} (${choices.join(', ')})` : `${name} (${type})`,
  )
  throw new AppError(
    'bad-input',
    `The answers do not fit: ${wrong.join('; ')}.`.replace(/\?\.$/, '?'),
    {
      hint: fields.length === 0 ? 'Its form has no fields.' : `Its form has ${fields.join(', ')}.`,
    },
  )
}
