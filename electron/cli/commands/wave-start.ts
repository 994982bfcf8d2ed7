// sluice wave plan, sluice wave start
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { driveWave } from '../drive-wave.ts'
import { EXIT } from '../exit-codes.ts'
import {
  detachFlag,
  jsonFlag,
  paramFlag,
  paramsOf,
  pipelineFlag,
  reasonFlag,
  shownFlag,
  sinceIfAny,
  wholeNumber,
  workspaceFlag,
  switchFlag,
  tasksFlag,
} from '../flags.ts'
import { forcedOf } from '../forced.ts'
import type { Param } from '../flags.ts'
import { askLine, canAsk } from '../keyboard-line.ts'
import { paintFor } from '../paint.ts'
import { proposeRuns } from '../propose.ts'
import { openSession, withSession } from '../session.ts'
import type { Session } from '../session.ts'
import { waveJson, wavePlanJson, wavePlanLines } from '../wave-lines.ts'
import { assertStays } from '../begin-run.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { InputOf } from '../../../shared/api/contract.ts'
import type { WavePlan } from '../../../shared/run/wave.ts'

interface PlanFlags {
  like?: string
  signature?: string
  since?: number
  pipeline?: string
  first?: readonly string[]
  canary: number
  batch: number
  others: number
  fixed: boolean
  param?: readonly Param[]
  force?: readonly string[]
  leave?: readonly string[]
  reason: string
  workspace?: string
  json: boolean
}

interface StartFlags extends PlanFlags {
  yes: boolean
  shown?: string
  detach: boolean
}

const count = (byDefault: string, brief: string) =>
  ({ kind: 'parsed', parse: wholeNumber(1), default: byDefault, placeholder: 'N', brief }) as const

const planFlags = {
  like: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'RUN',
    brief: 'All that failed like this run',
    proposeCompletions: proposeRuns,
  },
  signature: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'S',
    brief: 'All with this signature, as sluice incidents gives it',
  },
  since: sinceIfAny,
  pipeline: pipelineFlag,
  first: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'RUN',
    brief: 'This run goes first; else the newest. May be given again',
    proposeCompletions: proposeRuns,
  },
  canary: count('1', 'So many must recover before the rest is tried'),
  batch: count('5', 'So many of the rest at a time'),
  others: count('1', 'Stop after so many failures for other reasons'),
  fixed: { ...switchFlag, brief: 'With the files of the workspace as they are now' },
  param: { ...paramFlag, brief: 'Another value of a param, for all; needs --fixed' },
  force: { ...tasksFlag, brief: 'Run this one again wherever a run has it; needs --reason' },
  leave: { ...tasksFlag, brief: 'Leave this one as it is wherever a run has it; needs --reason' },
  reason: reasonFlag,
  workspace: workspaceFlag,
  json: jsonFlag,
} as const

export const planCommand = command<PlanFlags>(
  {
    docs: {
      brief: 'Show what a wave would do, and do nothing',
      fullDescription:
        'The runs in the order in which they go, each with what its recovery plan runs again and reuses, and those that are left out with the reason. --shown of sluice wave start takes the id.',
    },
    parameters: { flags: planFlags, aliases: { w: 'workspace', p: 'param' } },
  },
  (context, flags) =>
    withSession(context, { need: 'engine', usesFiles: flags.fixed }, async ({ client }) => {
      const plan = await client.call('wave.plan', questionOf(context, flags))
      if (flags.json) return printJson(context, wavePlanJson(plan))
      const paint = paintFor(context.out)
      printLines(context, [
        ...wavePlanLines(paint, plan),
        paint(
          'dim',
          `To do exactly this, or nothing: sluice wave start ... --shown ${plan.planId}`,
        ),
      ])
    }),
)

export const startCommand = command<StartFlags>(
  {
    docs: {
      brief: 'Recover all runs that failed alike: shows the plan, asks, then follows it',
      fullDescription:
        'One run goes first; once it has recovered the rest follows in batches, each when the former has ended. A run that fails for the same reason again stops the wave: nothing more is resumed, and what goes is left to end. What is done is the plan that was shown. A wave goes on after a restart of the engine; Ctrl-C only leaves it. Exit code: 0 where all of it recovered, 1 where not, 3 where a person stopped it.',
    },
    parameters: {
      flags: {
        ...planFlags,
        yes: { ...switchFlag, brief: 'Do not ask' },
        shown: { ...shownFlag, brief: 'Only if the plan is still the one shown under this id' },
        detach: detachFlag,
      },
      aliases: { w: 'workspace', p: 'param', y: 'yes', d: 'detach' },
    },
  },
  async (context, flags) => {
    const question = questionOf(context, flags)
    const session = await openSession(context, { need: 'engine', usesFiles: flags.fixed })
    let wave: string
    try {
      if (flags.detach) await assertStays(session)
      const started = await startShown(context, session, flags, question)
      if (started === null) {
        await session.close()
        return EXIT.cancelled
      }
      wave = started
      if (flags.detach) return await tellDetached(context, session, { wave, json: flags.json })
    } catch (error) {
      await session.close()
      throw error
    }
    if (!flags.json) context.out.write(`Wave ${paintFor(context.out)('bold', wave)}\n`)
    return await driveWave(context, session, { wave, json: flags.json })
  },
)

// Null: the person said no. A plan that is another by then is shown again.
async function startShown(
  context: CliContext,
  { client }: Session,
  flags: StartFlags,
  question: InputOf<'wave.plan'>,
): Promise<string | null> {
  const { reason } = flags
  if (flags.shown !== undefined)
    return (await client.call('wave.start', { ...question, reason, planId: flags.shown })).wave
  for (;;) {
    const plan = await client.call('wave.plan', question)
    if (!flags.json) printLines(context, wavePlanLines(paintFor(context.out), plan))
    if (!flags.yes && !(await isWanted(context, plan, flags.json))) return null
    try {
      return (await client.call('wave.start', { ...question, reason, planId: plan.planId })).wave
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict' || flags.yes) throw error
      const present = await client.call('wave.plan', question)
      if (present.planId === plan.planId) throw error
      context.err.write('The plan is another by now.\n')
    }
  }
}

// A document is no place for a question.
async function isWanted(context: CliContext, { runs }: WavePlan, json: boolean): Promise<boolean> {
  if (runs.every(({ batch }) => batch === null)) return true // the engine says why it cannot
  if (json || !canAsk(context)) {
    throw new AppError('bad-input', 'Nobody is here to say yes to this plan.', {
      hint: 'Add --yes, or --shown with the id that sluice wave plan gives.',
    })
  }
  const said = await askLine(context, 'Start it? [y/N] ')
  return /^y(es)?$/i.test(said?.trim() ?? '')
}

async function tellDetached(
  context: CliContext,
  session: Session,
  { wave, json }: { wave: string; json: boolean },
): Promise<number> {
  if (json) printJson(context, waveJson((await session.client.call('wave.get', { wave })).wave))
  else {
    context.out.write(`${wave}\n`)
    context.err.write(`See it: sluice wave follow ${wave.slice(-8)}\n`)
  }
  await session.close()
  return EXIT.ok
}

function questionOf(context: CliContext, flags: PlanFlags): InputOf<'wave.plan'> {
  const { force = [], leave = [], reason, param = [], fixed } = flags
  if (force.length + leave.length > 0 && reason === '')
    throw new AppError('bad-input', 'Who changes the plan says why: --reason TEXT.')
  if (param.length > 0 && !fixed) {
    throw new AppError('bad-input', 'Other params need plans made from the files: add --fixed.')
  }
  return {
    like: flags.like ?? null,
    signature: flags.signature ?? null,
    since: flags.since === undefined ? null : Math.max(0, context.clock.now() - flags.since),
    pipeline: flags.pipeline ?? null,
    first: [...(flags.first ?? [])],
    canary: flags.canary,
    batch: flags.batch,
    otherMax: flags.others,
    version: fixed ? 'fixed' : 'pinned',
    params: paramsOf(param),
    forced: forcedOf(flags),
  }
}
