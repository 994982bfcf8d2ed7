// sluice approve RUN TASK, sluice reject RUN TASK
import { command } from '../command.ts'
import { jsonFlag, paramsOf, parsePair, reasonFlag, reasonNeeded, runGiven } from '../flags.ts'
import type { Param } from '../flags.ts'
import { proposeAsks } from '../propose.ts'
import { tellDeed } from '../tell-deed.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'

const askGiven = {
  brief: 'Name of the task that asks; an item of a fan-out as task[3]',
  parse: String,
  placeholder: 'TASK',
  proposeCompletions: proposeAsks,
} as const

interface ApproveFlags {
  set?: readonly Param[]
  reason: string
  json: boolean
}

export const approveCommand = command<ApproveFlags, [string, string]>(
  {
    docs: {
      brief: 'Say yes to a task that asks a person',
      fullDescription:
        'What it asks, and what its form wants: sluice show RUN. The answers are output values of the task, for whatever comes after it. Who answered, what and why stands in the history and in the audit.',
    },
    parameters: {
      flags: {
        set: {
          kind: 'parsed',
          parse: parsePair('an answer'),
          optional: true,
          variadic: true,
          placeholder: 'k=v',
          brief: 'Answer to a field of its form; may be given again',
        },
        reason: reasonFlag,
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [runGiven, askGiven] },
    },
  },
  (context, { set, reason, json }, run, name) =>
    tellDeed(context, {
      json,
      act: (client) =>
        client.call('run.approve', {
          run,
          ...parseTaskKey(name),
          decision: 'approved',
          reason,
          values: paramsOf(set),
        }),
      said: () => [`Approved: ${name} has succeeded.`],
    }),
)

interface RejectFlags {
  reason: string
  json: boolean
}

export const rejectCommand = command<RejectFlags, [string, string]>(
  {
    docs: { brief: 'Say no to a task that asks a person: it fails' },
    parameters: {
      flags: { reason: reasonNeeded, json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven, askGiven] },
    },
  },
  (context, { reason, json }, run, name) =>
    tellDeed(context, {
      json,
      act: (client) =>
        client.call('run.approve', { run, ...parseTaskKey(name), decision: 'rejected', reason }),
      said: () => [`Rejected: ${name} has failed.`],
    }),
)
