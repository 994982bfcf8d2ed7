// What this machine lets a campaign do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { skipReason } from '../helpers/sshd.ts'

export type Mode = 'namespaces' | 'loopback'

/** Namespaces for a worker, which end with it. */
export const unshare = [
  'unshare',
  '--net',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const

export function whatIsAllowed(): { mode: Mode | 'nothing'; why: string } {
  if (process.platform !== 'linux') return { mode: 'nothing', why: 'it is not Linux.' }
  if (skipReason !== null) return { mode: 'nothing', why: `${skipReason}.` }
  const lack = lackOfNamespaces()
  return lack === null ? { mode: 'namespaces', why: '' } : { mode: 'loopback', why: lack }
}

function lackOfNamespaces(): string | null {
  if (process.getuid?.() !== 0) return 'Namespaces need root.'
  if (!existsSync('/dev/net/tun')) return 'There is no /dev/net/tun.'
  for (const tool of ['perl', 'nsenter', 'ip', 'mount']) {
    if (!isThere(tool)) return `There is no ${tool}.`
  }
  const [command, ...args] = unshare
  const probe = spawnSync(
    command,
    [...args, 'sh', '-c', 'ip tuntap add dev sluice0 mode tun && mount -t tmpfs none /mnt'],
    { encoding: 'utf8', timeout: 20_000 },
  )
  return probe.status === 0 ? null : `Namespaces are refused: ${(probe.stderr ?? '').trim()}.`
}

function isThere(tool: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${tool}`], { timeout: 20_000 }).status === 0
}
