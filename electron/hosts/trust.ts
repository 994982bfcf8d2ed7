// Which host keys are right (H8): OpenSSH's own files of the host, and Sluice's beside them.
// Sluice writes only its own file, only a key that a server has shown, and only when a person names its fingerprint.
import { appendFile, chmod, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'
import type { Audit } from '../ports/audit.ts'
import {
  fingerprintOf,
  keyTypeOf,
  knownHostLine,
  readKnownHosts,
  readKnownHostsOf,
} from './known-hosts.ts'
import type { HostName, KnownHostDecision, KnownHostLine } from './known-hosts.ts'
import { readSmallFile } from './small-file.ts'

export interface Trust {
  /** Sluice's own file. */
  readonly file: string
  /** Of OpenSSH's `files` and of Sluice's own, those that name the host. Read anew for every connection: people edit them. */
  linesOf(name: HostName, files: readonly string[]): Promise<KnownHostLine[]>
  /** All that Sluice's own file has. */
  ownLines(): Promise<KnownHostLine[]>
  /** A server has shown a key that is not right: an unknown one waits for a person to accept it, a changed one is recorded. */
  met(host: string, shown: MetKey): void
  /** A person says it is right. Throws AppError('not-found') for a key that was not shown to this process. */
  accept(host: string, fingerprint: string): Promise<void>
}

export interface MetKey {
  name: HostName
  key: Buffer
  decision: KnownHostDecision
}

/** Keys of one host that wait for a person: its own, those of its jump hosts, and of each type. */
const shownMax = 16
const refusedMax = 1000

export function openTrust(ownFile: string, audit: Audit | null = null): Trust {
  const shownByHost = new Map<string, Map<string, { name: HostName; key: Buffer }>>()
  /** A link is tried again and again: each refusal is recorded once. */
  const refused = new Set<string>()

  const refuse = (host: string, { name, key, decision }: MetKey): void => {
    const once = `${host} ${decision.kind} ${fingerprintOf(key)}`
    if (refused.has(once) || refused.size >= refusedMax) return
    refused.add(once)
    const details = { why: decision.kind, name: name.host, port: name.port, key: describeKey(key) }
    try {
      audit?.record({
        by: 'engine',
        action: 'host_key.refused',
        subject: host,
        details,
        reason: '',
      })
    } catch {
      // The refusal holds all the same, and is recorded when it comes again.
      refused.delete(once)
    }
  }

  return {
    file: ownFile,
    async linesOf(name, files) {
      const all: KnownHostLine[] = []
      for (const file of [...files, ownFile])
        all.push(...(await readKnownHostsOf(name, await textOf(file), file)))
      return all
    },
    ownLines: async () => readKnownHosts(await textOf(ownFile), ownFile),
    met(host, met) {
      if (met.decision.kind !== 'unknown') return refuse(host, met)
      const { name, key } = met
      const shown = shownByHost.get(host) ?? new Map<string, { name: HostName; key: Buffer }>()
      shownByHost.set(host, shown.set(fingerprintOf(key), { name, key }))
      const oldest = [...shown.keys()][0]
      if (shown.size > shownMax && oldest !== undefined) shown.delete(oldest)
    },
    async accept(host, fingerprint) {
      const shown = shownByHost.get(host)?.get(fingerprint)
      if (shown === undefined) throw notShown(host, fingerprint, shownByHost.get(host)?.keys())
      const line = knownHostLine(shown.name, shown.key)
      await addLine(ownFile, line)
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

/** 100,000 hosts. */
const fileBytesMax = 16 << 20

async function textOf(file: string): Promise<string> {
  const found = await readSmallFile(file, fileBytesMax)
  if (found.kind === 'text') return found.text
  // As OpenSSH does: a file that is not there, or not ours to read, knows no host.
  if (found.code !== 'EFBIG' && found.code !== 'ENXIO') return ''
  throw new AppError(
    'bad-input',
    `${file} cannot be read for known hosts: above 16 MB, or no file.`,
    {
      hint: 'A key that it revokes might be taken, so no host is connected to. Remove what is old from it.',
    },
  )
}

async function addLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const before = await textOf(file)
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
