// sluice resume [RUN]
import { command, printJson } from '../command.ts'
import { driveRun } from '../drive-run.ts'
import { detachFlag, jsonFlag, runArgument, workspaceFlag } from '../flags.ts'
import { planLines } from '../plan-lines.ts'
import { paintFor } from '../paint.ts'
import { openSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import { assertStays, tellDetached, tellStart } from './run.ts'

interface Flags {
  plan: boolean
  from?: string
  fixed: boolean
  pinned: boolean
  workspace?: string
  detach: boolean
  json: boolean
}

const off = { kind: 'boolean', default: false, withNegated: false } as const

export const resumeCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Go on with a failed or cancelled run: shows its plan, then does it',
      fullDescription:
        'What succeeded is reused, what failed and all downstream of it runs again, what still runs on a host is attached to. The plan says so for each task, with the reason, before anything happens.',
    },
    parameters: {
      flags: {
        plan: { ...off, brief: 'Only show the plan' },
        from: {
          kind: 'parsed',
          parse: String,
          optional: true,
          placeholder: 'TASK',
          brief: 'Run this task and all downstream of it again, succeeded or not',
        },
        fixed: { ...off, brief: 'With the files of the workspace as they are now' },
        pinned: { ...off, brief: 'With the version that the run has (the default)' },
        workspace: workspaceFlag,
        detach: detachFlag,
        json: jsonFlag,
      },
      aliases: { w: 'workspace', d: 'detach' },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  async (context, flags, ref = 'latest') => {
    if (flags.fixed && flags.pinned) {
      throw new AppError('bad-input', 'A resume takes --fixed or --pinned, not both.')
    }
    const session = await openSession(context, {
      need: 'engine',
      usesFiles: flags.fixed,
    })
    const paint = paintFor(context.out)
    const version = flags.fixed ? 'fixed' : 'pinned'
    let run: string
    try {
      const input = {
        run: ref,
        version,
        from: flags.from === undefined ? [] : [flags.from],
      } as const
      if (flags.detach) await assertStays(session)
      const preview = await session.client.call('run.resumePlan', input)
      run = preview.run
      if (flags.plan && flags.json) printJson(context, { plan: preview.plan })
      else if (!flags.json) {
        context.out.write(`${planLines(paint, preview).join('\n')}\n`)
        if (preview.fixedDiffers && !flags.fixed) {
          context.out.write(
            paint('dim', 'The files differ from the version of this run: --fixed takes them.\n'),
          )
        }
      }
      if (flags.plan) {
        await session.close()
        return 0
      }
      await session.client.call('run.resume', { ...input, run, planId: preview.planId })
      if (flags.detach) return await tellDetached(context, session, { run, json: flags.json })
    } catch (error) {
      await session.close()
      throw error
    }
    if (!flags.json) tellStart(context, session, run)
    return await driveRun(context, session, { run, json: flags.json })
  },
)
