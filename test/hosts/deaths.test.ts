// H4: each way in which an attempt, its supervisor, its agent or its host can die has a verdict of its own.
import { execFileSync, spawnSync } from 'node:child_process'
import {
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
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { bearersOf } from '../helpers/attempt-processes.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason } from '../helpers/sshd.ts'
import { localSubject, mounted, mountSkipReason, opened, openSshSubject } from './subjects.ts'

const hasProc = existsSync('/proc/self/stat') ? null : 'no /proc'

/** The client looks by itself every 30 s; a new link looks at once. */
function look(kit: HostKit): void {
  kit.link.cut()
}

describe.skipIf(hasProc !== null)('H4: deaths told apart', () => {
  test('a killed supervisor with its task alive, and with its task dead', async () => {
    const { kit, at } = await opened(() => localSubject())
    const alive = order('exec sleep 300', { graceMs: 100 })
    const dead = order('exec sleep 300', { graceMs: 100 })
    for (const one of [alive, dead]) kit.start(one)
    const pids = new Map<AttemptKey, number>()
    for (const { key } of [alive, dead]) pids.set(key, (await kit.report('started', key)).pid)
    const task = Number((await taskOf(at('own', dead.key)))[0])
    process.kill(pids.get(alive.key)!, 'SIGKILL')
    process.kill(pids.get(dead.key)!, 'SIGKILL')
    process.kill(task, 'SIGKILL')
    look(kit)
    const left = (await kit.report('ended', alive.key)).end
    expect(left).toMatchObject({ outcome: 'lost', cause: 'supervisor_killed', stopped: true })
    const gone = (await kit.report('ended', dead.key)).end
    expect(gone).toMatchObject({ outcome: 'lost', cause: 'supervisor_killed' })
    expect(gone).not.toHaveProperty('stopped')
    // Whoever asks later hears the same.
    kit.reopen()
    kit.fleet.watch(hostName, alive)
    expect((await kit.report('ended', alive.key)).end).toMatchObject({
      cause: 'supervisor_killed',
      stopped: true,
    })
  })

  test('a task that is killed by a signal has an outcome, and takes what it led along', async () => {
    const { kit, at } = await opened(() => localSubject())
    const one = order('sleep 301 & sleep 302', { graceMs: 100 })
    kit.start(one)
    await kit.report('started', one.key)
    process.kill(Number((await taskOf(at('own', one.key)))[0]), 'SIGKILL')
    const { end } = await kit.report('ended', one.key)
    expect(end).toMatchObject({ outcome: 'signalled', signal: 'SIGKILL' })
    expect(end).not.toHaveProperty('survivors')
    expect(bearersOf(one.key)).toEqual([])
  })

  test.skipIf(mountSkipReason !== null)(
    'another boot id is a reboot, though all process ids fit',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sluice-boot-'))
      onTestFinished(() => rmSync(dir, { recursive: true }))
      const boot = join(dir, 'boot_id')
      const shell = join(dir, 'login')
      writeFileSync(boot, '11111111-1111-4111-8111-111111111111\n')
      // The account's login shell sees another boot id than the machine has.
      const mount = `mount --bind ${boot} /proc/sys/kernel/random/boot_id && exec /bin/sh "$@"`
      writeFileSync(shell, `#!/bin/sh\nexec unshare -m sh -c '${mount}' sh "$@"\n`, { mode: 0o755 })
      const { kit } = await opened(() => localSubject(() => ({}), { shell }))
      const one = order('sleep 20', { graceMs: 100 })
      kit.start(one)
      const { bootId } = await kit.report('started', one.key)
      expect(bootId).toMatch(/^1{8}-/)
      writeFileSync(boot, '22222222-2222-4222-8222-222222222222\n')
      look(kit)
      expect((await kit.report('ended', one.key)).end).toMatchObject({
        outcome: 'lost',
        cause: 'host_rebooted',
      })
      for (const pid of bearersOf(one.key)) process.kill(Number(pid), 'SIGKILL')
    },
  )

  test('a reused process id is told from a killed supervisor', async () => {
    const { kit, at } = await opened(() => localSubject())
    const one = order('exec sleep 300', { graceMs: 100 })
    kit.start(one)
    const { pid } = await kit.report('started', one.key)
    await taskOf(at('own', one.key))
    process.kill(pid, 'SIGKILL')
    const words = readFileSync(at('own', one.key), 'utf8').split(' ')
    writeFileSync(at('own', one.key), [words[0], process.pid, ...words.slice(2)].join(' '))
    look(kit)
    expect((await kit.report('ended', one.key)).end).toMatchObject({
      outcome: 'lost',
      cause: 'pid_reused',
      stopped: true,
    })
  })

  describe.skipIf(mountSkipReason !== null)('on a disk of its own', () => {
    test('an end finds room on a full disk, and is known to who asks later', async () => {
      const disk = mounted('size=1m')
      const { kit } = await opened(() => localSubject(), join(disk, 's'))
      const one = order(`until [ -e ${disk}/go ]; do sleep 0.05; done; exit 3`)
      kit.start(one)
      await kit.report('started', one.key)
      writeFileSync(join(disk, 'go.later'), '')
      fill(disk)
      execFileSync('mv', [join(disk, 'go.later'), join(disk, 'go')])
      expect((await kit.report('ended', one.key)).end).toMatchObject({ exit: 3 })
      expect(readFileSync(join(disk, 's', 'exit', one.key), 'utf8')).toBe('')
      const other = await openHostKit({
        transport: (await localSubject()).transport,
        folder: join(disk, 's'),
      })
      onTestFinished(() => other.close())
      other.fleet.watch(hostName, one)
      expect((await other.report('ended', one.key)).end).toMatchObject({ exit: 3 })
    })

    test('an end that nothing could hold is told live, and is record_lost to who was not there', async () => {
      const disk = mounted('size=1m')
      const { kit } = await opened(() => localSubject(), join(disk, 's'))
      const one = order(`until [ -e ${disk}/go ]; do sleep 0.05; done; exit 3`)
      kit.start(one)
      const { pid } = await kit.report('started', one.key)
      await taskOf(join(disk, 's', 'own', one.key))
      // Neither a file of its own nor the block that is there already: what the strangest file systems do.
      for (const folder of ['exit', 'own']) {
        execFileSync('mount', ['--bind', join(disk, 's', folder), join(disk, 's', folder)])
        execFileSync('mount', ['-o', 'remount,bind,ro', join(disk, 's', folder)])
      }
      writeFileSync(join(disk, 'go'), '')
      expect((await kit.report('ended', one.key)).end).toMatchObject({ exit: 3 })
      process.kill(pid, 'SIGKILL')
      for (const folder of ['exit', 'own']) execFileSync('umount', [join(disk, 's', folder)])
      const other = await openHostKit({
        transport: (await localSubject()).transport,
        folder: join(disk, 's'),
      })
      onTestFinished(() => other.close())
      other.fleet.watch(hostName, one)
      expect((await other.report('ended', one.key)).end).toMatchObject({
        outcome: 'lost',
        cause: 'record_lost',
      })
    })

    test('a start on a full disk or without inodes is refused in clear words, and leaves no lock', async () => {
      for (const [options, fillUp, words] of [
        ['size=1m', fill, /disk of the host is full/],
        ['size=8m,nr_inodes=120', fillInodes, /disk of the host has no inodes left/],
      ] as const) {
        const disk = mounted(options)
        const { kit } = await opened(() => localSubject(), join(disk, 's'))
        await kit.run(order('true'))
        fillUp(disk)
        const one = order('true')
        const { end } = await kit.run(one)
        expect(end).toMatchObject({ outcome: 'not_started', cause: 'host_refused' })
        expect((end as { message: string }).message).toMatch(words)
        expect(existsSync(join(disk, 's', 'own', one.key))).toBe(false)
        rmSync(join(disk, 'fill'), { recursive: true })
        kit.fleet.release(hostName, one.key)
        await kit.report('released', one.key)
        kit.forget()
        expect((await kit.run(one)).end).toMatchObject({ outcome: 'exited', exit: 0 })
      }
    })
  })

  const faketime = [
    '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
    '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
  ].find((file) => existsSync(file))
  test.skipIf(faketime === undefined)(
    'a clock that is hours off and steps while a task runs changes no verdict and no span',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'sluice-clock-'))
      onTestFinished(() => rmSync(dir, { recursive: true }))
      const clock = join(dir, 'clock')
      writeFileSync(clock, '+5h\n')
      const { kit, at } = await opened(() =>
        localSubject(() => ({
          LD_PRELOAD: faketime!,
          FAKETIME_TIMESTAMP_FILE: clock,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        })),
      )
      const row = await kit.fleet.check(hostName, AbortSignal.timeout(40_000))
      expect(Math.abs(row.facts!.clockOffsetMs - 5 * 3_600_000)).toBeLessThan(60_000)
      expect(row.facts!.checks.find((check) => check.id === 'clock')).toMatchObject({
        level: 'note',
        found: expect.stringMatching(/^5\.0 h ahead/),
      })
      const quick = order('sleep 0.5')
      const limited = order('exec sleep 300', { timeoutMs: 1500, graceMs: 100 })
      const leased = order(`until [ -e ${at('go')} ]; do sleep 0.05; done`, { leaseMs: 4000 })
      for (const one of [quick, limited, leased]) kit.start(one)
      for (const one of [quick, limited, leased]) await kit.report('started', one.key)
      for (const step of ['-30d', '+300d', '-2h']) {
        writeFileSync(clock, `${step}\n`)
        look(kit)
        await expect.poll(() => kit.fleet.rows()[0]?.link).toBe('linked')
      }
      const { end } = await kit.report('ended', quick.key)
      expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
      expect(end.hostEndedAt! - end.hostStartedAt!).toBeGreaterThanOrEqual(490)
      expect(end.hostEndedAt! - end.hostStartedAt!).toBeLessThan(60_000)
      expect((await kit.report('ended', limited.key)).end.outcome).toBe('timed_out')
      writeFileSync(at('go'), '')
      expect((await kit.report('ended', leased.key)).end).toMatchObject({ exit: 0 })
    },
  )
})

const ways = [
  { name: 'local', skip: hasProc, open: () => localSubject() },
  { name: 'OpenSSH', skip: hasProc ?? skipReason, open: () => openSshSubject() },
]
test.each(ways)(
  'a killed agent is noticed within seconds and leaves nothing: $name',
  async (way) => {
    if (way.skip !== null) return
    const { kit, at } = await opened(way.open)
    const one = order('exec sleep 300', { graceMs: 100 })
    kit.start(one)
    await kit.report('started', one.key)
    const [agent, , notifier] = readdirSync(at('inbox'))[0]!.split('-').map(Number)
    const connects = kit.link.connects
    const killedAt = performance.now()
    process.kill(agent!, 'SIGKILL')
    await kit.report('unlinked')
    // Idle pings come every 15 s: this was heard, not asked for.
    expect(performance.now() - killedAt).toBeLessThan(8000)
    await expect.poll(() => existsSync(`/proc/${notifier}`), { timeout: 5000 }).toBe(false)
    await expect.poll(() => kit.fleet.rows()[0]?.link).toBe('linked')
    expect(kit.link.connects).toBe(connects + 1)
    kit.fleet.cancel(hostName, one.key, 100)
    expect((await kit.report('ended', one.key)).end.outcome).toBe('cancelled')
  },
)

/** What line 2 of `own` says, once it is there. */
async function taskOf(file: string): Promise<string[]> {
  const line = (): string => readFileSync(file, 'utf8').split('\n')[1] ?? ''
  await expect.poll(line, { timeout: 10_000 }).toMatch(/^\d+ task/)
  return line().split(' ')
}

function fill(disk: string): void {
  mkdirSync(join(disk, 'fill'), { recursive: true })
  spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'fill', 'all')}`, 'bs=4096'])
}

function fillInodes(disk: string): void {
  mkdirSync(join(disk, 'fill'))
  try {
    for (let i = 0; ; i++) writeFileSync(join(disk, 'fill', String(i)), '')
  } catch {
    // None is left.
  }
}
