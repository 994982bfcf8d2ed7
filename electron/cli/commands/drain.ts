// sluice drain [--wait], sluice undrain
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { drainLines, drainNow } from '../drain-lines.ts'
import { EXIT } from '../exit-codes.ts'
import { jsonFlag, reasonFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import type { Session } from '../session.ts'
import { isoTime, plural } from '../words.ts'
import type { Client } from '../../../shared/api/contract.ts'
import type { EngineDrain } from '../../../shared/api/views.ts'

interface Flags {
  reason: string
  wait: boolean
  json: boolean
}

export const drainAllCommand = command<Flags>(
  {
    docs: {
      brief: 'Start nothing more on any host; say when nothing runs any more',
      fullDescription:
        'For all runs, those to come too: what runs goes on to its end, runs that are started and triggers that fire are recorded and wait. Holds over restarts, until sluice undrain. --wait returns once nothing runs any more; Ctrl-C leaves, and the drain holds. For one host: sluice hosts drain; for one run: sluice pause. It is written to the audit.',
    },
    parameters: {
      flags: {
        reason: reasonFlag,
        wait: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Return when nothing runs any more',
        },
        json: jsonFlag,
      },
    },
  },
  (context, { reason, wait, json }) =>
    withSession(context, { need: 'engine', first: drainBy(reason) }, async (session) => {
      const said = await drainNow(session.client)
      const drain = wait ? await untilDrained(context, session, said) : said
      if (drain === 'left') return EXIT.cancelled
      tell(context, drain, json)
      return EXIT.ok
    }),
)

export const undrainCommand = command<{ reason: string; json: boolean }>(
  {
    docs: {
      brief: 'Start again what is due, after a drain',
      fullDescription: 'Takes sluice drain back. It is written to the audit.',
    },
    parameters: { flags: { reason: reasonFlag, json: jsonFlag } },
  },
  (context, { reason, json }) =>
    withSession(context, { need: 'engine' }, async ({ client }) => {
      tell(context, await client.call('engine.drain', { state: 'open', reason }), json)
    }),
)

const drainBy = (reason: string) => async (client: Client) =>
  void (await client.call('engine.drain', { state: 'draining', reason }))

function tell(context: CliContext, drain: EngineDrain | null, json: boolean): void {
  const at = drain === null ? null : isoTime(drain.at)
  if (json) return printJson(context, { drain: drain === null ? null : { ...drain, at } })
  if (drain === null) return context.out.write('What is due starts again.\n')
  printLines(context, drainLines(paintFor(context.out), drain, context.clock.now()))
}

async function untilDrained(
  context: CliContext,
  { client }: Session,
  said: EngineDrain | null,
): Promise<EngineDrain | null | 'left'> {
  if (said?.kind !== 'draining') return said
  const leave = new AbortController()
  const stopListening = context.onInterrupt(() => leave.abort())
  try {
    context.err.write(`Waits for ${plural(said.running, 'attempt')}.\n`)
    for await (const { drain } of client.stream('engine.watch', {}, leave.signal)) {
      // Opened again by somebody: there is nothing left to wait for.
      if (drain?.kind !== 'draining') return drain
    }
    return 'left'
  } finally {
    stopListening()
    leave.abort()
  }
}
