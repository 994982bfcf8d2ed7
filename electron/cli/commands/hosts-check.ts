// sluice hosts check [NAME | --all]
import { answerQuestions } from '../answer-questions.ts'
import { checkHost } from '../check-host.ts'
import { command, printJson, printLines } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { hostIfOne, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { checkLines, hostJson, isOutOfReach } from '../host-lines.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags extends WorkspaceFlags {
  all: boolean
}

export const checkCommand = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Connect to the hosts now, or to one, and report what was found',
      fullDescription:
        'Connects to every host of the workspace, or to the one named, and says what it has, what it lacks, what that costs and what mends it. Logins that ask are asked here, on a terminal. Exit code 4 when one is out of reach or refused.',
    },
    parameters: {
      ...workspaceFlags,
      flags: {
        ...workspaceFlags.flags,
        all: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Every host of the workspace; so without NAME too',
        },
      },
      positional: { kind: 'tuple', parameters: [hostIfOne] },
    },
  },
  (context, { json, all }, host) =>
    withSession(context, { need: 'reader', usesFiles: true }, async (session) => {
      if (all && host !== undefined) {
        throw new AppError('bad-input', `--all checks every host: "${host}" is one word too many.`)
      }
      const { client } = session
      const names =
        host === undefined ? (await client.call('host.list', {})).map(({ name }) => name) : [host]
      const stop = answerQuestions(context, session)
      try {
        const rows = await Promise.all(names.map((name) => checkHost(context, client, name)))
        const [first] = rows
        if (json && host !== undefined && first !== undefined) printJson(context, hostJson(first))
        else if (json) printJson(context, { hosts: rows.map(hostJson) })
        else {
          const paint = paintFor(context.out)
          printLines(
            context,
            rows.flatMap((row) => checkLines(paint, row)),
          )
        }
        return rows.some(isOutOfReach) ? EXIT.environment : EXIT.ok
      } finally {
        stop()
      }
    }),
)
