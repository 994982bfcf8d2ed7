// sluice retry RUN TASK
import { command } from '../command.ts'
import { doResume } from '../do-resume.ts'
import { detachFlag, jsonFlag, runGiven, shownFlag, taskOrGroup } from '../flags.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags {
  plan: boolean
  shown?: string
  detach: boolean
  json: boolean
}

export const retryCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Run one task, item or group again, with what it held up, and nothing else',
      fullDescription:
        'Short for sluice resume RUN --only --from TASK, with the version that the run has. Other failures stay as they are.',
    },
    parameters: {
      flags: {
        plan: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Only show the plan',
        },
        shown: shownFlag,
        detach: detachFlag,
        json: jsonFlag,
      },
      aliases: { d: 'detach' },
      positional: { kind: 'tuple', parameters: [runGiven, taskOrGroup] },
    },
  },
  async (context, flags, run, task) => {
    if (flags.plan && flags.shown !== undefined)
      throw new AppError('bad-input', 'It takes --plan or --shown, not both.')
    return await doResume(context, flags, { run, from: [task], only: true })
  },
)
