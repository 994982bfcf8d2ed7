// Questions of logins that wait for a person.
//   A1  Where nobody watches, nobody is asked: the login hears so at once and says what to do.
//   A2  A question that several logins have in common is asked once; a code is good for one login, so it never is.
//   A3  What the system keeps is given first. A login that asks again has shown that it is wrong: it is forgotten.
//   A4  An answer goes to the login and, if wished, to the operating system's store: never to the log, the store or the audit.
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { Question } from '../../shared/api/question.ts'
import type { AskRow, AsksWatch } from '../../shared/api/views.ts'
import type { Ask, SecretStore } from '../ports/asks.ts'
import type { Audit } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import { openBell } from './bell.ts'

export interface AsksOptions {
  clock: Clock
  dice: Dice
  secrets: SecretStore
  audit: Audit
  /** The account that answers. */
  by: string
}

export interface AsksPart {
  ask: Ask
  answer(id: string, answer: string | null, remember: boolean): Promise<void>
  watch(signal: AbortSignal): AsyncGenerator<AsksWatch>
}

/** A person who left the screen does not come back in time. */
const answerMsMax = 180_000
/** More than a screen can show are the work of a fault. */
const openMax = 32

interface OpenAsk {
  row: AskRow
  settle: (answer: string | null) => void
  answered: Promise<string | null>
  /** Logins that wait for it. */
  waiting: number
}

export function openAsks({ clock, dice, secrets, audit, by }: AsksOptions): AsksPart {
  const open = new Map<string, OpenAsk>()
  const bells = new Set<() => void>()
  /** Stored answers that a login was given (A3). */
  const given = new WeakMap<AbortSignal, Set<string>>()
  const ring = (): void => {
    for (const bell of bells) bell()
  }

  const stored = async (name: string | null, signal: AbortSignal): Promise<string | null> => {
    if (name === null || secrets.unavailable !== null) return null
    const names = given.get(signal) ?? new Set()
    given.set(signal, names)
    if (names.has(name)) {
      names.delete(name)
      await forget(name)
      return null
    }
    const secret = await secrets.get(name)
    if (secret !== null) names.add(name)
    return secret
  }
  const forget = async (name: string): Promise<void> => {
    if ((await secrets.get(name)) === null) return
    audit.record({
      by: 'engine',
      action: 'secret.forgotten',
      subject: name,
      details: {},
      reason: 'the host did not take it',
    })
    await secrets.delete(name)
  }
  const put = (question: Question): OpenAsk => {
    const same = [...open.values()].find(
      ({ row }) => storeName(question) !== null && storeName(row.question) === storeName(question),
    )
    if (same !== undefined) return same
    const id = dice.tail(16)
    const { promise, resolve } = Promise.withResolvers<string | null>()
    const stopLimit = clock.after(answerMsMax, () => settle(null))
    const settle = (answer: string | null): void => {
      stopLimit()
      open.delete(id)
      resolve(answer)
      ring()
    }
    const canRemember = storeName(question) !== null && secrets.unavailable === null
    const row = { id, question, askedAt: clock.now(), canRemember }
    const one = { row, settle, answered: promise, waiting: 0 }
    open.set(id, one)
    ring()
    return one
  }

  return {
    async ask(question, signal) {
      const kept = await stored(storeName(question), signal).catch(() => null) // locked or gone: a person is asked
      if (kept !== null) return kept
      if (bells.size === 0 || open.size >= openMax || signal.aborted) return null
      const one = put(question)
      one.waiting++
      const { promise: left, resolve: leave } = Promise.withResolvers<null>()
      const onAbort = (): void => leave(null)
      signal.addEventListener('abort', onAbort, { once: true })
      try {
        return await Promise.race([one.answered, left])
      } finally {
        signal.removeEventListener('abort', onAbort)
        if (--one.waiting === 0) one.settle(null)
      }
    },
    async answer(id, answer, remember) {
      const one = open.get(id)
      if (one === undefined) {
        throw new AppError('not-found', 'This question is no longer asked.', {
          hint: 'Somebody else has answered it, or the login has ended.',
        })
      }
      const name = storeName(one.row.question)
      if (remember && answer !== null && name !== null && one.row.canRemember) {
        audit.record({ by, action: 'secret.remembered', subject: name, details: {}, reason: '' })
        await secrets.set(name, answer)
      }
      one.settle(answer)
    },
    async *watch(signal) {
      const bell = openBell(signal)
      bells.add(bell.ring)
      try {
        do {
          yield { kind: 'snapshot', asks: [...open.values()].map(({ row }) => row) }
        } while (await bell.next())
      } finally {
        bells.delete(bell.ring)
      }
    },
  }
}

/** How the operating system's store names an answer; null: it is good once. */
function storeName(question: Question): string | null {
  if (question.kind === 'passphrase') return `passphrase ${question.keyFile}`
  return question.kind === 'password' ? `password ${question.hop}` : null
}

export function askCalls({ asks }: { asks: AsksPart }): Pick<Api, 'ask.answer' | 'ask.watch'> {
  return {
    async 'ask.answer'({ id, answer, remember }) {
      await asks.answer(id, answer, remember)
      return null
    },
    'ask.watch': (_input, signal) => asks.watch(signal),
  }
}
