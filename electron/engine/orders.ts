// Builds what a host needs to start an attempt: the pinned plan, and the outputs of upstream tasks by their hash.
import type { StartOrder } from '../ports/hosts.ts'
import type { Checkpoint, OutputFile } from '../../shared/run/events.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { attemptKey } from '../../shared/run/ids.ts'
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
  return Object.entries(task.planned.inputs).map(([path, input]) => {
    const output = outputOf(task, input)
    // An empty hash is in no blob store, so the host layer reports `input_missing` with this path.
    return { path, sha256: output?.sha256 ?? '', bytes: output?.bytes ?? 0, mode: 0o644 }
  })
}

function outputOf(task: Ordered, input: { task: string; output: string }): OutputFile | null {
  const attempts = task.run.view.tasks[input.task]?.attempts ?? []
  for (const attempt of attempts.toReversed()) {
    if (attempt.end?.outcome !== 'exited' || attempt.end.exit !== 0) continue
    return attempt.end.outputs?.find((one) => one.name === input.output) ?? null
  }
  return null
}
