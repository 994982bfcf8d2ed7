// What a task is: a command, a run of another pipeline, a question to a person, or a group of tasks; and that it has only
// the fields of what it is.
import { someOf } from '../../shared/pipeline/suggest.ts'
import type { Check } from './check-context.ts'
import { mapOf } from './lenient.ts'
import type { OutlineGroup, OutlineTask } from './outline.ts'
import type { Path } from './yaml-tree.ts'

export const kindFields = ['run', 'pipeline', 'approval', 'tasks'] as const
export type KindField = (typeof kindFields)[number]

const ofAll = ['description', 'needs', 'priority']
const ofStarted = ['trigger_rule', 'when', 'branch', 'fan_out', 'allow_failure']
const allowed: Readonly<Record<Exclude<KindField, 'run'>, readonly string[]>> = {
  pipeline: [
    ...ofAll,
    ...ofStarted,
    'pipeline',
    'params',
    'effect',
    'retries',
    'setup',
    'teardown',
  ],
  approval: [...ofAll, ...ofStarted, 'approval'],
  tasks: [...ofAll, 'tasks', 'env', 'host', 'retries', 'timeout', 'effect', 'on_unknown'],
}
const words: Readonly<Record<KindField, string>> = {
  run: 'A task with a command',
  pipeline: 'A task that runs a pipeline',
  approval: 'An approval',
  tasks: 'A group',
}

export function kindOfTask(value: Readonly<Record<string, unknown>>): KindField {
  return kindFields.find((field) => field in value) ?? 'run'
}

export function checkKind({ report }: Check, { value, path }: OutlineTask | OutlineGroup): void {
  const [kind, second] = kindFields.filter((field) => field in value)
  if (kind === undefined) {
    return report.atKey(path, {
      message: 'A task needs "run".',
      hint: 'Shell text for sh. Or one of: pipeline, approval, tasks.',
    })
  }
  if (second !== undefined) {
    return report.atKey([...path, second], {
      message: `A task is one of ${kindFields.join(', ')}; this one has "${kind}" and "${second}".`,
      hint: 'Delete one of them, or make two tasks.',
    })
  }
  if (kind === 'pipeline') checkRetries(report, [...path, 'retries'], value['retries'])
  const known = kind === 'run' ? null : allowed[kind]
  for (const field of Object.keys(value)) {
    if (known === null ? field !== 'params' : known.includes(field)) continue
    report.atKey([...path, field], {
      message: `${words[kind]} takes no "${field}".`,
      hint:
        known === null
          ? 'params are for a task with pipeline.'
          : (waysOut[kind as keyof typeof waysOut][field] ?? `It takes: ${someOf(known, 20)}.`),
    })
  }
}

const ofItsTasks = 'It belongs to the tasks of that pipeline.'

/** Of what one may well expect to be there. */
const waysOut: Readonly<Record<keyof typeof allowed, Readonly<Record<string, string>>>> = {
  pipeline: {
    timeout: ofItsTasks,
    on_unknown: ofItsTasks,
    semaphores: ofItsTasks,
    secrets: ofItsTasks,
  },
  approval: {
    timeout: 'Write approval: { timeout: 2h, on_timeout: reject }.',
    retries: 'A question is asked once; a resume of the run asks it again.',
  },
  tasks: {
    fan_out:
      'Put its tasks into a pipeline of their own and run that for each item: pipeline: NAME, fan_out: LIST.',
  },
}

// A run that failed has no exit code and no log of its own to be judged by.
function checkRetries(report: Check['report'], path: Path, retries: unknown): void {
  for (const field of ['on', 'never']) {
    if (!(field in mapOf(retries))) continue
    report.atKey([...path, field], {
      message: `A task that runs a pipeline is tried again whatever failed in it: it takes no "${field}".`,
      hint: `Write "${field}" with the retries of the tasks of that pipeline.`,
    })
  }
}
