// Questions of logins, asked on the terminal of a command that needs its hosts: passphrases, passwords, one-time codes.
// Without a terminal nobody watches here: the login is told so, and fails with the way out.
import type { CliContext } from './context.ts'
import { askLine, canAsk } from './keyboard-line.ts'
import { oneLine, printable } from './paint.ts'
import type { Session } from './session.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { Question } from '../../shared/api/question.ts'
import type { AskRow } from '../../shared/api/views.ts'

export interface QuestionScreen {
  /** What is live on the terminal stands still until it is undone. */
  hold: () => () => void
}

const stillScreen: QuestionScreen = { hold: () => () => {} }

/** Until it is undone. */
export function answerQuestions(
  context: CliContext,
  { client }: Pick<Session, 'client'>,
  screen: QuestionScreen = stillScreen,
): () => void {
  const leave = new AbortController()
  if (!canAsk(context)) return () => {}
  watchQuestions(client, leave.signal, (row, signal) =>
    askPerson({ context, client, screen, row, signal }),
  ).catch((error: unknown) => {
    // The command's own call says what is wrong with the link.
    if (!leave.signal.aborted && !(error instanceof AppError)) throw error
  })
  return () => leave.abort()
}

interface Asked {
  context: CliContext
  client: Client
  screen: QuestionScreen
  row: AskRow
  /** The question is no longer asked, or the command ends. */
  signal: AbortSignal
}

/** One question at a time, in the order they came; one that goes away is left. */
async function watchQuestions(
  client: Client,
  signal: AbortSignal,
  answer: (row: AskRow, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const open = new Map<string, AbortController>()
  let last: Promise<void> = Promise.resolve()
  try {
    for await (const { asks } of client.stream('ask.watch', {}, signal)) {
      const ids = new Set(asks.map(({ id }) => id))
      for (const [id, asking] of open) {
        if (!ids.has(id)) asking.abort()
      }
      for (const row of asks) {
        if (open.has(row.id)) continue
        const asking = new AbortController()
        open.set(row.id, asking)
        last = last.then(() => (asking.signal.aborted ? undefined : answer(row, asking.signal)))
      }
    }
  } finally {
    for (const asking of open.values()) asking.abort()
    await last
  }
}

async function askPerson({ context, client, screen, row, signal }: Asked): Promise<void> {
  const release = screen.hold()
  try {
    const { question, id } = row
    const isSecret = question.kind !== 'prompt' || question.secret
    const answer = await askLine(context, questionText(question), { isSecret, signal })
    if (signal.aborted) return
    const remember =
      answer !== null && answer !== '' && row.canRemember && (await wantsToKeep(context, signal))
    await client.call('ask.answer', { id, answer, remember })
  } catch (error) {
    if (!isGone(error)) throw error
  } finally {
    release()
  }
}

// Answered elsewhere meanwhile, or the login gave up.
function isGone(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'not-found' || error.code === 'link-closed')
}

async function wantsToKeep(context: CliContext, signal: AbortSignal): Promise<boolean> {
  const question = "Keep it in this system's own store, and ask no more? [y/N] "
  return /^y(es)?$/i.test((await askLine(context, question, { signal }))?.trim() ?? '')
}

/** What stands before the cursor. The host's own words are on lines of their own, and name the machine that says them. */
export function questionText(question: Question): string {
  const { host, hop } = question
  const where = `${oneLine(host)} (${oneLine(hop)})`
  switch (question.kind) {
    case 'passphrase':
      return `Passphrase of the key ${oneLine(question.keyFile)}, for ${where}: `
    case 'password':
      return `Password of ${oneLine(question.user)} at ${where}: `
    case 'prompt': {
      const title = printable(question.title).trim()
      const said = title === '' ? '' : ` ${title.replaceAll('\n', '\n  ')}`
      return `${where} asks:${said}\n  ${printable(question.text).trim().replaceAll('\n', '\n  ')} `
    }
  }
}
