// Resumes a run for `resume` and `retry`: shows the plan, then does exactly that plan and follows the run.
import { printJson } from './command.ts'
import { beginRun } from './begin-run.ts'
import type { CliContext } from './context.ts'
import { askLine, canAsk } from './keyboard-line.ts'
import { paintFor } from './paint.ts'
import { planLines } from './plan-lines.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { InputOf } from '../../shared/api/contract.ts'
import type { ResumePreview } from '../../shared/api/views.ts'

export interface ResumeFlags {
  /** Only show it. */
  plan: boolean
  /** The `planId` of a plan that was shown before. */
  shown?: string
  detach: boolean
  json: boolean
}

export type ResumeQuestion = InputOf<'run.resumePlan'>

/** Gives the exit code. */
export async function doResume(
  context: CliContext,
  flags: ResumeFlags,
  question: ResumeQuestion,
): Promise<number> {
  const usesFiles = question.version === 'fixed'
  const session = await openSession(context, { need: 'engine', usesFiles })
  return await beginRun(context, session, flags, async () => {
    const preview = await session.client.call('run.resumePlan', question)
    const { run } = preview
    tellPlan(context, preview, { ...flags, isFixed: usesFiles })
    if (flags.plan) return null
    // What `latest` means may be another run by now.
    await resumeAsShown(context, session, { flags, preview, question: { ...question, run } })
    return run
  })
}

function tellPlan(
  context: CliContext,
  preview: ResumePreview,
  { plan, json, isFixed }: ResumeFlags & { isFixed: boolean },
): void {
  if (plan && json) return printJson(context, { plan: preview.plan, planId: preview.planId })
  if (json) return
  const paint = paintFor(context.out)
  context.out.write(`${planLines(paint, preview).join('\n')}\n`)
  const notes = [
    ...(preview.fixedDiffers && !isFixed
      ? ['The files differ from the version of this run: --fixed takes them.']
      : []),
    ...(plan
      ? [`To do exactly this, or nothing: --shown ${preview.planId} instead of --plan`]
      : []),
  ]
  for (const note of notes) context.out.write(`${paint('dim', note)}\n`)
}

interface Shown {
  flags: ResumeFlags
  preview: ResumePreview
  question: ResumeQuestion
}

// Time passes between the look and the deed: where the plan is another by then, it is shown and a person is asked.
async function resumeAsShown(
  context: CliContext,
  { client }: Session,
  { flags, preview, question }: Shown,
): Promise<void> {
  let last = preview
  let planId = flags.shown ?? preview.planId
  for (;;) {
    try {
      await client.call('run.resume', { ...question, planId })
      return
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'conflict') throw error
      const present = await client.call('run.resumePlan', question)
      if (present.planId === planId) throw error
      if (flags.json) throw error
      const paint = paintFor(context.out)
      if (present.planId !== last.planId) {
        const lines = planLines(paint, present, last.plan)
        context.out.write(`The plan is another by now.\n${lines.join('\n')}\n`)
      }
      if (!canAsk(context)) throw error
      const words = 'That is not the plan that was shown. Do this one? [y/N] '
      const said = await askLine(context, words)
      if (!/^y(es)?$/i.test(said?.trim() ?? '')) throw error
      last = present
      planId = present.planId
    }
  }
}
