// sluice pipelines
import { command, printJson } from '../command.ts'
import { jsonFlag, workspaceFlag } from '../flags.ts'
import { columns, oneLine, paintFor, stateWord } from '../paint.ts'
import { withSession } from '../session.ts'
import { isoTime, localTime, plural } from '../words.ts'

interface Flags {
  workspace?: string
  json: boolean
}

export const pipelinesCommand = command<Flags>(
  {
    docs: { brief: 'List the pipelines of the workspace' },
    parameters: {
      flags: { workspace: workspaceFlag, json: jsonFlag },
      aliases: { w: 'workspace' },
    },
  },
  (context, flags) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const rows = await client.call('pipeline.list', {})
      if (flags.json) {
        return printJson(context, {
          pipelines: rows.map((row) => ({
            pipeline: row.name,
            file: row.file,
            description: row.description,
            tasks: row.taskCount,
            problems: row.problems.length,
            lastRun: row.lastRuns[0]?.run ?? null,
            lastState: row.lastRuns[0]?.state ?? null,
            nextFireAt: isoTime(row.nextFireAt),
          })),
        })
      }
      const paint = paintFor(context.out)
      const lines = columns(
        rows.map((row) => [
          paint('bold', oneLine(row.name)),
          row.problems.length > 0
            ? paint('red', plural(row.problems.length, 'problem'))
            : plural(row.taskCount, 'task'),
          row.lastRuns[0] === undefined
            ? paint('dim', 'never ran')
            : stateWord(paint, row.lastRuns[0].state),
          row.nextFireAt === null ? '' : paint('dim', `next ${localTime(row.nextFireAt)}`),
          paint('dim', oneLine(row.description)),
        ]),
      )
      context.out.write(lines.map((line) => `${line}\n`).join(''))
    }),
)
