// sluice run PIPELINE
import { beginRun } from '../begin-run.ts'
import { command } from '../command.ts'
import {
  dateFlag,
  detachFlag,
  envFlag,
  jsonFlag,
  paramFlag,
  paramsOf,
  workspaceFlag,
} from '../flags.ts'
import type { Param } from '../flags.ts'
import { proposePipelines } from '../propose.ts'
import { openSession } from '../session.ts'

interface Flags {
  workspace?: string
  env?: string
  param?: readonly Param[]
  date?: string
  detach: boolean
  json: boolean
}

export const runCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Run a pipeline and follow it to its end',
      fullDescription:
        'Starts a run and shows it until it ends. Without an engine that stays (sluice serve, the app) this command is the engine for its own time, and goes on with unfinished runs too.\nCtrl-C cancels the run and waits until no process of it is left; a second Ctrl-C leaves at once.\nExit code: 0 succeeded, 1 failed, 2 bad input, 3 cancelled, 4 trouble with this machine.',
    },
    parameters: {
      flags: {
        workspace: workspaceFlag,
        env: envFlag,
        param: paramFlag,
        date: dateFlag,
        detach: detachFlag,
        json: jsonFlag,
      },
      aliases: { w: 'workspace', e: 'env', p: 'param', d: 'detach' },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            brief: 'Name of a pipeline',
            parse: String,
            placeholder: 'PIPELINE',
            proposeCompletions: proposePipelines,
          },
        ],
      },
    },
  },
  async (context, flags, pipeline) => {
    const session = await openSession(context, {
      need: 'engine',
      usesFiles: true,
    })
    return await beginRun(context, session, flags, async () => {
      const answer = await session.client.call('run.start', {
        pipeline,
        environment: flags.env ?? null,
        params: paramsOf(flags.param),
        logicalDate: flags.date ?? null,
      })
      return answer.run
    })
  },
)
