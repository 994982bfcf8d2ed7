import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { conformance, type Subject } from './conformance.ts'

/** `shell` makes the `sh` that the agent runs in, in a folder of its own; null: the system's. */
async function subject(prepare: (dir: string) => Record<string, string>): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-local-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, ...prepare(dir) }
  return {
    transport: localTransport({ env }),
    folder: join(dir, 'host'),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  }
}

const linkTo = (program: string) => (dir: string) => {
  mkdirSync(join(dir, 'bin'))
  symlinkSync(program, join(dir, 'bin', 'sh'))
  return { SLUICE_SH: join(dir, 'bin', 'sh') }
}

conformance('local, the sh of this system', () => subject(() => ({})))

const bash = existsSync('/bin/bash') ? null : 'bash is not installed'
conformance('local, bash as sh', () => subject(linkTo('/bin/bash')), bash)

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file)) ?? null
conformance(
  'local, busybox alone',
  () =>
    subject((dir) => {
      const bin = join(dir, 'bin')
      mkdirSync(bin)
      execFileSync(busybox ?? '', ['--install', '-s', bin])
      return { SLUICE_SH: join(bin, 'ash'), PATH: bin }
    }),
  busybox === null ? 'busybox is not installed' : null,
)
