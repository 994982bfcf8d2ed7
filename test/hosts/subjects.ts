// Hosts of several kinds, each in a folder of its own, for the tests of what every host must keep.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { localTransport, type LocalOptions } from '../../electron/hosts/local-transport.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Transport } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { startDropbear } from '../helpers/dropbear.ts'
import { openHostKit, type HostKit } from '../helpers/host-kit.ts'
import { startSshd, type SshdOptions } from '../helpers/sshd.ts'

export interface Subject {
  transport: Transport
  /** Where the agent keeps its things, as this process sees it. */
  folder: string
  close(): Promise<void>
}

/** `prepare` gets the host's own folder and gives variables of its environment. */
export async function localSubject(
  prepare: (dir: string) => Record<string, string> = () => ({}),
  options: Pick<LocalOptions, 'shell'> = {},
): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-local-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, ...prepare(dir) }
  return {
    transport: localTransport({ env, ...options }),
    folder: join(dir, 'host'),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  }
}

export async function openSshSubject(
  options: Omit<SshdOptions, 'dir' | 'name'> = {},
): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-openssh-'))
  const sshd = await startSshd({ dir, name: 'h', ...options })
  const trust = openTrust(sshd.knownHostsFile)
  const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
  return {
    transport: sshTransport(sshd.spec, { config, trust, clock: systemClock }),
    folder: join(sshd.home, '.sluice'),
    async close() {
      await sshd.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file)) ?? null

/** A folder with busybox's applets and nothing else, as small devices have it. */
export function busyboxTools(dir: string): string {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  copyFileSync(busybox ?? '', join(bin, 'busybox'))
  for (const name of execFileSync(busybox ?? '', ['--list'], { encoding: 'utf8' }).split('\n'))
    if (/^[\w.[-]+$/.test(name) && name !== 'busybox') symlinkSync('busybox', join(bin, name))
  return bin
}

/** Dropbear, and behind it an account that has busybox only. */
export async function edgeSubject(): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-edge-'))
  const bin = busyboxTools(dir)
  const host = await startDropbear({ dir, name: 'device', bin })
  const transport = sshTransport(host.spec, {
    config: openSshConfig({ env: { HOME: dir }, clock: systemClock, program: null }),
    trust: openTrust(host.knownHostsFile),
    clock: systemClock,
  })
  return {
    transport,
    folder: join(host.home, '.sluice'),
    async close() {
      await host.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A folder with links to all programs of this system but some. */
export function toolsWithout(dir: string, missing: readonly string[]): string {
  const bin = join(dir, 'some-bin')
  mkdirSync(bin)
  const folders = ['/bin', '/usr/bin', '/sbin', '/usr/sbin']
  execFileSync(
    'sh',
    ['-c', `for d; do ln -s $d/* "$BIN" 2>/dev/null; done; true`, 'sh', ...folders],
    {
      env: { ...process.env, BIN: bin },
    },
  )
  for (const name of missing) rmSync(join(bin, name), { force: true })
  chmodSync(bin, 0o755)
  return bin
}

/** For one test: a subject with a fleet of its own, both closed after it. */
export async function opened(
  open: () => Promise<Subject>,
  /** Another one than the subject's; null: none is named. */
  folder?: string | null,
): Promise<{ kit: HostKit; subject: Subject; at: (...parts: string[]) => string }> {
  const subject = await open()
  onTestFinished(() => subject.close())
  const named = folder === undefined ? subject.folder : folder
  const kit = await openHostKit({ transport: subject.transport, folder: named })
  onTestFinished(() => kit.close())
  return { kit, subject, at: (...parts) => join(named ?? subject.folder, ...parts) }
}

export function linkTo(program: string) {
  return (dir: string): Record<string, string> => {
    mkdirSync(join(dir, 'bin'))
    symlinkSync(program, join(dir, 'bin', 'sh'))
    return { SLUICE_SH: join(dir, 'bin', 'sh') }
  }
}

/** null where tests may mount. */
export const mountSkipReason: string | null =
  spawnSync('unshare', ['-m', 'true']).status === 0 ? null : 'no mounts here (root on Linux)'

/** A file system of its own, gone after the test. */
export function mounted(options: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'sluice-test', folder])
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder])
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
