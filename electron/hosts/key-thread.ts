// Opens an encrypted key file on a thread of its own: ssh2 stirs the passphrase in JavaScript, a second for a usual key, and
// nothing else would run meanwhile. The key comes back as a handle of the crypto library: none of its bytes are in our heap.
import { sign, type KeyObject } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import ssh2 from 'ssh2'
import type { ParsedKey } from 'ssh2'
import { parseKey } from './ssh-identity.ts'

export interface OpenedKey {
  /** Without its private part. */
  public: ParsedKey
  /** `hash` only where the key leaves a choice: `sha256`. */
  sign(data: Buffer, hash?: string): Buffer
}

type Answer = { key: KeyObject; publicKey: Uint8Array } | { refused: string } | { broken: string }

/** null: the passphrase does not open it. */
export async function openEncryptedKey(
  text: string,
  passphrase: string,
): Promise<OpenedKey | null> {
  const answer = await askThread(text, passphrase)
  if ('refused' in answer) return null
  // No thread could be had, or it found no ssh2: then here, however long it takes.
  if ('broken' in answer) return openHere(text, passphrase)
  const known = publicOf(Buffer.from(answer.publicKey))
  if (known === null) return null
  const { key } = answer
  const usual = usualHash(key)
  return { public: known, sign: (data, hash) => sign(hash ?? usual, data, key) }
}

function openHere(text: string, passphrase: string): OpenedKey | null {
  const key = parseKey(text, passphrase)
  const known = key instanceof Error ? null : publicOf(key.getPublicSSH())
  if (key instanceof Error || known === null) return null
  return {
    public: known,
    sign(data, hash) {
      const signature: Buffer | Error = key.sign(data, hash)
      if (signature instanceof Error) throw signature
      return signature
    },
  }
}

function publicOf(bytes: Buffer): ParsedKey | null {
  const key: ParsedKey | Error = ssh2.utils.parseKey(bytes)
  return key instanceof Error ? null : key
}

/** RFC 5656 for the curves; an rsa key by a host that names nothing newer. */
function usualHash(key: KeyObject): string | null {
  if (key.asymmetricKeyType === 'ed25519') return null
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve === 'prime256v1') return 'sha256'
  if (curve === 'secp384r1') return 'sha384'
  return curve === 'secp521r1' ? 'sha512' : 'sha1'
}

function askThread(text: string, passphrase: string): Promise<Answer> {
  return new Promise((resolve) => {
    // They are moved there, and wiped there.
    const file = bytesOf(text)
    const secret = bytesOf(passphrase)
    const broken = (error: unknown): void => resolve({ broken: String(error) })
    try {
      // As source text: a file of its own would have to be found again in each way the app is packaged.
      const thread = new Worker(`(${openInThread.toString()})()`, {
        eval: true,
        workerData: { from: import.meta.url, file, secret },
        transferList: [file.buffer, secret.buffer],
      })
      thread.once('message', (answer: Answer) => {
        resolve(answer)
        void thread.terminate()
      })
      thread.once('messageerror', broken)
      thread.once('error', broken)
      thread.once('exit', () => broken('it ended'))
    } catch (error) {
      broken(error)
    }
  })
}

/** Of its own memory, so that it can be moved. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}

/** The thread. Stands alone: it sees nothing of this file, only what Node itself has, and ssh2. */
function openInThread(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const { createRequire } = process.getBuiltinModule('node:module')
  const { createPrivateKey } = process.getBuiltinModule('node:crypto')
  const { from, file, secret } = workerData as {
    from: string
    file: Uint8Array<ArrayBuffer>
    secret: Uint8Array<ArrayBuffer>
  }
  const found = createRequire(from)('ssh2') as typeof ssh2
  const open = (): Answer => {
    try {
      const parsed: ParsedKey | Error | ParsedKey[] = found.utils.parseKey(
        Buffer.from(file.buffer),
        Buffer.from(secret.buffer),
      )
      const key = Array.isArray(parsed) ? parsed[0] : parsed
      if (key === undefined || key instanceof Error)
        return { refused: key?.message ?? 'holds no key' }
      return {
        key: createPrivateKey(key.getPrivatePEM()),
        publicKey: new Uint8Array(key.getPublicSSH()),
      }
    } catch (error) {
      return { refused: String(error) }
    } finally {
      secret.fill(0)
      file.fill(0)
    }
  }
  parentPort?.postMessage(open(), [])
}
