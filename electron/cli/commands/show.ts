// sluice show [RUN]
import { command, printJson } from '../command.ts'
import { snapshotOf } from '../follow-run.ts'
import { jsonFlag, runArgument } from '../flags.ts'
import { causeText } from '../outcome.ts'
import { oneLine, paintFor } from '../paint.ts'
import { pictureOf } from '../run-picture.ts'
import { personNotes } from '../person-notes.ts'
import { runNotes } from '../run-notes.ts'
import { runJson } from '../run-json.ts'
import { withSession } from '../session.ts'
import { localTime } from '../words.ts'

interface Flags {
  items: boolean
  json: boolean
}

export const showCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Show a run: its tasks, states, hosts and durations',
      fullDescription:
        'Shows the tasks of a run, and below them what needs a person: questions and how to answer them, who paused it, outcomes that are not known and what can be done about them, processes that a cancel could not end, and why the run failed. Why one task waits, or is on its host: sluice why RUN TASK.',
    },
    parameters: {
      flags: {
        items: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'A row for each item of each fan-out; else for those that failed or run',
        },
        json: jsonFlag,
      },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  (context, flags, run = 'latest') =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const snapshot = await snapshotOf(client, run)
      if (flags.json) return printJson(context, await runJson(client, snapshot))
      const { view } = snapshot
      const paint = paintFor(context.out)
      const head = `${view.pipeline} in ${view.environment}, version ${view.version.slice(0, 12)}, ${localTime(view.createdAt)}`
      const params = Object.entries(view.params).map(([name, value]) => `${name}=${String(value)}`)
      context.out.write(`${paint('bold', view.run)}  ${oneLine(head)}\n`)
      if (params.length > 0) context.out.write(`${paint('dim', oneLine(params.join(' ')))}\n`)
      const now = context.clock.now()
      const rows = Number.POSITIVE_INFINITY
      context.out.write(
        `${pictureOf(view, { paint, now, rows, ...(flags.items && { items: 'all' }) }).join('\n')}\n`,
      )
      const options = { paint, now, graph: snapshot.graph }
      const notes = [...personNotes(view, options), ...runNotes(view, options)]
      if (notes.length > 0) context.out.write(`\n${notes.join('\n')}\n`)
      const text = view.state === 'succeeded' ? '' : await causeText(context, client, view)
      if (text !== '') context.out.write(`\n${text}`)
    }),
)
