// sluice settle RUN TASK wait|fail|failover
import { command } from '../command.ts'
import { jsonFlag, reasonFlag, runGiven, taskGiven } from '../flags.ts'
import { waitWords } from '../run-notes.ts'
import { tellDeed } from '../tell-deed.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { GraphNode } from '../../../shared/api/views.ts'
import { didYouMean } from '../../../shared/pipeline/suggest.ts'
import type { UnknownDecision } from '../../../shared/run/events.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'

interface Flags {
  reason: string
  json: boolean
}

const decided: Readonly<Record<Exclude<UnknownDecision, 'wait'>, string>> = {
  fail: 'It is called failed; its retries apply. What is left of it is ended when its host is back.',
  failover:
    'Another host of its pool takes over as soon as the first copy cannot run any more. What is left of that is ended when its host is back.',
}
const decisions: readonly UnknownDecision[] = ['wait', 'fail', 'failover']

export const settleCommand = command<Flags, [string, string, UnknownDecision]>(
  {
    docs: {
      brief: 'Decide about a task whose outcome is unknown',
      fullDescription:
        'wait: start the wait of its on_unknown anew; where that asks a person, it is only noted that you wait. fail: call the attempt lost; retries apply. failover: let another host of its pool have it, where its effect allows that. Two copies never live at once: what is left of the first is ended when its host is back. It is written to the audit. What a task is waiting for: sluice why RUN TASK.',
    },
    parameters: {
      flags: { reason: reasonFlag, json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [
          runGiven,
          taskGiven,
          {
            brief: decisions.join(', '),
            parse: parseDecision,
            placeholder: 'DECISION',
            proposeCompletions: async () => [...decisions],
          },
        ],
      },
    },
  },
  (context, { reason, json }, run, name, decision) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.settle', { run, ...parseTaskKey(name), decision, reason }),
      said: ({ graph }) => [decision === 'wait' ? waited(graph, name) : decided[decision]],
    }),
)

function waited(graph: readonly GraphNode[], name: string): string {
  const { task } = parseTaskKey(name)
  const rule = graph.find((node) => node.name === task)?.unknown
  return rule === undefined ? 'It goes on waiting.' : waitWords(rule)
}

function parseDecision(this: unknown, text: string): UnknownDecision {
  const found = decisions.find((decision) => decision === text)
  if (found !== undefined) return found
  throw new AppError(
    'bad-input',
    `"${text}" is no decision.${didYouMean(text, decisions)} One of: ${decisions.join(', ')}.`,
  )
}
