// H5: whatever a task has left running is gone after a cancel or a timeout, or is named.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { bearersOf, runningWith } from '../helpers/attempt-processes.ts'
import { hostName, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason } from '../helpers/sshd.ts'
import { localSubject, opened, openSshSubject, toolsWithout } from './subjects.ts'

const hasProc = existsSync('/proc/self/stat') ? null : 'no /proc'
const isRoot = process.getuid?.() === 0 ? null : 'needs root'

/** A duration that names the processes of one test among all others on this machine. */
let spans = 7_000_000 + (process.pid % 10_000) * 100
const span = (): string => String(++spans)

const ways = [
  { name: 'local', skip: hasProc, open: () => localSubject() },
  { name: 'OpenSSH', skip: hasProc ?? skipReason, open: () => openSshSubject() },
]

describe.each(ways)('$name', ({ skip, open }) => {
  test.skipIf(skip !== null)(
    'H5: daemons, other sessions, nohup, stopped and deaf processes are gone, also with a cleared environment',
    async () => {
      const { kit } = await opened(open)
      const s = span()
      const one = order(
        [
          `nohup sleep ${s} &`,
          `setsid sleep ${s} &`,
          // Double-forked: their parent is init by the time of the cancel.
          `(setsid sh -c 'setsid sleep ${s} & sleep ${s} & exit' &)`,
          `sh -c 'trap "" TERM HUP INT; echo deaf; sleep ${s}; sleep ${s}' &`,
          `sh -c 'kill -STOP $$; sleep ${s}' &`,
          `setsid sh -c 'kill -STOP $$; sleep ${s}' &`,
          // No mark, a session of its own, no parent: known by its output, by its folder, by its session's leader.
          `(env -i setsid sleep ${s} &)`,
          `(env -i setsid sleep ${s} >/dev/null 2>&1 &)`,
          `env -i setsid sh -c 'cd /; exec >/dev/null 2>&1; sleep ${s} & wait' &`,
          `env -i sh -c 'cd /; sleep ${s} >/dev/null 2>&1' &`,
          `echo ready; sleep ${s}`,
        ].join('\n'),
        { graceMs: 400 },
      )
      kit.start(one)
      await kit.report('started', one.key)
      await expect.poll(() => runningWith(s).length, { timeout: 20_000 }).toBe(10)
      kit.fleet.cancel(hostName, one.key, 400)
      const { end } = await kit.report('ended', one.key)
      expect(end.outcome).toBe('cancelled')
      expect(end).not.toHaveProperty('survivors')
      expect(runningWith(s)).toEqual([])
      expect(bearersOf(one.key)).toEqual([])
    },
  )

  test.skipIf(skip !== null)(
    'H5: a stopped task that handles TERM gets to do so, and a timeout stops as a cancel does',
    async () => {
      const { kit } = await opened(open)
      const s = span()
      const clean = order(`trap 'echo cleaned; exit 5' TERM; echo up; kill -STOP $$; sleep ${s}`, {
        graceMs: 20_000,
      })
      const late = order(`(env -i setsid sleep ${s} &) ; trap '' TERM; sleep ${s}`, {
        timeoutMs: 1000,
        graceMs: 200,
      })
      kit.start(clean)
      kit.start(late)
      await new Promise<void>((resolve) => kit.logs.onChange(clean.key, resolve))
      kit.fleet.cancel(hostName, clean.key, 20_000)
      const asked = performance.now()
      expect((await kit.report('ended', clean.key)).end.outcome).toBe('cancelled')
      expect(performance.now() - asked).toBeLessThan(15_000)
      await kit.report('log_closed', clean.key)
      expect((await kit.wholeLog(clean.key)).toString()).toBe('up\ncleaned\n')
      expect((await kit.report('ended', late.key)).end).toMatchObject({
        outcome: 'timed_out',
        signal: 'SIGKILL',
      })
      expect(runningWith(s)).toEqual([])
    },
  )
})

test.skipIf(hasProc !== null)(
  'H5: a supervisor that somebody has stopped still stops its task',
  async () => {
    const { kit } = await opened(() => localSubject())
    const one = order('exec sleep 300', { graceMs: 100 })
    kit.start(one)
    const { pid } = await kit.report('started', one.key)
    process.kill(pid, 'SIGSTOP')
    kit.fleet.cancel(hostName, one.key, 100)
    expect((await kit.report('ended', one.key)).end.outcome).toBe('cancelled')
    expect(bearersOf(one.key)).toEqual([])
  },
)

test('H5: a stop that comes while its task is only just starting is heard', async () => {
  const { kit } = await opened(() => localSubject())
  const all = Array.from({ length: 40 }, () => order('exec sleep 300', { graceMs: 100 }))
  for (const one of all) {
    kit.start(one)
    await kit.report('started', one.key)
    kit.fleet.cancel(hostName, one.key, 100)
  }
  for (const { key } of all) expect((await kit.report('ended', key)).end.outcome).toBe('cancelled')
})

describe.skipIf(isRoot !== null || hasProc !== null)('who cannot be stopped is named', () => {
  test('H5: a child of another user, as sudo makes them, survives by name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-sudo-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    chmodSync(dir, 0o777)
    const s = span()
    // What sudo is to an account: here a program that may become root.
    const raise = join(dir, 'raise')
    copyFileSync('/usr/bin/setpriv', raise)
    execFileSync('chmod', ['4755', raise])
    const login = join(dir, 'login')
    writeFileSync(
      login,
      '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh "$@"\n',
      { mode: 0o755 },
    )
    const folder = join(dir, 'home')
    mkdirSync(folder)
    execFileSync('chown', ['65534:65534', folder])
    const { kit } = await opened(
      () => localSubject(() => ({ HOME: folder }), { shell: login }),
      folder,
    )
    const one = order(
      `${raise} --reuid=0 env -i setsid sleep ${s} & ${raise} --reuid=0 sleep ${s} & sleep ${s}`,
      { graceMs: 100 },
    )
    kit.start(one)
    await kit.report('started', one.key)
    await expect.poll(() => runningWith(s).length, { timeout: 20_000 }).toBe(3)
    kit.fleet.cancel(hostName, one.key, 100)
    const { end } = await kit.report('ended', one.key)
    const left = runningWith(s)
    onTestFinished(() => {
      for (const pid of left) process.kill(Number(pid), 'SIGKILL')
    })
    expect(left.length).toBe(2)
    expect(survivorsOf(end)).toEqual(left.map((pid) => `${pid}:sleep`).sort())
  })

  test('H5: who waits in the kernel, deaf even to KILL, is named', async ({ skip }) => {
    const frozen = frozenDisk()
    if (frozen === null) {
      skip('no loop device to freeze')
      return
    }
    const { kit } = await opened(() => localSubject())
    const one = order(`echo up; touch ${frozen.folder}/x`, { graceMs: 100 })
    kit.start(one)
    await new Promise<void>((resolve) => kit.logs.onChange(one.key, resolve))
    kit.fleet.cancel(hostName, one.key, 100)
    const { end } = await kit.report('ended', one.key)
    frozen.thaw()
    expect(end.outcome).toBe('cancelled')
    expect(survivorsOf(end)).toEqual([expect.stringMatching(/^\d+:touch$/)])
  })
})

describe.skipIf(hasProc !== null)('with less than usual', () => {
  test('H5: without setsid, perl and python children and bearers of the mark are stopped', async () => {
    const { kit, subject } = await opened(() =>
      localSubject((dir) => ({ PATH: toolsWithout(dir, ['setsid', 'perl', 'python3']) })),
    )
    expect(subject.folder).toContain('host')
    await stopsChildren(kit)
    expect(kit.fleet.rows()[0]!.facts!.lacks.join()).toMatch(/^setsid: /)
  })

  test('H5: where there is no setsid, perl gives a task its session', async () => {
    const { kit } = await opened(() =>
      localSubject((dir) => ({ PATH: toolsWithout(dir, ['setsid']) })),
    )
    const { log } = await kit.run(order('cut -d" " -f1,6 /proc/$$/stat'))
    const [pid, session] = log.toString().trim().split(' ')
    expect(session).toBe(pid)
    await stopsChildren(kit)
  })

  test('H4, H5: without /proc, ps tells who lives and who belongs to an attempt', async () => {
    const { kit } = await opened(() =>
      localSubject((dir) => {
        // The same agent where every look into /proc fails.
        const sh = join(dir, 'sh')
        writeFileSync(
          sh,
          `#!/bin/sh\nf=$1; shift\nsed 's,/proc/,/nowhere/,g' "$f" >"$f.blind"\nexec /bin/sh "$f.blind" "$@"\n`,
          { mode: 0o755 },
        )
        return { SLUICE_SH: sh }
      }),
    )
    await stopsChildren(kit)
    expect(kit.fleet.rows()[0]!.facts!.lacks.join()).toMatch(/\/proc: /)
    expect((await kit.run(order('exit 3'))).end).toMatchObject({ exit: 3 })
    const one = order('exec sleep 300', { graceMs: 100 })
    kit.start(one)
    const { pid } = await kit.report('started', one.key)
    kit.link.cut()
    await expect.poll(() => kit.fleet.rows()[0]?.link).toBe('linked')
    expect(kit.reports.some((report) => report.kind === 'ended' && report.key === one.key)).toBe(
      false,
    )
    process.kill(pid, 'SIGKILL')
    kit.link.cut()
    expect((await kit.report('ended', one.key)).end).toMatchObject({
      cause: 'supervisor_killed',
      stopped: true,
    })
    const leased = order('true', { leaseMs: 5000 })
    expect((await kit.run(leased)).end).toMatchObject({
      outcome: 'not_started',
      message: expect.stringContaining('no lease'),
    })
  })
})

async function stopsChildren(kit: HostKit): Promise<void> {
  const s = span()
  const one = order(`sleep ${s} & sh -c 'trap "" TERM; env -i sleep ${s}' & sleep ${s}`, {
    graceMs: 300,
  })
  kit.start(one)
  await kit.report('started', one.key)
  await expect.poll(() => runningWith(s).length, { timeout: 20_000 }).toBe(3)
  kit.fleet.cancel(hostName, one.key, 300)
  const { end } = await kit.report('ended', one.key)
  expect(end.outcome).toBe('cancelled')
  expect(end).not.toHaveProperty('survivors')
  expect(runningWith(s)).toEqual([])
}

function survivorsOf(end: AttemptEnd): string[] {
  return [...((end as { survivors?: string[] }).survivors ?? [])].sort()
}

/** A file system that holds up its writers for as long as it is frozen. null: not here. */
function frozenDisk(): { folder: string; thaw(): void } | null {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-frozen-'))
  const [image, folder] = [join(dir, 'image'), join(dir, 'mnt')]
  mkdirSync(folder)
  const done = (command: string, ...args: string[]): boolean =>
    spawnSync(command, args, { stdio: 'ignore' }).status === 0
  const isUp =
    done('truncate', '-s', '8M', image) &&
    done('mkfs.ext4', '-q', image) &&
    done('mount', '-o', 'loop', image, folder)
  const isFrozen = isUp && done('fsfreeze', '-f', folder)
  let thawed = false
  const thaw = (): void => {
    if (isFrozen && !thawed) done('fsfreeze', '-u', folder)
    thawed = true
  }
  onTestFinished(() => {
    thaw()
    if (isUp) done('umount', '-l', folder)
    rmSync(dir, { recursive: true, force: true })
  })
  return isFrozen ? { folder, thaw } : null
}
