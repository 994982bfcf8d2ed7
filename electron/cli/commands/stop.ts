// sluice stop RUN
import { command } from '../command.ts'
import { jsonFlag, reasonFlag, runGiven } from '../flags.ts'
import { proposeTasks } from '../propose.ts'
import { tellDeed } from '../tell-deed.ts'

interface Flags {
  after?: string
  reason: string
  json: boolean
}

export const stopCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Let what runs come to its end, and start nothing more of a run',
      fullDescription:
        'Then the run ends as cancelled, and a resume goes on from there. With --after it goes on until that task has ended. Clean-up (tear-downs, final tasks) still runs. sluice cancel ends what runs, too.',
    },
    parameters: {
      flags: {
        after: {
          kind: 'parsed',
          parse: String,
          optional: true,
          placeholder: 'TASK',
          brief: 'Go on until this task has ended',
          proposeCompletions: proposeTasks,
        },
        reason: reasonFlag,
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [runGiven] },
    },
  },
  (context, { after, reason, json }, run) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.stop', { run, after: after ?? null, reason }),
      said: ({ ref, hasEnded }) => [
        hasEnded
          ? 'Nothing of it ran: it has ended.'
          : after === undefined
            ? 'It stops: what runs comes to its end, nothing more starts.'
            : `It stops once ${after} has ended.`,
        `Go on from there when it has ended: sluice resume ${ref}`,
      ],
    }),
)
