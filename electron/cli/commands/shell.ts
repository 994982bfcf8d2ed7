// sluice shell RUN TASK
import { answerQuestions } from '../answer-questions.ts'
import { command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { runGiven, taskGiven, wholeNumber } from '../flags.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'
import { openLeaveKeys } from '../leave-keys.ts'
import { oneLine } from '../paint.ts'
import { withSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'

interface Flags {
  attempt?: number
  withSecrets: boolean
}

export const shellCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: "Open a shell on a task's host, in the folder of its attempt",
      fullDescription:
        'A terminal on the host of the latest attempt, or of the one named, in the folder where it ran and with its environment; the values of secrets only with --with-secrets. What a failed attempt left there is kept for some days (keep_failed_days of the host); of others it is a fresh folder with the same files. It is written to the audit. Ends with the shell: exit, or Ctrl-D; "~." at the start of a line leaves a host that no longer answers.',
    },
    parameters: {
      flags: {
        attempt: {
          kind: 'parsed',
          parse: wholeNumber(1),
          optional: true,
          placeholder: 'N',
          brief: 'Which attempt; else the latest',
        },
        withSecrets: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'With the values of secrets in its environment',
        },
      },
      aliases: { a: 'attempt' },
      positional: { kind: 'tuple', parameters: [runGiven, taskGiven] },
    },
  },
  (context, { attempt, withSecrets }, run, name) => {
    const { out, err, keyboard } = context
    if (!keyboard.isTTY || !out.isTTY) {
      throw new AppError('bad-input', 'A shell needs a terminal to type on and to show itself.', {
        hint: `For the log: sluice logs ${run} ${name}`,
      })
    }
    return withSession(context, { need: 'engine' }, async (session) => {
      const { client } = session
      const stop = answerQuestions(context, session)
      const opened = await client
        .call('shell.open', {
          run,
          ...parseTaskKey(name),
          attempt: attempt ?? null,
          ...sizeOf(context),
          secrets: withSecrets,
        })
        .finally(stop)
      err.write(
        `On ${oneLine(opened.host)}, in ${oneLine(opened.folder)}. Leave: exit, or "~." at the start of a line.\n`,
      )
      const why = await attach(context, client, opened.shell)
      err.write(`${why === null ? 'Left' : oneLine(why)}.\n`)
      return EXIT.ok
    })
  },
)

function sizeOf({ out }: CliContext): { columns: number; rows: number } {
  const within = (size: number): number => Math.min(1000, Math.max(1, size))
  return { columns: within(out.columns), rows: within(out.rows) }
}

/** Until the shell ends: why. null: the person has left it. */
async function attach(context: CliContext, client: Client, shell: string): Promise<string | null> {
  const { out, keyboard } = context
  const leave = new AbortController()
  const send = inOrder((error) => leave.abort(error))
  const keys = openLeaveKeys()
  const decoder = new TextDecoder()
  const stopTyping = keyboard.read(
    (bytes) => {
      const { text, isLeaving } = keys.take(decoder.decode(bytes, { stream: true }))
      for (const part of partsOf(text)) {
        send(() => client.call('shell.write', { shell, text: part }))
      }
      if (isLeaving) leave.abort()
    },
    () => leave.abort(),
  )
  const stopResizing = out.onResize(() => {
    send(() => client.call('shell.resize', { shell, ...sizeOf(context) }))
  })
  const stopListening = context.onInterrupt(() => leave.abort())
  try {
    for await (const item of client.stream('shell.watch', { shell }, leave.signal)) {
      if (!(item instanceof Uint8Array)) return item.why
      // The host's own bytes: a terminal is what they are for.
      await out.writeBytes(item)
    }
    if (leave.signal.reason instanceof AppError) throw leave.signal.reason
    return null
  } finally {
    stopListening()
    stopResizing()
    stopTyping()
    await client.call('shell.close', { shell }).catch(() => {}) // it has ended, or its engine has
  }
}

/** Calls one after the other: what is typed must arrive in its order. */
function inOrder(onFault: (error: unknown) => void): (call: () => Promise<unknown>) => void {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    last = last.then(call).catch((error: unknown) => {
      // Its end is told by the stream.
      const isEnded = error instanceof AppError && error.code === 'not-found'
      if (!isEnded) onFault(error)
    })
  }
}

const partLengthMax = 16_384

function* partsOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length; at += partLengthMax) yield text.slice(at, at + partLengthMax)
}
