// Private key files of a person: what can be said of one without its passphrase, and how one is opened with it.
import { readFile } from 'node:fs/promises'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { errorCode } from '../system/error-code.ts'

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

const defaultName = /[/\\]\.ssh[/\\]id_[a-z0-9_]+$/

export async function readIdentity(file: string): Promise<Identity> {
  const [found, beside, certificate] = await Promise.all(
    [file, `${file}.pub`, `${file}-cert.pub`].map(textOf),
  )
  const text = found?.text ?? null
  const parsed = text === null ? null : parseKey(text)
  const key = parsed instanceof Error ? null : parsed
  const isLocked = parsed instanceof Error && /encrypted|passphrase/i.test(parsed.message)
  const told = key?.getPublicSSH() ?? publicPart(text ?? '') ?? publicLine(beside?.text ?? '')
  const isSecurityKey = told !== null && keyKind(told).startsWith('sk-')
  return {
    file,
    public: told,
    // A public key named as IdentityFile chooses a key of the agent.
    key: key?.isPrivateKey() === true ? key : null,
    encrypted: isLocked ? text : null,
    problem: problemOf(file, {
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
function publicPart(text: string): Buffer | null {
  const body =
    /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)-----END/.exec(text)?.[1]?.replace(/\s/g, '') ?? ''
  const bytes = Buffer.from(body, 'base64')
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
  // Cipher, key derivation and its options, then the number of keys.
  if (part() === null || part() === null || part() === null) return null
  at += 4
  return part()
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
  try {
    const text = await readFile(file, 'utf8')
    return text.length > keyBytesMax ? { text: null, why: 'EFBIG' } : { text, why: null }
  } catch (error) {
    const why = errorCode(error)
    if (['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR'].includes(why)) return { text: null, why }
    throw error
  }
}
