// What people have opened or typed, for as long as the app lives and in its memory alone: keys by their file, passwords that
// let somebody in. Each is asked for once, however many hosts wait for it and however often their links are made again.
import { createHash } from 'node:crypto'
import { openEncryptedKey, type OpenedKey } from './key-thread.ts'

/** null: nobody gives one. Rejects when whoever asks is stopped. */
export type AskPassphrase = () => Promise<string | null>

export interface Keyring {
  /** Asks until it opens, three times at most; null: it was not opened. */
  unlock(file: string, encrypted: string, ask: AskPassphrase): Promise<OpenedKey | null>
  /** `password HOP`, `passphrase FILE`. */
  kept(name: string): string | null
  /** It let us in, or (null) it does not any more. */
  keep(name: string, secret: string | null): void
}

const triesMax = 3
const keysMax = 256

export function openKeyring(): Keyring {
  const keys = new Map<string, OpenedKey>()
  const asking = new Map<string, Promise<void>>()
  const secrets = new Map<string, string>()

  const tryOpen = async (name: string, text: string, ask: AskPassphrase): Promise<void> => {
    for (let tries = 0; tries < triesMax; tries++) {
      const passphrase = await ask()
      if (passphrase === null) return
      const key = await openEncryptedKey(text, passphrase)
      if (key === null) continue
      if (keys.size >= keysMax) keys.clear()
      keys.set(name, key)
      return
    }
  }

  return {
    async unlock(file, encrypted, ask) {
      // A file that was changed is another key.
      const name = `${file} ${createHash('sha256').update(encrypted).digest('hex')}`
      for (;;) {
        const known = keys.get(name)
        if (known !== undefined) return known
        const others = asking.get(name)
        if (others === undefined) break
        // One answer for all, also when it is none; whoever asked may itself have been stopped.
        const isAnswered = await others.then(
          () => true,
          () => false,
        )
        if (isAnswered) return keys.get(name) ?? null
      }
      const work = tryOpen(name, encrypted, ask).finally(() => asking.delete(name))
      asking.set(name, work)
      await work
      return keys.get(name) ?? null
    },
    kept: (name) => secrets.get(name) ?? null,
    keep(name, secret) {
      if (secret === null) secrets.delete(name)
      else secrets.set(name, secret)
    },
  }
}
