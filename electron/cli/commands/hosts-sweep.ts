// sluice hosts sweep NAME [--days N] [--yes]
import { answerQuestions } from '../answer-questions.ts'
import { command, printJson, printLines } from '../command.ts'
import { hostGiven, wholeNumber, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { oneLine } from '../paint.ts'
import { withSession } from '../session.ts'
import { plural } from '../words.ts'
import type { HostSweep } from '../../../shared/api/views.ts'

interface Flags extends WorkspaceFlags {
  days: number
  yes: boolean
}

/** Of each kind; --json has all of them. */
const namesMax = 20

export const sweepCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Show what a lost Sluice left on a host, and remove it with --yes',
      fullDescription:
        'Attempts that nobody released and that do not run, and files that belong to no attempt, where all of it is older than --days. Whose they are does not matter: a home that was away for longer loses the ends and logs that it has not fetched. Attempts that this home still wants stay. Each host is swept by itself of what is older than a month; this does it now. It is written to the audit.',
    },
    parameters: {
      ...workspaceFlags,
      flags: {
        ...workspaceFlags.flags,
        days: {
          kind: 'parsed',
          parse: wholeNumber(1),
          default: '30',
          placeholder: 'N',
          brief: 'Nothing younger than this',
        },
        yes: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Remove it; else it is only shown',
        },
      },
      positional: { kind: 'tuple', parameters: [hostGiven] },
    },
  },
  (context, { json, days, yes }, host) =>
    withSession(context, { need: 'engine', usesFiles: true }, async (session) => {
      const stop = answerQuestions(context, session)
      try {
        const found = await session.client.call('host.sweep', { host, days, isPreview: !yes })
        if (json) printJson(context, found)
        else printLines(context, sweepLines(found))
      } finally {
        stop()
      }
    }),
)

function sweepLines({ host, days, isPreview, attempts, files }: HostSweep): string[] {
  const age = `older than ${plural(days, 'day')}`
  if (attempts.length + files.length === 0) return [`Nothing on ${host} is left over and ${age}.`]
  const what = `${plural(attempts.length, 'attempt')} and ${plural(files.length, 'file')} ${age}`
  return [
    isPreview ? `On ${host} ${what} would go:` : `Removed from ${host}: ${what}.`,
    ...listed(attempts.map(({ key }) => `attempt ${key}`)),
    ...listed(files),
    ...(isPreview ? [`To remove them: sluice hosts sweep ${host} --days ${days} --yes`] : []),
  ]
}

function listed(names: readonly string[]): string[] {
  const shown = names.slice(0, namesMax).map((name) => `  ${oneLine(name)}`)
  const more = names.length - shown.length
  return more > 0 ? [...shown, `  and ${more} more`] : shown
}
