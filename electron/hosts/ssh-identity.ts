// Private key files of a person: what can be said of one without its passphrase, and how one is opened with it.
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { readSmallFile } from './small-file.ts'

export interface Identity {
  file: string
  /** As it goes over the wire; null where nothing tells it without the passphrase. */
  public: Buffer | null
  /** null where it is encrypted, missing, or of a kind that ssh2 does not know. */
  key: ParsedKey | null
  /** The file's text when a passphrase would open it. */
  encrypted: string | null
  /** Why it is of no use, in words; null: it is. A name that OpenSSH tries on every machine may be missing. */
  problem: string | null
  /** A certificate lies beside it. */
  hasCertificate: boolean
}

/** ssh2 stirs in JavaScript, 20 ms a round (key-thread.ts). ssh-keygen takes 16 or 24. */
const roundsMax = 1024
const slowWords = (file: string, rounds: number): string =>
  Number.isFinite(rounds)
    ? `${file} takes ${rounds} rounds to open, too many to do here. Add it to the agent: ssh-add ${file}`
    : `${file} is damaged`

const defaultName = /[/\\]\.ssh[/\\]id_[a-z0-9_]+$/

export async function readIdentity(file: string): Promise<Identity> {
  const [found, beside, certificate] = await Promise.all(
    [file, `${file}.pub`, `${file}-cert.pub`].map(textOf),
  )
  const text = found?.text ?? null
  const told = openPart(text ?? '')
  const rounds = roundsToOpen(text ?? '')
  const isSlow = rounds > roundsMax
  const parsed = text === null || isSlow ? null : parseKey(text)
  const key = parsed instanceof Error ? null : parsed
  const isLocked = parsed instanceof Error && /encrypted|passphrase/i.test(parsed.message)
  const shown = key?.getPublicSSH() ?? told?.public ?? publicLine(beside?.text ?? '')
  const isSecurityKey = shown !== null && keyKind(shown).startsWith('sk-')
  return {
    file,
    public: shown,
    // A public key named as IdentityFile chooses a key of the agent.
    key: key?.isPrivateKey() === true ? key : null,
    encrypted: isLocked ? text : null,
    problem: isSlow
      ? slowWords(file, rounds)
      : problemOf(file, {
          text,
          why: found?.why ?? null,
          named: beside?.text !== null,
          parsed: isLocked || isSecurityKey ? null : parsed,
        }),
    hasCertificate: certificate?.text !== null,
  }
}

/** `sk-ssh-ed25519@openssh.com` and the like. */
export function isForeignKey({ public: told }: Identity): boolean {
  return told !== null && ssh2.utils.parseKey(told) instanceof Error
}

export function parseKey(text: string, passphrase?: string): ParsedKey | Error {
  try {
    const found: ParsedKey | Error | ParsedKey[] = ssh2.utils.parseKey(text, passphrase)
    return (Array.isArray(found) ? found[0] : found) ?? new Error('holds no key')
  } catch (error) {
    // A file that is cut short.
    return error instanceof Error ? error : new Error(String(error))
  }
}

interface Found {
  text: string | null
  why: string | null
  named: boolean
  parsed: ParsedKey | Error | null
}

function problemOf(file: string, { text, why, named, parsed }: Found): string | null {
  if (parsed instanceof Error) return `${file}: ${parsed.message}`
  if (text !== null || named) return null
  if (why === 'ENOENT' && defaultName.test(file)) return null
  if (why === 'ENOENT' || why === 'ENOTDIR') return `There is no key file ${file}`
  return `The key file ${file} cannot be read (${why})`
}

/** OpenSSH's own format holds the public key in the clear. */
function openPart(text: string): { public: Buffer } | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1] ?? ''
  const parts = partsOf(Buffer.from(body, 'base64'))
  const found = parts?.publicKey() ?? null
  return found === null ? null : { public: found }
}

/**
 * How often ssh2 would stir a passphrase for this file, found as ssh2 finds it: the same frame, the same reading of base64.
 * Whatever it would read and we cannot is a file that was damaged.
 */
function roundsToOpen(text: string): number {
  const frame =
    /^-----BEGIN OPENSSH PRIVATE KEY-----(?:\r\n|\n)([\s\S]+)(?:\r\n|\n)-----END OPENSSH PRIVATE KEY-----$/
  const body = frame.exec(text.trim())?.[1]
  if (body === undefined) return 0
  const parts = partsOf(Buffer.from(body, 'base64'))
  if (parts === null) return Number.POSITIVE_INFINITY
  if (parts.derivation.toString('latin1') === 'none' || parts.options.length === 0) return 0
  const { options } = parts
  const at = options.length < 8 ? options.length : 4 + options.readUInt32BE(0)
  return at + 4 === options.length ? options.readUInt32BE(at) : Number.POSITIVE_INFINITY
}

interface KeyParts {
  derivation: Buffer
  options: Buffer
  publicKey(): Buffer | null
}

/** null where it is not of OpenSSH's format, or is cut short. */
function partsOf(bytes: Buffer): KeyParts | null {
  const magic = 'openssh-key-v1\0'
  if (bytes.subarray(0, magic.length).toString('latin1') !== magic) return null
  let at = magic.length
  const part = (): Buffer | null => {
    if (at + 4 > bytes.length) return null
    const end = at + 4 + bytes.readUInt32BE(at)
    if (end > bytes.length) return null
    const found = bytes.subarray(at + 4, end)
    at = end
    return found
  }
  const cipher = part()
  const derivation = part()
  const options = part()
  if (cipher === null || derivation === null || options === null) return null
  return {
    derivation,
    options,
    publicKey() {
      at += 4 // the number of keys
      return part()
    },
  }
}

function publicLine(text: string): Buffer | null {
  const [type = '', base64 = ''] = text.trim().split(/\s+/)
  const key = Buffer.from(base64, 'base64')
  return type !== '' && keyKind(key) === type ? key : null
}

function keyKind(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

/** A key file is a few KB; somebody may name a device or a disk image. */
const keyBytesMax = 64 * 1024

async function textOf(file: string): Promise<{ text: string | null; why: string | null }> {
  const found = await readSmallFile(file, keyBytesMax)
  return found.kind === 'text' ? { text: found.text, why: null } : { text: null, why: found.code }
}
