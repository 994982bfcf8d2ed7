// The keys that a login shows: those of the agent that the configuration names, the agent's others, key files. A key that is
// shown signs once the server has said that it knows it.
import ssh2 from 'ssh2'
import type { ParsedKey, SignCallback, SigningRequestOptions } from 'ssh2'
import type { Clock } from '../ports/clock.ts'
import type { OpenedKey } from './key-thread.ts'
import { fingerprintOf } from './known-hosts.ts'
import { openSshAgent, type SshAgent } from './ssh-agent.ts'
import { agentKeyTypes } from './ssh-agent-kinds.ts'
import { takesKeyType, takesRsaHash } from './ssh-algorithms.ts'
import type { SshTarget } from './ssh-config.ts'
import { isForeignKey, readIdentity, type Identity } from './ssh-identity.ts'

export interface KeyLogin {
  target: SshTarget
  clock: Clock
  /** What stood in the way, for the message of a refusal. */
  notes: string[]
  /** What OpenSSH's own program could offer besides, in words. */
  beyond: string[]
  /** The time that a login may take stands still meanwhile. */
  patiently: <T>(work: () => Promise<T>) => Promise<T>
  /** By its passphrase, which a person may have to give; null: it stays shut. */
  openKey(file: Identity): Promise<OpenedKey | null>
}

/** A key that is shown to the server; it signs once the server has said that it knows it (Q1). */
export interface Offer {
  key: ParsedKey
  name: string
  sign(data: Buffer, options: SigningRequestOptions): Promise<Buffer>
}

export interface Keys {
  offers: readonly Offer[]
  /** Of the old format: only the passphrase tells which key it is. */
  opaque: readonly Identity[]
}

export const noKeys: Keys = { offers: [], opaque: [] }

export async function keyOffers(login: KeyLogin): Promise<Keys> {
  const { target, notes, beyond } = login
  const files = await Promise.all(target.identityFiles.map(readIdentity))
  for (const { problem } of files) if (problem !== null) notes.push(problem)
  for (const one of files) {
    if (one.hasCertificate) beyond.push(`the certificate of ${one.file}`)
    if (isForeignKey(one)) beyond.push(`the key ${one.file}`)
  }
  const agent = target.agent === null ? null : openSshAgent(target.agent, login.clock)
  const [held, types] = await Promise.all([
    agent === null ? [] : keysOf(agent, notes),
    target.agent === null ? [] : agentKeyTypes(target.agent, login.clock),
  ])
  if (types.some((type) => /^sk-|-cert-v/.test(type))) {
    beyond.push('a certificate or security key of the agent')
  }
  const chosen = chooseHeld(held, files, target.identitiesOnly)
  const fromAgent = agent === null ? [] : chosen.map((key) => agentOffer(agent, key, login))
  const fromFiles = files
    .filter((file) => !held.some((key) => isSame(file, key)))
    .flatMap((file) => fileOffer(file, login) ?? [])
  const opaque = files.filter((file) => file.encrypted !== null && file.public === null)
  const offers = [...fromAgent, ...fromFiles].filter(({ key, name }) => {
    if (takesKeyType(target.algorithms, key.type)) return true
    notes.push(`${name} is left out: PubkeyAcceptedAlgorithms has no ${key.type}`)
    return false
  })
  return { offers: offers.map((offer) => ({ ...offer, sign: signAs(offer, login) })), opaque }
}

/** An old host leaves an rsa key but the way that the configuration does not have. */
function signAs(offer: Offer, { target, beyond }: KeyLogin): Offer['sign'] {
  return (data, options) => {
    if (offer.key.type === 'ssh-rsa' && !takesRsaHash(target.algorithms, options.hash ?? 'sha1')) {
      beyond.push('PubkeyAcceptedAlgorithms')
      throw new Error('PubkeyAcceptedAlgorithms has no way to sign that the host takes')
    }
    return offer.sign(data, options)
  }
}

const isSame = (file: Identity, key: ParsedKey): boolean =>
  file.public?.equals(key.getPublicSSH()) === true

function agentOffer(agent: SshAgent, key: ParsedKey, login: KeyLogin): Offer {
  return {
    key,
    name: `${fingerprintOf(key.getPublicSSH())} of the agent`,
    async sign(data, options) {
      try {
        return await login.patiently(() => agent.sign(key, data, options))
      } catch (error) {
        throw new Error(`The ssh-agent does not sign: ${wordsOf(error)}`, { cause: error })
      }
    },
  }
}

function fileOffer(file: Identity, login: KeyLogin): Offer | null {
  const key = file.key ?? (file.encrypted === null ? null : publicKeyOf(file))
  if (key === null) return null
  return {
    key,
    name: file.file,
    async sign(data, options) {
      if (file.key !== null) return signatureOf(file.key, data, options)
      const open = await login.openKey(file)
      if (open === null) throw new Error(`${file.file} was not opened`)
      return open.sign(data, options.hash)
    },
  }
}

/** Of one that was opened before it could be shown. */
export function openedOffer({ file }: Identity, key: OpenedKey, login: KeyLogin): Offer {
  const offer: Offer = {
    key: key.public,
    name: file,
    sign: async (data, { hash }) => key.sign(data, hash),
  }
  return { ...offer, sign: signAs(offer, login) }
}

function signatureOf(key: ParsedKey, data: Buffer, { hash }: SigningRequestOptions): Buffer {
  const signature: Buffer | Error = key.sign(data, hash)
  if (signature instanceof Error) throw signature
  return signature
}

function publicKeyOf(file: Identity): ParsedKey | null {
  if (file.public === null) return null
  const key: ParsedKey | Error = ssh2.utils.parseKey(file.public)
  return key instanceof Error ? null : key
}

async function keysOf(agent: SshAgent, notes: string[]): Promise<ParsedKey[]> {
  try {
    return await agent.keys()
  } catch (error) {
    notes.push(`The ssh-agent does not answer: ${wordsOf(error)}`)
    return []
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Those that the configuration names first: a server counts each key that is offered, and closes at six. */
function chooseHeld(
  held: readonly ParsedKey[],
  files: readonly Identity[],
  identitiesOnly: boolean,
): ParsedKey[] {
  const named = files.flatMap((file) => held.find((key) => isSame(file, key)) ?? [])
  const others = identitiesOnly ? [] : held.filter((key) => !named.includes(key))
  return [...named, ...others]
}

/** ssh2 asks an agent for a signature only when the server wants one, which it does of no key. It wants the base class. */
export class OfferedKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #offer: Offer

  constructor(offer: Offer) {
    super()
    this.#offer = offer
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, [this.#offer.key])
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback
    const wanted = typeof options === 'function' ? {} : options
    const sign = async (): Promise<void> => {
      try {
        const signature = await this.#offer.sign(data, wanted)
        done?.(null, signature)
      } catch (error) {
        done?.(error instanceof Error ? error : new Error(String(error)))
      }
    }
    void sign()
  }
}
