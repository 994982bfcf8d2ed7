// Follows a run to its end for `run` and `resume`: progress, Ctrl-C, and going on when the engine of another process leaves.
import { answerQuestions } from './answer-questions.ts'
import type { CliContext } from './context.ts'
import { drainLines, drainNow } from './drain-lines.ts'
import { exitOfRun, EXIT } from './exit-codes.ts'
import { followRun } from './follow-run.ts'
import type { FollowedRun } from './follow-run.ts'
import { paintFor } from './paint.ts'
import { openProgress } from './progress.ts'
import type { Progress } from './run-progress.ts'
import { printJson } from './command.ts'
import { printOutcome } from './outcome.ts'
import { runJson } from './run-json.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { watchTransfers } from './transfer-lines.ts'
import { AppError } from '../../shared/api/app-error.ts'

export interface DriveOptions {
  run: string
  json: boolean
  /** What Ctrl-C does at first; again it always leaves. */
  onInterrupt: 'cancel' | 'leave'
  /** ms; lines tell of what ended from then on. */
  since: number
}

/** Gives the exit code. The session may be replaced on the way, so it is closed here. */
export async function driveRun(
  context: CliContext,
  first: Session,
  options: DriveOptions,
): Promise<number> {
  context.out.outlivesReader = true
  const progress = options.json ? silent : openProgress(context, options.since)
  const leave = new AbortController()
  let session = first
  first.own?.onFatal((error) => leave.abort(error))
  let interrupts = 0
  const stopListening = context.onInterrupt(() => {
    interrupts += 1
    if (interrupts > 1 || options.onInterrupt === 'leave') return leave.abort()
    progress.note('Cancelling: waits until no process of it is left. Ctrl-C again leaves at once.')
    cancelRun(session, options.run).catch((error: unknown) =>
      progress.note(`The cancel did not arrive: ${String(error)}`),
    )
  })
  let stopAttending = attend(context, first, progress)
  try {
    if (!options.json) await noteDrained(context, first, progress)
    for (;;) {
      try {
        const { client } = session
        const { run } = options
        const onChange = progress.show
        const followed = await followRun({ client, run, onChange, signal: leave.signal })
        progress.close()
        if (leave.signal.reason instanceof AppError) throw leave.signal.reason
        if (leave.signal.aborted || followed === null) return leftBehind(context, session, options)
        return await report(context, session, { followed, json: options.json })
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'link-closed') throw error
        progress.note('The engine of the other process has left; this one goes on with the run.')
        stopAttending()
        session = await openSession(context, { need: 'engine' })
        stopAttending = attend(context, session, progress)
        session.own?.onFatal((error) => leave.abort(error))
      }
    }
  } finally {
    stopListening()
    stopAttending()
    progress.close()
    await session.close()
  }
}

async function noteDrained(
  context: CliContext,
  { client }: Session,
  progress: Progress,
): Promise<void> {
  const drain = await drainNow(client)
  if (drain === null) return
  for (const line of drainLines(paintFor(context.err), drain, context.clock.now()))
    progress.note(line)
}

/** What hosts ask, and what is on its way to and from them; until it is undone. */
function attend(context: CliContext, session: Session, progress: Progress): () => void {
  const leave = new AbortController()
  const stopAnswering = answerQuestions(context, session, progress)
  if (progress.showTransfers !== null) {
    watchTransfers(session.client, progress.showTransfers, leave.signal).catch((error: unknown) => {
      // The run's own stream says what is wrong with the link.
      if (!leave.signal.aborted && !(error instanceof AppError)) throw error
    })
  }
  return () => {
    stopAnswering()
    leave.abort()
  }
}

async function cancelRun(session: Session, run: string): Promise<void> {
  await session.client.call('run.cancel', { run, reason: 'Ctrl-C' })
}

async function report(
  context: CliContext,
  session: Session,
  done: { followed: FollowedRun; json: boolean },
): Promise<number> {
  const { followed, json } = done
  if (json) printJson(context, await runJson(session.client, followed))
  else await printOutcome(context, session.client, followed.view)
  return exitOfRun(followed.view.state)
}

function leftBehind(context: CliContext, { own }: Session, options: DriveOptions): number {
  const back = `sluice follow ${options.run.slice(-8)}`
  const goesOn = options.onInterrupt === 'leave' ? 'run' : 'cancel'
  context.err.write(
    own === null
      ? `Left; the ${goesOn} goes on. Come back: ${back}\n`
      : `Left. Tasks that run on hosts go on there; nothing new starts until an engine is up.\nCome back: ${back}, or sluice serve\n`,
  )
  return EXIT.cancelled
}

const silent: Progress = {
  show: () => {},
  showTransfers: null,
  note: () => {},
  hold: () => () => {},
  close: () => {},
}
