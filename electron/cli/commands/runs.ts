// sluice runs
import { command, printJson } from '../command.ts'
import { noteDrain } from '../drain-lines.ts'
import { jsonFlag, wholeNumber } from '../flags.ts'
import { columns, oneLine, paintFor, stateWord } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { withSession } from '../session.ts'
import { durationWords, isoTime, localTime } from '../words.ts'
import type { RunRow } from '../../../shared/api/views.ts'
import { someOf } from '../../../shared/pipeline/suggest.ts'
import { taskKey } from '../../../shared/run/run-view.ts'
import type { RunState } from '../../../shared/run/states.ts'

interface Flags {
  pipeline?: string
  state?: RunState
  limit: number
  before?: string
  json: boolean
}

const states = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const

export const runsCommand = command<Flags>(
  {
    docs: { brief: 'List runs, newest first' },
    parameters: {
      flags: {
        pipeline: {
          kind: 'parsed',
          parse: String,
          optional: true,
          placeholder: 'NAME',
          brief: 'Only of this pipeline',
        },
        state: { kind: 'enum', values: states, optional: true, brief: 'Only in this state' },
        limit: {
          kind: 'parsed',
          parse: wholeNumber(1),
          default: '20',
          placeholder: 'N',
          brief: 'How many',
        },
        before: {
          kind: 'parsed',
          parse: String,
          optional: true,
          placeholder: 'RUN',
          brief: 'Only runs older than this one',
        },
        json: jsonFlag,
      },
      aliases: { n: 'limit' },
    },
  },
  (context, flags) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const rows = await client.call('run.list', {
        pipeline: flags.pipeline ?? null,
        state: flags.state ?? null,
        before: flags.before ?? null,
        limit: Math.min(flags.limit, 1000),
      })
      if (flags.json) return printJson(context, { runs: rows.map(runRowJson) })
      if (rows.length === 0)
        return context.err.write('No run yet. Start one: sluice run PIPELINE\n')
      const paint = paintFor(context.out)
      const now = context.clock.now()
      const lines = columns(
        rows.map((row) => [
          row.run,
          row.isPaused === true ? paint('yellow', '‖ paused') : stateWord(paint, row.state),
          oneLine(row.pipeline),
          paint('dim', row.environment),
          localTime(row.createdAt),
          durationWords((row.endedAt ?? now) - row.createdAt),
          paint('dim', causeWords(row)) + askWords(paint, row),
        ]),
      )
      context.out.write(`${lines.join('\n')}\n`)
      await noteDrain(context, client)
    }),
)

function askWords(paint: Paint, { asks = {} }: RunRow): string {
  const names = Object.keys(asks)
  if (names.length === 0) return ''
  return `  ${paint('cyan', '?')} ${oneLine(someOf(names, 3))} waits for an answer`
}

function causeWords({ cause }: RunRow): string {
  if (cause.kind === 'person') return `by ${oneLine(cause.by)}`
  if (cause.kind === 'parent') return `by task ${taskKey(cause.task, cause.item)} of ${cause.run}`
  return `cron, due ${localTime(cause.dueAt)}`
}

function runRowJson(row: RunRow): object {
  return {
    run: row.run,
    pipeline: row.pipeline,
    version: row.version,
    env: row.environment,
    state: row.state,
    createdAt: isoTime(row.createdAt),
    startedAt: isoTime(row.startedAt),
    endedAt: isoTime(row.endedAt),
    cause: row.cause.kind,
    tasks: row.counts,
    asks: row.asks ?? {},
    paused: row.isPaused ?? false,
  }
}
