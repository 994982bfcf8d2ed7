// sluice mark RUN TASK succeeded|skipped
import { command } from '../command.ts'
import { jsonFlag, reasonNeeded, runGiven, taskGiven } from '../flags.ts'
import { tellDeed } from '../tell-deed.ts'
import type { DeedDone } from '../tell-deed.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'
import { didYouMean } from '../../../shared/pipeline/suggest.ts'
import type { MarkedState } from '../../../shared/run/events.ts'
import { parseTaskKey, taskKey } from '../../../shared/run/run-view.ts'

interface Flags {
  reason: string
  json: boolean
}

const states: readonly MarkedState[] = ['succeeded', 'skipped']

export const markCommand = command<Flags, [string, string, MarkedState]>(
  {
    docs: {
      brief: 'Say how a task counts that has not run, or did not succeed',
      fullDescription:
        'succeeded: its work was done by hand. skipped: it is not needed this time. In a run that goes on, what it held up goes on at once; a run that has ended stays as it is until sluice resume. What runs, or whose outcome is unknown, cannot be marked. It is written to the audit.',
    },
    parameters: {
      flags: { reason: reasonNeeded, json: jsonFlag },
      positional: {
        kind: 'tuple',
        parameters: [
          runGiven,
          taskGiven,
          {
            brief: states.join(' or '),
            parse: parseState,
            placeholder: 'STATE',
            proposeCompletions: async (partial) =>
              states.filter((state) => state.startsWith(partial)),
          },
        ],
      },
    },
  },
  (context, { reason, json }, run, name, state) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.mark', { run, ...parseTaskKey(name), state, reason }),
      said: async (done) => [`${name} counts as ${state}.`, ...(await runWords(done, name))],
    }),
)

/** What comes of it for the run; nothing to say where that goes on. */
async function runWords(
  { client, ref, hasEnded, view }: DeedDone,
  name: string,
): Promise<string[]> {
  if (!hasEnded) return []
  const { task, item } = parseTaskKey(name)
  const markedAt = view.tasks[taskKey(task, item)]?.marked?.at ?? 0
  if ((view.endedAt ?? 0) >= markedAt) return [`With that the run has ended: it is ${view.state}.`]
  return (await isLeft(client, view.run))
    ? [`The run stays as it is until: sluice resume ${ref}`]
    : [`The run had ended: it stays ${view.state}, and a resume changes nothing of that.`]
}

/** Whether a resume would change anything. */
async function isLeft(client: Client, run: string): Promise<boolean> {
  try {
    await client.call('run.resumePlan', { run })
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return false
    throw error
  }
}

function parseState(this: unknown, text: string): MarkedState {
  const found = states.find((state) => state === text)
  if (found !== undefined) return found
  throw new AppError(
    'bad-input',
    `A task is marked as ${states.join(' or ')}, not as "${text}".${didYouMean(text, states)}`,
  )
}
