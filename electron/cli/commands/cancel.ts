// sluice cancel RUN
import { command, printJson } from '../command.ts'
import { followRun } from '../follow-run.ts'
import { jsonFlag, runGiven } from '../flags.ts'
import { printOutcome } from '../outcome.ts'
import { runJson } from '../run-json.ts'
import { withSessions } from '../session.ts'
import { EXIT } from '../exit-codes.ts'

interface Flags {
  reason: string
  json: boolean
}

export const cancelCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Cancel a run and wait until no process of it is left',
      fullDescription:
        'TERM, then KILL after the grace, to every process of its tasks, and then proof: survivors are named. Exit code 0: the run is cancelled.',
    },
    parameters: {
      flags: {
        reason: {
          kind: 'parsed',
          parse: String,
          default: '',
          placeholder: 'TEXT',
          brief: 'Kept in the history of the run',
        },
        json: jsonFlag,
      },
      positional: {
        kind: 'tuple',
        parameters: [runGiven],
      },
    },
  },
  (context, flags, ref) => {
    let asked: string | null = null
    // The engine may be a `sluice run`, which ends with its run: the end that it stored is then read without it.
    return withSessions(context, { need: 'engine' }, async ({ client }) => {
      asked ??= (await client.call('run.cancel', { run: ref, reason: flags.reason })).run
      const run = asked
      const leave = new AbortController()
      const stopListening = context.onInterrupt(() => leave.abort())
      try {
        const options = { client, run, onChange: () => {}, signal: leave.signal }
        const followed = await followRun(options)
        if (followed === null || leave.signal.aborted) return EXIT.cancelled
        if (flags.json) printJson(context, await runJson(client, followed))
        else await printOutcome(context, client, followed.view)
        return followed.view.state === 'cancelled' ? EXIT.ok : EXIT.runFailed
      } finally {
        stopListening()
      }
    })
  },
)
