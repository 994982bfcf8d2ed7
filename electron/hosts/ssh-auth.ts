// How Sluice proves who it is to one server, in OpenSSH's order: keys of the agent that the configuration names, its other
// keys, key files, then what a person types.
//   Q1  Nothing is asked that the server would not take: a passphrase only for a key that it has said it knows, a password
//       or a code only where it allows them.
//   Q2  Who gives no answer ends the login: the next question of the same login would find nobody either.
//   Q3  What would have been asked is said where nobody is there to be asked.
import type { AnyAuthMethod, AuthHandlerMiddleware } from 'ssh2'
import type { Question } from '../../shared/api/question.ts'
import type { Ask } from '../ports/asks.ts'
import type { Clock } from '../ports/clock.ts'
import type { OpenedKey } from './key-thread.ts'
import type { Keyring } from './keyring.ts'
import { serverText } from './server-text.ts'
import { keyOffers, noKeys, OfferedKey, openedOffer, type KeyLogin } from './ssh-auth-keys.ts'
import type { LoginMethod, SshTarget } from './ssh-config.ts'
import type { Identity } from './ssh-identity.ts'

export interface AuthParts {
  target: SshTarget
  /** The workspace's name of the host, and `user@address:port` of the machine that asks. */
  host: string
  hop: string
  ask: Ask
  keyring: Keyring
  clock: Clock
  signal: AbortSignal
  /** The time that a login may take stands still meanwhile. */
  patiently: <T>(work: () => Promise<T>) => Promise<T>
  /** The login cannot succeed any more, though the server would go on asking. */
  giveUp: () => void
}

export interface Auth {
  handler: AuthHandlerMiddleware
  /** The server's answer to what was tried: the ways that are left, and whether it was one part of several. */
  failed(left: readonly string[], isPart: boolean): void
  /** What was tried and what stood in the way, for the message of a refusal. */
  report(): string
  /** Nothing is left to try: an error that comes after this is final. */
  exhausted(): boolean
  /** Something went wrong with one way in; others may follow. */
  note(text: string): void
  succeeded(): void
  /** What OpenSSH's own program could offer besides, in words. */
  beyond(): readonly string[]
}

const triesMax = 3
/** A server may ask for a password, a code and a new password; one that goes on is not asking for a login. */
const roundsMax = 12
const promptsMax = 16
/** Each makes the server want something more. */
const partsMax = 4

export function openAuth(parts: AuthParts): Auth {
  const login: Login = {
    ...parts,
    tried: [],
    notes: [],
    allowed: null,
    beyond: [],
    typed: null,
    rounds: 0,
    hasGivenUp: false,
    openKey: (file) => openKey(file, login),
  }
  let ways = waysIn(login)
  let parted = 0
  let done = false

  const pull = async (): Promise<AnyAuthMethod | false> => {
    const next = login.hasGivenUp ? null : await ways.next()
    if (next !== null && next.done !== true) return next.value
    done = true
    return false
  }

  return {
    failed(left, isPart) {
      login.allowed = left
      // What was refused before may be what is wanted now.
      if (isPart && ++parted <= partsMax) ways = waysIn(login)
    },
    handler(_left, _partial, next) {
      // ssh2 takes false for "no more", which its types do not say.
      const give = next as (way: AnyAuthMethod | false) => void
      pull().then(give, (error: unknown) => {
        login.notes.push(error instanceof Error ? error.message : String(error))
        done = true
        give(false)
      })
    },
    report() {
      const { tried, notes, allowed } = login
      const names = [...new Set(tried)]
      const what = names.length === 0 ? 'There was no key to offer' : `Tried ${names.join(', ')}`
      const would = allowed === null ? '' : ` The host allows: ${serverText(allowed.join(', '))}.`
      return `${what}.${would}${[...new Set(notes)].map((note) => ` ${note}.`).join('')}`
    },
    exhausted: () => done,
    note: (text) => void login.notes.push(serverText(text)),
    succeeded() {
      if (login.typed !== null) login.keyring.keep(`password ${login.hop}`, login.typed)
    },
    beyond() {
      const { allowed, target } = login
      const methods = target.otherMethods.filter((method) => allowed?.includes(method) === true)
      return [...login.beyond, ...methods]
    },
  }
}

interface Login extends AuthParts, KeyLogin {
  tried: string[]
  /** null: the server has not said yet. */
  allowed: readonly string[] | null
  /** The password that was sent last. */
  typed: string | null
  rounds: number
  hasGivenUp: boolean
}

const allows = ({ allowed, target }: Login, method: LoginMethod): boolean =>
  target.methods.includes(method) && (allowed === null || allowed.includes(method))

async function* waysIn(login: Login): AsyncGenerator<AnyAuthMethod> {
  for (const method of login.target.methods) {
    if (method === 'publickey') yield* publicKeys(login)
    // Tells what the host would take.
    if (login.allowed === null) yield { type: 'none', username: login.target.user }
    if (method === 'keyboard-interactive') yield* interactive(login)
    if (method === 'password') yield* passwords(login)
  }
}

async function* publicKeys(login: Login): AsyncGenerator<AnyAuthMethod> {
  const username = login.target.user
  const { offers, opaque } = allows(login, 'publickey') ? await keyOffers(login) : noKeys
  for (const offer of offers) {
    if (!allows(login, 'publickey')) return
    login.tried.push(offer.name)
    yield { type: 'agent', username, agent: new OfferedKey(offer) }
  }
  if (login.allowed === null && opaque.length > 0) yield { type: 'none', username }
  for (const file of opaque) {
    if (!allows(login, 'publickey')) return
    const key = await login.openKey(file)
    if (key === null) continue
    login.tried.push(file.file)
    yield { type: 'agent', username, agent: new OfferedKey(openedOffer(file, key, login)) }
  }
}

async function openKey({ file, encrypted }: Identity, login: Login): Promise<OpenedKey | null> {
  const { keyring, host, hop, notes } = login
  const key = await login.patiently(() =>
    keyring.unlock(file, encrypted ?? '', () =>
      put(login, { kind: 'passphrase', host, hop, keyFile: file }),
    ),
  )
  if (key === null) {
    notes.push(
      `${file} needs its passphrase and was not given it. Add it to the agent: ssh-add ${file}; ` +
        `or answer for it: sluice hosts login ${host}`,
    )
  }
  return key
}

/** Q2. Rejects when the login is stopped. */
async function put(login: Login, question: Question): Promise<string | null> {
  if (login.hasGivenUp) return null
  const answer = await login.patiently(() => login.ask(question, login.signal))
  login.signal.throwIfAborted()
  if (answer === null) login.hasGivenUp = true
  return answer
}

async function* interactive(login: Login): AsyncGenerator<AnyAuthMethod> {
  const username = login.target.user
  for (let tries = 0; tries < triesMax && !login.hasGivenUp; tries++) {
    if (!allows(login, 'keyboard-interactive')) return
    login.tried.push('keyboard-interactive')
    yield {
      type: 'keyboard-interactive',
      username,
      prompt(name, instructions, _language, prompts, finish) {
        const title = [name, instructions].map(serverText).filter((text) => text !== '')
        answers(login, title.join('\n'), prompts).then(finish, (error: unknown) => {
          login.notes.push(error instanceof Error ? error.message : String(error))
          login.hasGivenUp = true
          login.giveUp()
        })
      },
    }
  }
}

async function answers(
  login: Login,
  title: string,
  prompts: readonly { prompt: string; echo?: boolean | undefined }[],
): Promise<string[]> {
  if (++login.rounds > roundsMax || prompts.length > promptsMax) {
    throw new Error(`${login.hop} asks without end`)
  }
  const { host, hop } = login
  const all: string[] = []
  for (const { prompt, echo } of prompts) {
    const text = serverText(prompt)
    const answer = await put(login, {
      kind: 'prompt',
      host,
      hop,
      title,
      text,
      secret: echo !== true,
    })
    if (answer === null) throw new Error(`${hop} asks "${text}". ${unanswered(login)}`)
    all.push(answer)
  }
  return all
}

async function* passwords(login: Login): AsyncGenerator<AnyAuthMethod> {
  const { target, host, hop, keyring, notes } = login
  const username = target.user
  const kept = keyring.kept(`password ${hop}`)
  if (kept !== null && allows(login, 'password')) {
    // Kept again when it still lets us in.
    keyring.keep(`password ${hop}`, null)
    login.typed = kept
    yield { type: 'password', username, password: kept }
  }
  for (let tries = 0; tries < triesMax && !login.hasGivenUp; tries++) {
    // Before the server has spoken nobody is asked (Q1).
    if (login.allowed === null || !allows(login, 'password')) return
    const password = await put(login, { kind: 'password', host, hop, user: username })
    if (password === null) {
      notes.push(`${hop} asks for a password. ${unanswered(login)}`)
      return
    }
    login.tried.push('password')
    login.typed = password
    yield { type: 'password', username, password }
  }
}

/** Q3. */
const unanswered = ({ host }: Login): string =>
  `Nobody answered: open Sluice, or run: sluice hosts login ${host}`
