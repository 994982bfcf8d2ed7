// sluice hosts trust NAME [FINGERPRINT]
import { answerQuestions } from '../answer-questions.ts'
import { checkHost } from '../check-host.ts'
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { hostGiven, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { checkLines, hostJson, isOutOfReach, keyLines } from '../host-lines.ts'
import { askLine, canAsk } from '../keyboard-line.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'

export const trustCommand = command<WorkspaceFlags, [string, string?]>(
  {
    docs: {
      brief: 'Say that a host key is right',
      fullDescription:
        'Connects, shows the key that the host gives as its fingerprint and its picture, and asks; or takes the fingerprint from the command line. Compare it with what the administrator of the host gave you. It is written to the known_hosts file of the Sluice home, and to the audit. A key that has changed stops here: both keys are shown, and neither is taken.',
    },
    parameters: {
      ...workspaceFlags,
      positional: {
        kind: 'tuple',
        parameters: [
          hostGiven,
          { brief: 'SHA256:...', parse: String, placeholder: 'FINGERPRINT', optional: true },
        ],
      },
    },
  },
  (context, { json }, host, fingerprint) =>
    withSession(context, { need: 'engine', usesFiles: true }, async (session) => {
      const { client } = session
      const stop = answerQuestions(context, session)
      try {
        const before = await checkHost(context, client, host)
        if (before.changedKey !== null) throw changed(before)
        const given = fingerprint ?? (await fingerprintFor(context, before, json))
        const row =
          given === null ? before : await client.call('host.trust', { host, fingerprint: given })
        if (json) printJson(context, hostJson(row))
        else printLines(context, checkLines(paintFor(context.out), row))
        return isOutOfReach(row) ? EXIT.environment : EXIT.ok
      } finally {
        stop()
      }
    }),
)

/** What a person says is right; null: there is nothing to say. */
async function fingerprintFor(
  context: CliContext,
  row: HostRow,
  json: boolean,
): Promise<string | null> {
  const { name, askFingerprint } = row
  if (askFingerprint === null) return null
  const wayOut = `Compare it, then say: sluice hosts trust ${name} ${askFingerprint}`
  const unsaid = new AppError('bad-input', `Nobody said that the key of "${name}" is right.`, {
    hint: wayOut,
  })
  if (json || !canAsk(context)) throw unsaid
  context.err.write(
    `The key of ${name} (${row.address}) is not known:\n${keyLines(row).join('\n')}\n`,
  )
  const said = await askLine(context, 'Is it the right one? Type yes or its fingerprint: ')
  if (said?.trim() === 'yes' || said?.trim() === askFingerprint) return askFingerprint
  throw unsaid
}

function changed({ name, changedKey }: HostRow): AppError {
  const known = changedKey?.known.join(', ') ?? ''
  return new AppError(
    'host-unreachable',
    `The key of "${name}" has changed: known was ${known}, now it shows ${changedKey?.shown ?? ''}.`,
    {
      hint: 'Somebody may be listening in. Ask who runs the host; if it was set up anew, delete the old line from the known_hosts file that has it, and trust the new key then.',
    },
  )
}
