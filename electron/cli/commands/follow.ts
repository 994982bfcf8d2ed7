// sluice follow [RUN]
import { command } from '../command.ts'
import { driveRun } from '../drive-run.ts'
import { jsonFlag, runArgument } from '../flags.ts'
import { openSession } from '../session.ts'
import { tellStart } from '../begin-run.ts'

interface Flags {
  json: boolean
}

export const followCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Show a run as it goes on, until it ends',
      fullDescription:
        'As sluice run does it, of a run that is there: one that was started elsewhere, or with --detach. Ctrl-C only leaves. Where no engine is up, this command is it for its own time. Exit code: that of the run, as sluice run gives it.',
    },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  async (context, { json }, ref = 'latest') => {
    const session = await openSession(context, { need: 'engine' })
    let run: string
    try {
      run = (await session.client.call('run.get', { run: ref })).row.run
    } catch (error) {
      await session.close()
      throw error
    }
    if (!json) tellStart(context, session, run)
    const since = context.clock.now()
    return await driveRun(context, session, { run, json, onInterrupt: 'leave', since })
  },
)
