// How Sluice proves who it is to one server, in OpenSSH's order: keys of the agent that the configuration names, its other
// keys, private key files, then questions to a person. Without somebody to ask, what would have been asked is said instead.
import { readFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import type {
  AnyAuthMethod,
  AuthHandlerMiddleware,
  BaseAgent,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2'
import { errorCode } from '../system/error-code.ts'
import { fingerprintOf } from './known-hosts.ts'
import type { SshTarget } from './ssh-config.ts'

export type Question =
  | { kind: 'passphrase'; host: string; keyFile: string }
  | { kind: 'password'; host: string; user: string }
  /** Keyboard-interactive: one-time codes and the like. `secret`: do not show what is typed. */
  | { kind: 'prompt'; host: string; title: string; text: string; secret: boolean }

/** null: the person gives up. */
export type Ask = (question: Question) => Promise<string | null>

export interface Auth {
  handler: AuthHandlerMiddleware
  /** What was tried and what stood in the way, for the message of a refusal. */
  report(): string
  /** Nothing is left to try: an error that comes after this is final. */
  exhausted(): boolean
  /** Something went wrong with one way in; others may follow. */
  note(text: string): void
}

const triesMax = 3

export function openAuth(target: SshTarget, host: string, ask: Ask | null): Auth {
  const tried: string[] = []
  const notes: string[] = []
  const ways = waysIn({ target, host, ask, tried, notes })
  let allowed: readonly string[] = []
  let done = false

  const pull = async (left: readonly string[] | null): Promise<AnyAuthMethod | false> => {
    if (left !== null) allowed = left
    for await (const way of unfinished(ways)) {
      const method = way.type === 'agent' ? 'publickey' : way.type
      if (left === null || method === 'none' || left.includes(method)) return way
    }
    done = true
    return false
  }

  return {
    handler(left, _partial, next) {
      // ssh2 takes false for "no more", which its types do not say; and null for "not known yet".
      const give = next as (way: AnyAuthMethod | false) => void
      pull((left as typeof left | null) ?? null).then(give, (error: unknown) => {
        notes.push(String(error))
        done = true
        give(false)
      })
    },
    report() {
      const what = tried.length === 0 ? 'There was no key to offer' : `Tried ${tried.join(', ')}`
      const ways = allowed.length === 0 ? '' : ` The host allows: ${allowed.join(', ')}.`
      return `${what}.${ways}${notes.map((note) => ` ${note}.`).join('')}`
    },
    exhausted: () => done,
    note: (text) => void notes.push(text),
  }
}

/** Leaving a `for await` would end the generator; the next call goes on where this one stopped. */
function unfinished(ways: AsyncGenerator<AnyAuthMethod>): AsyncIterable<AnyAuthMethod> {
  return { [Symbol.asyncIterator]: () => ({ next: () => ways.next() }) }
}

interface Means {
  target: SshTarget
  host: string
  ask: Ask | null
  tried: string[]
  notes: string[]
}

async function* waysIn(means: Means): AsyncGenerator<AnyAuthMethod> {
  const { target, tried } = means
  const username = target.user
  const files = await Promise.all(target.identityFiles.map(readIdentity))
  const agent = target.agent === null ? null : ssh2.createAgent(target.agent)
  const held = agent === null ? [] : await keysOf(agent, means.notes)
  const chosen = chooseHeld(held, files, target.identitiesOnly)
  if (agent !== null && chosen.length > 0) {
    tried.push(...chosen.map((key) => `${fingerprintOf(key.getPublicSSH())} of the agent`))
    yield { type: 'agent', username, agent: new ChosenKeys(agent, chosen) }
  }
  for (const file of files) {
    if (held.some((key) => file.public?.equals(key.getPublicSSH()) === true)) continue
    const key = await privateKeyOf(file, means)
    if (key === null) continue
    tried.push(file.file)
    yield { type: 'publickey', username, key }
  }
  // Tells what the host would take.
  if (tried.length === 0) yield { type: 'none', username }
  yield* questions(means)
}

async function* questions({
  target,
  host,
  ask,
  tried,
  notes,
}: Means): AsyncGenerator<AnyAuthMethod> {
  const username = target.user
  if (ask === null) return
  for (let tries = 0; tries < triesMax; tries++) {
    tried.push('keyboard-interactive')
    yield {
      type: 'keyboard-interactive',
      username,
      prompt(name, instructions, _language, prompts, finish) {
        const title = [name, instructions].filter((text) => text !== '').join(': ')
        answers(ask, host, title, prompts).then(finish, (error: unknown) => {
          notes.push(String(error))
          finish([])
        })
      },
    }
  }
  for (let tries = 0; tries < triesMax; tries++) {
    const password = await ask({ kind: 'password', host, user: username })
    if (password === null) return
    tried.push('password')
    yield { type: 'password', username, password }
  }
}

async function answers(
  ask: Ask,
  host: string,
  title: string,
  prompts: readonly { prompt: string; echo?: boolean | undefined }[],
): Promise<string[]> {
  const all: string[] = []
  for (const { prompt, echo } of prompts) {
    const secret = echo !== true
    all.push((await ask({ kind: 'prompt', host, title, text: prompt, secret })) ?? '')
  }
  return all
}

interface Identity {
  file: string
  public: Buffer | null
  /** null where it is encrypted or missing. */
  key: ParsedKey | null
  /** The file's text when a passphrase would open it. */
  encrypted: string | null
  problem: string | null
}

async function readIdentity(file: string): Promise<Identity> {
  const text = await textOf(file)
  const found = typeof text !== 'string' ? null : parse(text)
  const key = found instanceof Error ? null : found
  const locked = found instanceof Error && /encrypted|passphrase/i.test(found.message)
  const beside = key === null ? parse((await textOf(`${file}.pub`)) ?? '') : null
  const named = beside instanceof Error ? null : beside
  return {
    file,
    public: (key ?? named)?.getPublicSSH() ?? null,
    // A public key named as IdentityFile chooses a key of the agent.
    key: key?.isPrivateKey() === true ? key : null,
    encrypted: locked ? text : null,
    problem: found instanceof Error && !locked ? `${file}: ${found.message}` : null,
  }
}

async function privateKeyOf(file: Identity, means: Means): Promise<ParsedKey | null> {
  if (file.problem !== null) means.notes.push(file.problem)
  if (file.key !== null || file.encrypted === null) return file.key
  if (means.ask === null) {
    means.notes.push(`${file.file} needs its passphrase: add it to the agent by ssh-add`)
    return null
  }
  for (let tries = 0; tries < triesMax; tries++) {
    const passphrase = await means.ask({
      kind: 'passphrase',
      host: means.host,
      keyFile: file.file,
    })
    if (passphrase === null) break
    const key = parse(file.encrypted, passphrase)
    if (!(key instanceof Error)) return key
  }
  means.notes.push(`${file.file} was not opened: no right passphrase was given`)
  return null
}

function parse(text: string, passphrase?: string): ParsedKey | Error {
  const found: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(text, passphrase)
  return (Array.isArray(found) ? found[0] : found) ?? new Error('holds no key')
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    // The default names are looked for on every machine; most have one of them.
    if (['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'].includes(errorCode(error))) return null
    throw error
  }
}

function keysOf(agent: BaseAgent, notes: string[]): Promise<ParsedKey[]> {
  return new Promise((resolve) => {
    agent.getIdentities((error, found = []) => {
      if (error instanceof Error) notes.push(`The ssh-agent does not answer: ${error.message}`)
      const keys = found.map((key) => ssh2.utils.parseKey(key as Buffer))
      resolve(keys.filter((key): key is ParsedKey => !(key instanceof Error)))
    })
  })
}

/** Those that the configuration names first: a server counts each key that is offered, and closes at six. */
function chooseHeld(
  held: readonly ParsedKey[],
  files: readonly Identity[],
  identitiesOnly: boolean,
): ParsedKey[] {
  const named = files.flatMap(
    (file) => held.find((key) => file.public?.equals(key.getPublicSSH()) === true) ?? [],
  )
  const others = identitiesOnly ? [] : held.filter((key) => !named.includes(key))
  return [...named, ...others]
}

/** ssh2 offers all keys of an agent; this shows it the chosen ones only. It asks for the base class. */
class ChosenKeys extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent
  readonly #keys: ParsedKey[]

  constructor(agent: BaseAgent, keys: ParsedKey[]) {
    super()
    this.#agent = agent
    this.#keys = keys
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, this.#keys)
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, callback)
  }
}
