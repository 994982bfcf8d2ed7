// H10, through to the verdict: tasks that really run out of memory, disk, inodes and files, on a real host, and what is said of them.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { explain } from '../../electron/insight/explain.ts'
import type { StartOrder } from '../../electron/ports/hosts.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { makeFacts } from '../insight/make-facts.ts'

interface Place {
  dir: string
  kit: HostKit
}

async function openPlace(
  env: (dir: string) => Record<string, string> = () => ({}),
): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-deaths-'))
  const all = { PATH: process.env['PATH'] ?? '', HOME: dir, ...env(dir) }
  const kit = await openHostKit({
    transport: localTransport({ env: all }),
    folder: join(dir, 'host'),
  })
  onTestFinished(async () => {
    await kit.close()
    spawnSync('umount', ['-l', join(dir, 'host')])
    rmSync(dir, { recursive: true, force: true })
  })
  return { dir, kit }
}

/** Runs it, and judges its end, log and snapshot as root cause does. */
async function causeOf({ kit }: Place, task: StartOrder): Promise<RootCause> {
  const { end, log } = await kit.run(task)
  const { snapshot } = await kit.report('snapshot', task.key)
  const facts = makeFacts(
    { load: { end, log: log.toString(), good: ['start\n', 'start\n'] } },
    { hosts: { edge: snapshot } },
  )
  const attempt = facts.view.tasks['load']?.attempts[0]
  if (attempt !== undefined) attempt.hostStartedAt = end.hostStartedAt
  const cause = explain(facts)
  if (cause === null) throw new Error('No cause where one is due')
  return cause
}

const alarms = (cause: RootCause): string =>
  cause.hostFacts
    .filter((fact) => fact.isAlarming)
    .map((fact) => `${fact.label}: ${fact.value}`)
    .join('\n')

/** A memory group of our own, of either version; null: it may not be made here. */
function memoryGroup(): { enter: string; remove: () => boolean } | null {
  const name = `sluice-test-${process.pid}`
  for (const [top, limit] of [
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
    ['/sys/fs/cgroup', 'memory.max'],
  ] as const) {
    const group = join(top, name)
    try {
      mkdirSync(group)
      writeFileSync(join(group, limit), String(48 * 1024 * 1024))
      const swap = join(group, 'memory.swap.max')
      if (existsSync(swap)) writeFileSync(swap, '0')
      return {
        enter: join(group, 'cgroup.procs'),
        remove: () => spawnSync('rmdir', [group]).status === 0,
      }
    } catch {
      if (existsSync(group)) rmdirSync(group)
    }
  }
  return null
}

const group = process.platform === 'linux' ? memoryGroup() : null

test.skipIf(group === null)(
  'H10: a task that its control group killed for memory is out of memory, with the proof in words',
  async () => {
    // Its last processes leave it a moment after the host is closed.
    onTestFinished(async () => {
      await expect.poll(() => group?.remove(), { timeout: 20_000 }).toBe(true)
    })
    const place = await openPlace((dir) => {
      // The host's shell enters the group, and all it starts.
      const shell = join(dir, 'sh')
      writeFileSync(shell, `#!/bin/sh\necho $$ >${group?.enter}\nexec /bin/sh "$@"\n`)
      chmodSync(shell, 0o755)
      return { SLUICE_SH: shell }
    })
    const hungry = `exec awk 'BEGIN { s = "x"; while (1) s = s s }'`
    // Another one that fails just before must not lend it what its host was like then.
    place.kit.start(order('sleep 0.4; exit 1'))
    const cause = await causeOf(place, order(`echo start; sleep 0.6; ${hungry}`))
    expect([cause.class, cause.confidence]).toEqual(['out_of_memory', 'high'])
    expect(alarms(cause)).toMatch(/control group: limit 50 MB, .*killed for want of memory/)
  },
)

const canMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0

async function onTmpfs(options: string): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-deaths-'))
  const folder = join(dir, 'host')
  mkdirSync(folder)
  expect(spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]).status).toBe(0)
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
  const kit = await openHostKit({ transport: localTransport({ env }), folder })
  onTestFinished(async () => {
    await kit.close()
    spawnSync('umount', ['-l', folder])
    rmSync(dir, { recursive: true, force: true })
  })
  return { dir, kit }
}

test.skipIf(!canMount)(
  'H10: a task that fills its disk is told with the disk, though its program hides the reason',
  async () => {
    const place = await onTmpfs('size=3m')
    const fill = 'echo start; dd if=/dev/zero of=fill bs=64k 2>/dev/null; exit 1'
    const cause = await causeOf(place, order(fill))
    expect(cause.class).toBe('disk_full')
    expect(cause.summary).toMatch(/host is full: 0 of 3.1 MB are free/)
    expect(alarms(cause)).toMatch(/disk .*host: 0 B of 3.1 MB free/)
  },
)

test.skipIf(!canMount)('H10: no inode left is told apart from no byte left', async () => {
  const place = await onTmpfs('size=30m,nr_inodes=120')
  const many = 'echo start; i=0; while [ $i -lt 200 ]; do : >f$i || exit 3; i=$((i+1)); done'
  const cause = await causeOf(place, order(many))
  expect(cause.class).toBe('disk_full')
  expect(cause.summary).toContain('has no inode left')
})

test('H10: a task that opens too many files is told the limit it met', async () => {
  const place = await openPlace((dir) => {
    const shell = join(dir, 'sh')
    writeFileSync(shell, '#!/bin/sh\nulimit -n 64\nexec /bin/sh "$@"\n')
    chmodSync(shell, 0o755)
    return { SLUICE_SH: shell }
  })
  const cause = await causeOf(
    place,
    order('echo start; echo "OSError: [Errno 24] Too many open files"; exit 1'),
  )
  expect(cause.class).toBe('too_many_open_files')
  expect(cause.summary).toContain('limit there is 64 open files')
  expect(alarms(cause)).toContain('limit of open files: 64')
})
