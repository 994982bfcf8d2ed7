// sluice events [RUN]
import { command, printJson } from '../command.ts'
import { jsonFlag, runArgument, wholeNumber } from '../flags.ts'
import { oneLine, paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { isoTime, localTime } from '../words.ts'
import type { RunEvent } from '../../../shared/run/events.ts'

interface Flags {
  after: number
  json: boolean
}

const pageEvents = 1000

export const eventsCommand = command<Flags, [string?]>(
  {
    docs: { brief: 'Print the history of a run: everything that happened to it, in order' },
    parameters: {
      flags: {
        after: {
          kind: 'parsed',
          parse: wholeNumber(0),
          default: '0',
          placeholder: 'SEQ',
          brief: 'Only events after this number',
        },
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  (context, flags, run = 'latest') =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const all: RunEvent[] = []
      const paint = paintFor(context.out)
      for (let after = flags.after; ;) {
        const page = await client.call('run.events', { run, after, limit: pageEvents })
        const last = page.at(-1)
        if (last === undefined) break
        after = last.seq
        if (flags.json) all.push(...page)
        else {
          for (const event of page) {
            const { seq, at, kind, run: _run, ...rest } = event
            const words = Object.entries(rest).map(([key, value]) => `${key}=${wordOf(value)}`)
            context.out.write(
              `${paint('dim', `${String(seq).padStart(5)}  ${localTime(at)}`)}  ${kind.padEnd(18)} ${oneLine(words.join(' '))}\n`,
            )
          }
        }
      }
      if (flags.json) {
        printJson(context, { events: all.map((event) => ({ ...event, at: isoTime(event.at) })) })
      }
    }),
)

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
