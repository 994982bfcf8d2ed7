// What `run`, `resume` and `retry` share: a run begins or goes on, and is shown until its end, or left to an engine that stays.
import { printJson } from './command.ts'
import type { CliContext } from './context.ts'
import { driveRun } from './drive-run.ts'
import { EXIT } from './exit-codes.ts'
import { snapshotOf } from './follow-run.ts'
import { paintFor } from './paint.ts'
import { runJson } from './run-json.ts'
import type { Session } from './session.ts'
import { plural } from './words.ts'
import { AppError } from '../../shared/api/app-error.ts'

/** Gives the exit code, and closes the session. `begin` gives the run; null where there is none to be shown. */
export async function beginRun(
  context: CliContext,
  session: Session,
  { detach, json }: { detach: boolean; json: boolean },
  begin: () => Promise<string | null>,
): Promise<number> {
  // Before it begins: what ends before we look is news too.
  const since = context.clock.now()
  let run: string | null
  try {
    if (detach) await assertStays(session)
    run = await begin()
    if (run !== null && detach) return await tellDetached(context, session, { run, json })
  } catch (error) {
    await session.close()
    throw error
  }
  if (run === null) {
    await session.close()
    return EXIT.ok
  }
  if (!json) tellStart(context, session, run)
  return await driveRun(context, session, { run, json, onInterrupt: 'cancel', since })
}

/** An engine that ends with its command would leave the run standing. */
export async function assertStays(session: Session): Promise<void> {
  const info = session.own === null ? await session.client.call('system.info', {}) : null
  if (info !== null && (info.face === 'serve' || info.face === 'desktop')) return
  throw new AppError('engine-needed', '--detach needs an engine that stays, and none is up.', {
    hint: 'Start one in another terminal: sluice serve (or open the app). Or leave --detach out.',
  })
}

async function tellDetached(
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
  return EXIT.ok
}

export function tellStart(context: CliContext, session: Session, run: string): void {
  const paint = paintFor(context.out)
  context.out.write(`Run ${paint('bold', run)}\n`)
  const others = session.own?.recovered ?? 0
  if (others > 0) {
    context.out.write(paint('dim', `Also goes on with ${plural(others, 'unfinished run')}.\n`))
  }
}
