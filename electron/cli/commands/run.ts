// sluice run PIPELINE
import { command, printJson } from '../command.ts'
import type { CliContext } from '../context.ts'
import { driveRun } from '../drive-run.ts'
import { snapshotOf } from '../follow-run.ts'
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
import { paintFor } from '../paint.ts'
import { proposePipelines } from '../propose.ts'
import { runJson } from '../run-json.ts'
import { openSession } from '../session.ts'
import type { Session } from '../session.ts'
import { plural } from '../words.ts'
import { AppError } from '../../../shared/api/app-error.ts'

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
    let run: string
    try {
      if (flags.detach) await assertStays(session)
      const answer = await session.client.call('run.start', {
        pipeline,
        environment: flags.env ?? null,
        params: paramsOf(flags.param),
        logicalDate: flags.date ?? null,
      })
      run = answer.run
      if (flags.detach) return await tellDetached(context, session, { run, json: flags.json })
    } catch (error) {
      await session.close()
      throw error
    }
    if (!flags.json) tellStart(context, session, run)
    return await driveRun(context, session, { run, json: flags.json, onInterrupt: 'cancel' })
  },
)

/** An engine that ends with its command would leave the run standing. */
export async function assertStays(session: Session): Promise<void> {
  const info = session.own === null ? await session.client.call('system.info', {}) : null
  if (info !== null && (info.face === 'serve' || info.face === 'desktop')) return
  throw new AppError('engine-needed', '--detach needs an engine that stays, and none is up.', {
    hint: 'Start one in another terminal: sluice serve (or open the app). Or leave --detach out.',
  })
}

export async function tellDetached(
  context: CliContext,
  session: Session,
  told: { run: string; json: boolean },
): Promise<number> {
  if (told.json) {
    printJson(context, await runJson(session.client, await snapshotOf(session.client, told.run)))
  } else {
    context.out.write(`${told.run}\n`)
    context.err.write(
      `See it: sluice follow ${told.run.slice(-8)}; its logs: sluice logs ${told.run.slice(-8)} TASK -f\n`,
    )
  }
  await session.close()
  return 0
}

export function tellStart(context: CliContext, session: Session, run: string): void {
  const paint = paintFor(context.out)
  context.out.write(`Run ${paint('bold', run)}\n`)
  const others = session.own?.recovered ?? 0
  if (others > 0) {
    context.out.write(paint('dim', `Also goes on with ${plural(others, 'unfinished run')}.\n`))
  }
}
