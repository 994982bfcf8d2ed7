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
        'Holds over restarts, until sluice unpause, and in the runs of its sub-pipelines too. Retries wait. A run below it may be paused alone.',
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
      said: ({ ref }) => [
        'Paused: nothing more of it starts, nor of the runs below it; what runs goes on.',
        `Let it go on: sluice unpause ${ref}`,
      ],
    }),
)

export const unpauseCommand = command<{ json: boolean }, [string]>(
  {
    docs: {
      brief: 'Let a paused run go on',
      fullDescription:
        'The runs below it go on with it, unless somebody paused them apart. A run that is paused with the one above it goes on with that one only.',
    },
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
