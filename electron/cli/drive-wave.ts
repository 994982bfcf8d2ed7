// Follows a wave until nothing of it goes any more: a line per change, Ctrl-C leaves, and it goes on when the engine of
// another process leaves.
import { answerQuestions } from './answer-questions.ts'
import { printJson, printLines } from './command.ts'
import type { CliContext } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { paintFor } from './paint.ts'
import { openSession } from './session.ts'
import type { Session } from './session.ts'
import { waveCounts, waveHeadLine, waveJson, waveRunLine } from './wave-lines.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { isWaveStill } from '../../shared/run/wave.ts'
import type { WaveHead, WaveRun } from '../../shared/run/wave.ts'

export interface DriveWave {
  wave: string
  json: boolean
}

/** Gives the exit code. The session may be replaced on the way, so it is closed here. */
export async function driveWave(
  context: CliContext,
  first: Session,
  { wave, json }: DriveWave,
): Promise<number> {
  context.out.outlivesReader = true
  const leave = new AbortController()
  const stopListening = context.onInterrupt(() => leave.abort())
  const told = new Map<string, string>()
  let session = first
  let stopAnswering = answerQuestions(context, session)
  try {
    for (;;) {
      session.own?.onFatal((error) => leave.abort(error))
      try {
        const onRuns = (runs: readonly WaveRun[]): void => {
          if (!json) tell(context, runs, told)
        }
        const head = await follow(session, { wave, signal: leave.signal, onRuns })
        if (leave.signal.reason instanceof AppError) throw leave.signal.reason
        if (leave.signal.aborted || head === null) return left(context, session, wave)
        const whole = await session.client.call('wave.get', { wave })
        if (json) printJson(context, waveJson(whole.wave))
        else printLines(context, [waveHeadLine(paintFor(context.out), head)])
        return exitOfWave(head)
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'link-closed') throw error
        stopAnswering()
        session = await openSession(context, { need: 'engine' })
        stopAnswering = answerQuestions(context, session)
      }
    }
  } finally {
    stopListening()
    stopAnswering()
    await session.close()
  }
}

interface FollowWave {
  wave: string
  signal: AbortSignal
  onRuns: (runs: readonly WaveRun[]) => void
}

// The head at the end; null where the stream ended before.
async function follow(
  { client }: Session,
  { wave, signal, onRuns }: FollowWave,
): Promise<WaveHead | null> {
  for await (const item of client.stream('wave.watch', { wave }, signal)) {
    const head = item.kind === 'snapshot' ? item.wave : item.head
    onRuns(item.kind === 'snapshot' ? item.wave.runs : item.runs)
    if (isWaveStill(head)) return head
  }
  return null
}

function tell(context: CliContext, runs: readonly WaveRun[], told: Map<string, string>): void {
  const paint = paintFor(context.out)
  const isNews = ({ run, state }: WaveRun): boolean => (told.get(run) ?? 'waiting') !== state
  const news = runs.filter(isNews)
  for (const { run, state } of news) told.set(run, state)
  // Those whose turn did not come are counted at the end.
  printLines(
    context,
    news.filter(({ state }) => state !== 'skipped').map((one) => waveRunLine(paint, one)),
  )
}

/** 0: all of it recovered that was to. */
function exitOfWave(head: WaveHead): number {
  if (head.state === 'cancelled') return EXIT.cancelled
  const bad = (head.counts.failed_again ?? 0) + (head.counts.refused ?? 0)
  return head.state === 'stopped' || bad > 0 ? EXIT.runFailed : EXIT.ok
}

function left(context: CliContext, { own }: Session, wave: string): number {
  const back = `sluice wave follow ${wave.slice(-8)}`
  context.err.write(
    own === null
      ? `Left; the wave goes on. Come back: ${back}\n`
      : `Left. What runs on hosts goes on there; nothing more is resumed until an engine is up.\nCome back: ${back}, or sluice serve\n`,
  )
  return EXIT.cancelled
}

export function stopWords(head: WaveHead): string {
  return (head.counts.going ?? 0) > 0
    ? `Nothing more is resumed; what goes is left to end (${waveCounts(head)}).`
    : `Nothing more is resumed (${waveCounts(head)}).`
}
