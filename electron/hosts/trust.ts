// Which host keys are right (H8): OpenSSH's own files of the host, and Sluice's beside them.
// Sluice writes only its own file, only a key that a server has shown, and only when a person names its fingerprint.
import { appendFile, chmod, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import { errorCode } from '../system/error-code.ts'
import { fingerprintOf, keyTypeOf, knownHostLine, readKnownHosts } from './known-hosts.ts'
import type { HostName, KnownHostLine } from './known-hosts.ts'

export interface Trust {
  /** Of OpenSSH's `files` and of Sluice's own. Read anew for every connection: people edit them. */
  lines(files: readonly string[]): Promise<KnownHostLine[]>
  /** Keeps an unknown key that a server has shown, so that a person can accept it. */
  show(host: string, name: HostName, key: Buffer): void
  /** A person says it is right. Throws AppError('not-found') for a key that was not shown to this process. */
  accept(host: string, fingerprint: string): Promise<void>
}

/** Keys of one host that wait for a person: its own, those of its jump hosts, and of each type. */
const shownMax = 16

export function openTrust(ownFile: string): Trust {
  const shownByHost = new Map<string, Map<string, { name: HostName; key: Buffer }>>()

  return {
    async lines(files) {
      const all = await Promise.all([...files, ownFile].map(readLines))
      return all.flat()
    },
    show(host, name, key) {
      const shown = shownByHost.get(host) ?? new Map<string, { name: HostName; key: Buffer }>()
      shownByHost.set(host, shown.set(fingerprintOf(key), { name, key }))
      const oldest = [...shown.keys()][0]
      if (shown.size > shownMax && oldest !== undefined) shown.delete(oldest)
    },
    async accept(host, fingerprint) {
      const shown = shownByHost.get(host)?.get(fingerprint)
      if (shown === undefined) throw notShown(host, fingerprint, shownByHost.get(host)?.keys())
      await addLine(ownFile, knownHostLine(shown.name, shown.key))
      shownByHost.get(host)?.delete(fingerprint)
    },
  }
}

/** What a person sees of a key. */
export function describeKey(key: Buffer): string {
  const type = keyTypeOf(key)
    .replace(/^ssh-/, '')
    .replace(/^ecdsa-sha2-nistp.*/, 'ecdsa')
  return `${type} ${fingerprintOf(key)}`
}

async function readLines(file: string): Promise<KnownHostLine[]> {
  try {
    return readKnownHosts(await readFile(file, 'utf8'), file)
  } catch (error) {
    // As OpenSSH does: a file that is not there, or not ours to read, knows no host.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(errorCode(error))) return []
    throw error
  }
}

async function addLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = (await readLines(file)).length === 0 ? '' : await readFile(file, 'utf8')
  const apart = before === '' || before.endsWith('\n') ? '' : '\n'
  if (before.split('\n').includes(line)) return
  await appendFile(file, `${apart}${line}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
}

function notShown(host: string, fingerprint: string, shown: Iterable<string> = []): AppError {
  const others = [...shown].join(', ')
  return new AppError('not-found', `Host ${host} has not shown the key ${fingerprint}.`, {
    hint:
      others === ''
        ? `Check the host first: sluice hosts check ${host}`
        : `It has shown ${others}. Compare with the fingerprint that the machine's owner gives you.`,
  })
}
