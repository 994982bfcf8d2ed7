// sluice pause RUN, sluice unpause RUN
import { command } from '../command.ts'
import { jsonFlag, reasonFlag, runGiven } from '../flags.ts'
import { tellDeed } from '../tell-deed.ts'

interface Flags {
  reason: string
  json: boolean
}

export const pauseCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Let nothing more of a run start; what runs goes on',
      fullDescription:
        'Holds over restarts, until sluice unpause. Retries wait too. A sub-pipeline that has begun is a run of its own: pause that one as well to stop it.',
    },
    parameters: {
      flags: { reason: reasonFlag, json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven] },
    },
  },
  (context, { reason, json }, run) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.pause', { run, reason }),
      said: (ref) => [
        'Paused: nothing more of it starts; what runs goes on.',
        `Let it go on: sluice unpause ${ref}`,
      ],
    }),
)

export const unpauseCommand = command<{ json: boolean }, [string]>(
  {
    docs: { brief: 'Let a paused run go on' },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven] },
    },
  },
  (context, { json }, run) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.unpause', { run }),
      said: () => ['It goes on.'],
    }),
)
