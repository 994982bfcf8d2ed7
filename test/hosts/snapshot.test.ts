// H10 over real hosts: what comes back of a failed attempt, and that it never stands in an end's way.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { snapshotLimitMs } from '../../electron/hosts/snapshot-desk.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Transport } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { dropbearSkipReason, startDropbear } from '../helpers/dropbear.ts'
import { openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason } from '../helpers/sshd.ts'
import { openSshSubject, type Subject } from './subjects.ts'

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file)) ?? null
const noBusybox = busybox === null ? 'busybox is not installed' : null

/** A folder whose only programs are busybox's. */
function busyboxFolder(dir: string): string {
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  execFileSync(busybox ?? '', ['--install', '-s', bin])
  return bin
}

async function local(env: (dir: string) => Record<string, string>): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-snapshot-'))
  const all = { PATH: process.env['PATH'] ?? '', HOME: dir, ...env(dir) }
  return {
    transport: localTransport({ env: all }),
    folder: join(dir, 'host'),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  }
}

/** What an edge device has: Dropbear, and an account where every command is busybox's. */
async function edge(): Promise<Subject> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-snapshot-'))
  const bin = busyboxFolder(dir)
  const host = await startDropbear({ dir, name: 'device' })
  const inner = sshTransport(host.spec, {
    config: openSshConfig({ env: { HOME: dir }, clock: systemClock, program: null }),
    trust: openTrust(host.knownHostsFile),
    clock: systemClock,
  })
  const transport: Transport = {
    address: inner.address,
    async connect(signal) {
      const connection = await inner.connect(signal)
      return {
        ...connection,
        onClose: (listener) => connection.onClose(listener),
        close: () => connection.close(),
        exec: (command) =>
          connection.exec(`export PATH=${bin} SLUICE_SH=${join(bin, 'ash')}; ${command}`),
      }
    },
  }
  return {
    transport,
    folder: join(host.home, '.sluice'),
    async close() {
      await host.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const subjects: [string, () => Promise<Subject>, string | null][] = [
  ['the sh of this system', () => local(() => ({})), null],
  [
    'busybox alone',
    () =>
      local((dir) => {
        const bin = busyboxFolder(dir)
        return { PATH: bin, SLUICE_SH: join(bin, 'ash') }
      }),
    noBusybox,
  ],
  ['OpenSSH', () => openSshSubject(), skipReason],
  ['Dropbear with busybox', edge, dropbearSkipReason ?? noBusybox],
]

describe.each(subjects)('%s', (_name, open, skip) => {
  let subject: Subject
  let kit: HostKit
  beforeAll(async () => {
    if (skip !== null) return
    subject = await open()
    kit = await openHostKit({ transport: subject.transport, folder: subject.folder })
  })
  afterAll(async () => {
    if (skip !== null) return
    await kit.close()
    await subject.close()
  })

  test.skipIf(skip !== null)(
    'H10: a failed attempt brings back what its host was like, before its end, and a good one nothing',
    async () => {
      const good = order('true')
      const bad = order('exec 9<&0; exit 3')
      await kit.run(good)
      await kit.run(bad)
      const { snapshot } = await kit.report('snapshot', bad.key)
      const kinds = kit.reports.filter((one) => 'key' in one && one.key === bad.key)
      expect(kinds.map((one) => one.kind)).toEqual(['started', 'snapshot', 'ended', 'log_closed'])
      expect(kit.reports.some((one) => one.kind === 'snapshot' && one.key === good.key)).toBe(false)
      expect(snapshot.isPrompt).toBe(true)
      expect(Math.abs(snapshot.takenAt - Date.now())).toBeLessThan(20_000)
      expect(Math.abs(snapshot.clockOffsetMs ?? 9e9)).toBeLessThan(5000)
      expect(snapshot.cores).toBeGreaterThan(0)
      expect(snapshot.disks[0]?.freeBytes).toBeGreaterThan(0)
      expect(Number(snapshot.limits['open files'])).toBeGreaterThan(0)
      if (process.platform !== 'linux') return
      expect(snapshot.uptimeMs).toBeGreaterThan(1000)
      expect(snapshot.load?.length).toBe(3)
      expect(snapshot.memory?.totalBytes).toBeGreaterThan(1e8)
      expect(snapshot.processes.length).toBeGreaterThan(3)
      // Each once, the largest first.
      expect(new Set(snapshot.processes.map((one) => one.pid)).size).toBe(snapshot.processes.length)
      expect(snapshot.missing.filter((one) => !one.startsWith('kernel: '))).toEqual([])
    },
  )

  test.skipIf(skip !== null)('H7, H10: no argument of any process is in a snapshot', async () => {
    const canary = `canary-${process.pid}-${'x'.repeat(20)}`
    const bad = order('kill -9 $$', { env: { SECRET: canary } })
    const talker = order(`sh -c 'sleep 61; echo ${canary}'`)
    kit.start(talker)
    await kit.report('started', talker.key)
    await kit.run(bad)
    const { snapshot } = await kit.report('snapshot', bad.key)
    expect(JSON.stringify(snapshot)).not.toContain(canary)
    const files = readdirSync(join(subject.folder, 'stop')).filter((name) =>
      name.endsWith('.snapshot'),
    )
    expect(files.length).toBeGreaterThan(0)
    for (const name of files) {
      const text = readFileSync(join(subject.folder, 'stop', name), 'utf8')
      expect(text).not.toContain(canary)
      expect(text.length).toBeLessThan(16_384)
    }
    for (const { key } of [talker, bad]) kit.fleet.cancel('h', key, 100)
    await kit.report('ended', talker.key)
  })

  test.skipIf(skip !== null)('H9: a snapshot goes with its attempt', async () => {
    const bad = order('exit 4')
    await kit.run(bad)
    const file = join(subject.folder, 'stop', `${bad.key}.snapshot`)
    expect(existsSync(file)).toBe(true)
    kit.fleet.release('h', bad.key)
    await kit.report('released', bad.key)
    expect(existsSync(file)).toBe(false)
  })
})

/** Programs of the system, but `df` is what a test makes of it. */
async function withDf(script: string): Promise<{ kit: HostKit; subject: Subject }> {
  const subject = await local((dir) => {
    const bin = join(dir, 'df-bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'df'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, 'df'), 0o755)
    return { PATH: `${bin}:${process.env['PATH']}` }
  })
  const kit = await openHostKit({ transport: subject.transport, folder: subject.folder })
  onTestFinished(async () => {
    await kit.close()
    await subject.close()
  })
  return { kit, subject }
}

test('H10: a df that hangs, as on a dead NFS, costs the disks and two seconds, and the end comes', async () => {
  const { kit, subject } = await withDf('exec sleep 20')
  const { end } = await kit.run(order('exit 5'))
  expect(end).toMatchObject({ outcome: 'exited', exit: 5 })
  const told = await kit.report('snapshot')
  expect(told.snapshot.missing).toContain('disks: took longer than 2 s')
  expect(told.snapshot.isPrompt).toBe(true)
  expect(told.snapshot.memory).not.toBeNull()
  // The end's own time is the task's, not that of the look at the host.
  expect(end.hostEndedAt! - end.hostStartedAt!).toBeLessThan(1800)
  expect(readdirSync(join(subject.folder, 'exit')).length).toBe(1)
})

test('H10: an attempt whose supervisor died, or that timed out, has one too, and says when it was taken', async () => {
  const { kit, subject } = await withDf('exec /bin/df "$@"')
  const late = order('sleep 60')
  kit.start(late)
  const { pid } = await kit.report('started', late.key)
  process.kill(pid, 'SIGKILL')
  kit.link.cut()
  const { end } = await kit.report('ended', late.key)
  expect(end).toMatchObject({ outcome: 'lost', cause: 'supervisor_killed' })
  expect((await kit.report('snapshot', late.key)).snapshot.isPrompt).toBe(false)
  // Taken before the TERM, while those who kept it from its end can still be seen.
  const look = `tail -n 1 ../../stop/$SLUICE_ATTEMPT.snapshot; exit 1`
  const slow = order(`trap '${look}' TERM; while :; do sleep 0.1; done`, { timeoutMs: 1200 })
  expect((await kit.run(slow)).log.toString()).toContain('@sluice end\n')
  expect((await kit.report('snapshot', slow.key)).snapshot.isPrompt).toBe(true)
  expect(existsSync(join(subject.folder, 'stop', `${slow.key}.snapshot`))).toBe(true)
})

test('H10: forty that fail at once share few looks at their host, none from before their own end', async () => {
  const { kit, subject } = await withDf(`echo x >>"$HOME/looks"; exec /bin/df "$@"`)
  const orders: StartOrder[] = Array.from({ length: 40 }, () => order('sleep 0.5; exit 1'))
  for (const one of orders) kit.start(one)
  for (const one of orders) await kit.report('ended', one.key)
  const told = kit.reports.filter((one) => one.kind === 'snapshot')
  // On a machine that is very busy some come too late, and their ends come without.
  expect(new Set(told.map((one) => one.key)).size).toBeGreaterThan(20)
  for (const { key, snapshot } of told) {
    // Whole seconds; what was seen before an end would say nothing about it.
    const { end } = await kit.report('ended', key)
    expect(snapshot.takenAt + 1000).toBeGreaterThan(end.hostEndedAt ?? 0)
  }
  const calls = join(subject.folder, '..', 'looks')
  // Six of df are one look.
  const looks = existsSync(calls) ? readFileSync(calls, 'utf8').length / 2 / 6 : 0
  expect(looks).toBeLessThan(10)
  expect(readdirSync(subject.folder).filter((name) => name.startsWith('.looking'))).toEqual([])
})

test('H10: a host that does not hand out its snapshot keeps no end back', async () => {
  const subject = await local(() => ({}))
  const { transport } = subject
  const deaf: Transport = {
    address: transport.address,
    async connect(signal) {
      const connection = await transport.connect(signal)
      return {
        ...connection,
        onClose: (listener) => connection.onClose(listener),
        close: () => connection.close(),
        async exec(command) {
          const pipe = await connection.exec(command)
          return {
            ...pipe,
            onData: (listener) => pipe.onData(listener),
            onNoise: (listener) => pipe.onNoise(listener),
            onClose: (listener) => pipe.onClose(listener),
            close: () => pipe.close(),
            // Its request never arrives.
            write: (bytes) =>
              Buffer.from(bytes).toString('latin1').includes("{ ask 'snapshot' ")
                ? Promise.resolve()
                : pipe.write(bytes),
          }
        },
      }
    },
  }
  const kit = await openHostKit({ transport: deaf, folder: subject.folder })
  onTestFinished(async () => {
    await kit.close()
    await subject.close()
  })
  const askedAt = Date.now()
  const { end } = await kit.run(order('exit 6'))
  expect(end).toMatchObject({ outcome: 'exited', exit: 6 })
  expect(Date.now() - askedAt).toBeLessThan(snapshotLimitMs + 10_000)
  expect(kit.reports.some((one) => one.kind === 'snapshot')).toBe(false)
})
