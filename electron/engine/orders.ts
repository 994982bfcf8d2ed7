// Builds what a host needs to start an attempt: the pinned plan, and the outputs of upstream tasks by their hash.
import type { StartOrder } from '../ports/hosts.ts'
import type { Checkpoint, OutputFile } from '../../shared/run/events.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import type { TaskView } from '../../shared/run/run-view.ts'
import { isTaskGood } from '../../shared/run/states.ts'
import type { PlannedFile, PlannedTask } from '../../shared/run/plan.ts'
import type { Scoped } from './run-scope.ts'
import { leaseMsOf } from './unknown-policy.ts'

export interface Ordered extends Scoped {
  readonly planned: PlannedTask
}

/** `lateEnv`: its late variables, evaluated. */
export function startOrder(
  task: Ordered,
  number: number,
  lateEnv: Readonly<Record<string, string>>,
): StartOrder {
  const { planned, run } = task
  const { plan, view } = run
  const { item, value, checkpoint } = task.view
  const attempt = task.view.attempts[number - 1]
  return {
    key: attemptKey(view.run, planned.name, item, number),
    run: planned.run,
    env: {
      ...planned.env,
      ...lateEnv,
      SLUICE_RUN: view.run,
      SLUICE_PIPELINE: plan.pipeline,
      SLUICE_ENVIRONMENT: plan.environment,
      SLUICE_TASK: planned.name,
      SLUICE_ATTEMPT_NUMBER: String(number),
      SLUICE_LOGICAL_DATE: plan.logicalDate ?? '',
      ...(item === null
        ? {}
        : { SLUICE_ITEM: itemText(value ?? null), SLUICE_ITEM_INDEX: String(item) }),
    },
    ...(planned.secrets === undefined ? {} : { secrets: planned.secrets }),
    timeoutMs: planned.timeoutMs,
    graceMs: planned.graceMs,
    leaseMs: leaseMsOf(planned),
    logLimitBytes: planned.logLimitBytes ?? null,
    files:
      Object.keys(planned.inputs).length === 0
        ? planned.files
        : [...planned.files, ...inputFiles(task)],
    outputs: planned.outputs,
    ...(checkpoint === undefined ? {} : { checkpoint: bare(checkpoint) }),
    ...(attempt?.hostStartedAt != null && attempt.state !== 'ended' ? { isConfirmed: true } : {}),
  }
}

function bare({ savedAt, values, folder }: Checkpoint): Checkpoint {
  return { savedAt, values, folder }
}

/** A text stands for itself, anything else as JSON. */
function itemText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function inputFiles(task: Ordered): PlannedFile[] {
  const { tasks } = task.run.view
  return Object.entries(task.planned.inputs).flatMap(([path, { task: name, output }]) => {
    const source = tasks[name]
    if (source?.fan === undefined) return [inputFile(path, outputOf(source, output))]
    const { list } = source.fan
    return [...list.keys()].flatMap((index) => {
      const item = tasks[taskKey(name, index)]
      if (item === undefined || !isTaskGood(item.state)) return []
      const file = outputOf(item, output)
      return [inputFile(`${path}/${itemFile(index, list.length, file?.path ?? '')}`, file)]
    })
  })
}

/** Of as many digits for each, so that they sort as their items do; the ending stays: `007.csv`. */
function itemFile(index: number, count: number, path: string): string {
  const ending = /[^/](\.[^./]+)$/.exec(path)?.[1] ?? ''
  return `${String(index).padStart(String(count - 1).length, '0')}${ending}`
}

/** An empty hash is in no blob store, so the host layer reports `input_missing` with this path. */
function inputFile(path: string, output: OutputFile | null): PlannedFile {
  return { path, sha256: output?.sha256 ?? '', bytes: output?.bytes ?? 0, mode: 0o644 }
}

function outputOf(task: TaskView | undefined, name: string): OutputFile | null {
  for (const attempt of task?.attempts.toReversed() ?? []) {
    if (attempt.end?.outcome !== 'exited' || attempt.end.exit !== 0) continue
    return attempt.end.outputs?.find((one) => one.name === name) ?? null
  }
  return null
}
