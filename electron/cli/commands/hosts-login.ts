// sluice hosts login NAME
import { answerQuestions } from '../answer-questions.ts'
import { checkHost } from '../check-host.ts'
import { command, printJson, printLines } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { hostGiven, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { checkLines, hostJson, isOutOfReach } from '../host-lines.ts'
import { canAsk } from '../keyboard-line.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'

export const loginCommand = command<WorkspaceFlags, [string]>(
  {
    docs: {
      brief: 'Answer what a host asks at its login',
      fullDescription:
        'Connects and asks on this terminal for what the login wants: passphrases, passwords, one-time codes, each by the name of the machine that asks. The engine of this home, "sluice serve" or the app, keeps an opened key or a password in its memory, and makes the link again without asking. Where no engine is up, only what the system keeps outlives this command.',
    },
    parameters: {
      ...workspaceFlags,
      positional: { kind: 'tuple', parameters: [hostGiven] },
    },
  },
  (context, { json }, host) =>
    withSession(context, { need: 'engine', usesFiles: true }, async (session) => {
      if (!canAsk(context)) {
        throw new AppError('environment', 'There is no terminal to ask on.', {
          hint: 'Run it where somebody types, or let the ssh-agent hold the key: ssh-add FILE',
        })
      }
      const { client, own } = session
      const stop = answerQuestions(context, session)
      try {
        const row = await checkHost(context, client, host)
        if (json) printJson(context, hostJson(row))
        else printLines(context, checkLines(paintFor(context.out), row))
        if (isOutOfReach(row)) return EXIT.environment
        if (own !== null) {
          context.err.write(
            'No engine is up to keep the answers: start one first (sluice serve), or use the ssh-agent.\n',
          )
        }
        return EXIT.ok
      } finally {
        stop()
      }
    }),
)
