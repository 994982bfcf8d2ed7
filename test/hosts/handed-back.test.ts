// What a task hands back, on every kind of host: the values of $SLUICE_OUTPUT, and what it saves in $SLUICE_CHECKPOINT.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChannelClosed } from '../../electron/hosts/channel.ts'
import { HandedBack } from '../../electron/hosts/handed-back.ts'
import { openAttempt } from '../../electron/hosts/host-attempt.ts'
import type { Session } from '../../electron/hosts/session.ts'
import type { BlobStore } from '../../electron/ports/logs.ts'
import type { AttemptEnd, Checkpoint } from '../../shared/run/events.ts'
import { dropbearSkipReason } from '../helpers/dropbear.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason } from '../helpers/sshd.ts'
import {
  busybox,
  busyboxTools,
  edgeSubject,
  linkTo,
  localSubject,
  opened,
  openSshSubject,
  type Subject,
} from './subjects.ts'

/** Those of other shells are here for what the agent does in shell; the rest of it is the same. */
const kinds: [name: string, open: () => Promise<Subject>, skip: string | null][] = [
  ['local, the sh of this system', () => localSubject(), null],
  ['local, bash as sh', () => localSubject(linkTo('/bin/bash')), shellMissing('bash')],
  ['local, mksh as sh', () => localSubject(linkTo('/bin/mksh')), shellMissing('mksh')],
  [
    'local, busybox alone',
    () =>
      localSubject((dir) => {
        const bin = busyboxTools(dir)
        return { SLUICE_SH: join(bin, 'ash'), PATH: bin }
      }),
    busybox === null ? 'busybox is not installed' : null,
  ],
  ['an OpenSSH server', () => openSshSubject(), skipReason],
  ['Dropbear and BusyBox', () => edgeSubject(), dropbearSkipReason],
]

for (const [name, open, skip] of kinds)
  describe.skipIf(skip !== null)(`${name}${skip === null ? '' : `: ${skip}`}`, () => {
    let subject: Subject
    let kit: HostKit
    beforeAll(async () => {
      subject = await open()
      kit = await openHostKit({ transport: subject.transport, folder: subject.folder })
    })
    afterAll(async () => {
      if (kit.errors.length > 0) throw kit.errors[0] as Error
      await kit.close()
      await subject.close()
    })
    const at = (...parts: string[]): string => join(subject.folder, ...parts)

    test('values come back as JSON and as lines, a task that writes none has none', async () => {
      const json = '{"files": ["a b", "ü\\n"], "count": 3, "deep": {"none": null, "yes": true}}'
      expect(await endOf(`printf '%s' '${json}' > "$SLUICE_OUTPUT"`)).toMatchObject({
        exit: 0,
        values: JSON.parse(json),
      })
      const lines = await endOf(
        'test -f "$SLUICE_OUTPUT" && test ! -s "$SLUICE_OUTPUT" && echo "a=1\nb=x = \'y\' \\$(id)\n\na=2" >> "$SLUICE_OUTPUT"',
      )
      expect(lines).toMatchObject({ exit: 0, values: { a: '2', b: "x = 'y' $(id)" } })
      const none = await endOf('true')
      expect(none).toMatchObject({ exit: 0 })
      expect(none).not.toHaveProperty('values')
      expect(await endOf('echo a=1 > "$SLUICE_OUTPUT"; exit 3')).not.toHaveProperty('values')
    })

    test('values that cannot be read are told with their line, and the exit stays as it was', async () => {
      const bad = async (run: string): Promise<string | undefined> => {
        const end = await endOf(run)
        expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
        return end.outcome === 'exited' ? end.badValues : undefined
      }
      expect(await bad('echo "a=1\nfoo bar" > "$SLUICE_OUTPUT"')).toMatch(/line 2: "foo bar"/)
      expect(await bad('head -c 262145 /dev/zero > "$SLUICE_OUTPUT"')).toMatch(/262145 bytes/)
      expect(await bad('rm "$SLUICE_OUTPUT"; mkdir "$SLUICE_OUTPUT"')).toMatch(/a folder/)
    })

    test('256 KiB of values, the most there may be, come back whole', async () => {
      const filler = 'v'.repeat(1000)
      const end = await endOf(
        `i=0; while [ $i -lt 258 ]; do echo "k$i=${filler}"; i=$((i+1)); done > "$SLUICE_OUTPUT"`,
      )
      expect(end.outcome === 'exited' && Object.keys(end.values ?? {}).length).toBe(258)
    })

    test('what a killed task saved is handed to its next attempt on another host', async () => {
      const other = await opened(open)
      const first = order('echo "offset=48000\ntotal=96000" > "$SLUICE_CHECKPOINT"; sleep 300')
      kit.start(first)
      const { checkpoint } = await kit.report('checkpoint', first.key)
      expect(checkpoint).toMatchObject({
        values: { offset: '48000', total: '96000' },
        folder: null,
      })
      kit.fleet.cancel(hostName, first.key, 100)
      await kit.report('ended', first.key)
      const next = order('cat "$SLUICE_CHECKPOINT"', { checkpoint })
      const { end, log } = await other.kit.run(next)
      expect(end).toMatchObject({ exit: 0 })
      expect(log.toString()).toBe('offset=48000\ntotal=96000\n')
      expect(statSync(other.at('saved', next.key)).mode & 0o77).toBe(0)
      kit.fleet.release(hostName, first.key)
      await expect
        .poll(() =>
          readdirSync(subject.folder, { recursive: true }).filter((one) =>
            String(one).includes(first.key),
          ),
        )
        .toEqual([])
    })

    // The watcher's looks take seconds, and what follows stands on what the others have shown of a shell.
    if (name.endsWith(' as sh')) return

    test('a folder is saved as it runs, packed, and unpacked where it goes on', async () => {
      const other = await opened(open)
      const first = order(
        'mkdir -p "$SLUICE_CHECKPOINT/a b/c"; cd "$SLUICE_CHECKPOINT"; echo one > "a b/c/x*"; ln -s "a b" link; head -c 3000000 /dev/zero > zeros; sleep 300',
      )
      kit.start(first)
      const { checkpoint } = await kit.report('checkpoint', first.key)
      expect(checkpoint.folder?.bytes).toBeGreaterThan(3_000_000)
      // Both hosts belong to one home.
      await other.kit.blobs.put((await kit.blobs.get(checkpoint.folder!.sha256))!)
      kit.fleet.cancel(hostName, first.key, 100)
      await kit.report('ended', first.key)
      const { end, log } = await other.kit.run(
        order('cd "$SLUICE_CHECKPOINT" && cat link/c/x* && wc -c < zeros', { checkpoint }),
      )
      expect(log.toString().split(/\s+/)).toEqual(['one', '3000000', ''])
      expect(end).toMatchObject({ exit: 0 })
      kit.fleet.release(hostName, first.key)
      await expect.poll(() => existsSync(at('saved', first.key))).toBe(false)
    })

    test('what was saved at the last moment of a failed attempt is told before its end', async () => {
      const one = order('sleep 0.2; printf "row=7\nlast=unfinished" > "$SLUICE_CHECKPOINT"; exit 9')
      kit.start(one)
      await kit.report('ended', one.key)
      const mine = kit.reports.filter((report) => 'key' in report && report.key === one.key)
      const kinds = mine.map(({ kind }) => kind)
      expect(kinds.lastIndexOf('checkpoint')).toBeLessThan(kinds.indexOf('ended'))
      expect(newest(kit, one.key)?.values).toEqual({ row: '7', last: 'unfinished' })
    })

    // As above, and its two checkpoints are ten seconds apart.
    if (!/^(local, the sh|Dropbear)/.test(name)) return

    test('the newest checkpoint is told after a cut, and again after a restart of the engine', async () => {
      const one = order(
        `echo n=1 > "$SLUICE_CHECKPOINT"; until [ -e ${at('more')} ]; do sleep 0.1; done; echo n=2 > "$SLUICE_CHECKPOINT"; touch ${at('done')}; sleep 300`,
      )
      kit.start(one)
      await kit.report('checkpoint', one.key)
      kit.link.refuse = new Error('no link')
      kit.link.cut()
      writeFileSync(at('more'), '')
      await expect.poll(() => existsSync(at('done')), { timeout: 60_000 }).toBe(true)
      // The host's own look at it.
      await expect
        .poll(() => readFileSync(at('stop', `${one.key}.saved`), 'utf8').split(' ')[1], {
          timeout: 60_000,
        })
        .not.toBe(String(newest(kit, one.key)?.savedAt))
      kit.link.refuse = null
      await expect.poll(() => newest(kit, one.key)?.values, { timeout: 60_000 }).toEqual({ n: '2' })
      const { savedAt } = newest(kit, one.key)!
      kit.reopen()
      kit.fleet.watch(hostName, one)
      expect((await kit.report('checkpoint', one.key)).checkpoint).toEqual({
        savedAt,
        values: { n: '2' },
        folder: null,
      })
      kit.fleet.cancel(hostName, one.key, 100)
      await kit.report('ended', one.key)
    })

    async function endOf(run: string): Promise<AttemptEnd> {
      return (await kit.run(order(run))).end
    }
  })

test('a link that is cut while a folder is fetched loses nothing of it, nor fetches it twice', async () => {
  const { kit } = await opened(() => localSubject())
  const receive = kit.blobs.receive.bind(kit.blobs)
  const begins: number[] = []
  kit.blobs.receive = async (sha256) => {
    const sink = await receive(sha256)
    begins.push(sink.bytes)
    const isFirst = begins.length === 1
    return {
      get bytes() {
        return sink.bytes
      },
      async write(bytes) {
        await sink.write(bytes)
        if (isFirst && sink.bytes > 4_000_000) kit.link.cut()
      },
      leave: () => sink.leave(),
      finish: () => sink.finish(),
    }
  }
  const one = order(
    'mkdir "$SLUICE_CHECKPOINT"; head -c 20000000 /dev/urandom > "$SLUICE_CHECKPOINT/x"; sleep 300',
  )
  kit.start(one)
  const { checkpoint } = await kit.report('checkpoint', one.key)
  expect(begins).toHaveLength(2)
  expect(begins[1]).toBeGreaterThan(4_000_000)
  expect((await kit.blobs.get(checkpoint.folder!.sha256))!.length).toBe(checkpoint.folder!.bytes)
  kit.fleet.cancel(hostName, one.key, 100)
  await kit.report('ended', one.key)
  expect(kit.errors).toEqual([])
})

test('of a host that was rebooted comes what was on its disk, before the loss is told', async () => {
  const { kit, at } = await opened(() => localSubject())
  const one = order(
    `echo row=6 > "$SLUICE_CHECKPOINT"; until [ -e ${at('over')} ]; do sleep 0.1; done`,
  )
  kit.start(one)
  await kit.report('checkpoint', one.key)
  const own = readFileSync(at('own', one.key), 'utf8').split(/\s/)
  writeFileSync(at('own', one.key), ['another-boot', ...own.slice(1, 6)].join(' ') + '\n')
  kit.reopen()
  kit.fleet.watch(hostName, one)
  expect((await kit.report('ended', one.key)).end).toMatchObject({ cause: 'host_rebooted' })
  expect(newest(kit, one.key)?.values).toEqual({ row: '6' })
  writeFileSync(at('over'), '')
})

test.each([
  ['a file above 64 KiB', 'echo a=$(head -c 65536 /dev/zero | tr "\\0" x) > "$SLUICE_CHECKPOINT"'],
  ['a file of something else', 'echo a=1 > "$SLUICE_CHECKPOINT"; echo b >> "$SLUICE_CHECKPOINT"'],
  ['an empty file', ': > "$SLUICE_CHECKPOINT"'],
  ['a pipe', 'mkfifo "$SLUICE_CHECKPOINT"'],
  [
    'a folder with a link that leads out',
    'mkdir "$SLUICE_CHECKPOINT"; ln -s / "$SLUICE_CHECKPOINT/x"',
  ],
])('%s is no checkpoint, and the end comes all the same', async (_what, run) => {
  const { kit } = await opened(() => localSubject())
  const one = order(`${run}; exit 1`)
  expect((await kit.run(one)).end).toMatchObject({ outcome: 'exited', exit: 1 })
  expect(newest(kit, one.key)).toBe(null)
  expect(kit.errors).toEqual([])
})

test('a host whose supervisor is killed still tells what its task had saved', async () => {
  const { kit } = await opened(() => localSubject())
  const one = order('echo row=5 > "$SLUICE_CHECKPOINT"; sleep 300', { graceMs: 100 })
  kit.start(one)
  const { pid } = await kit.report('started', one.key)
  await kit.report('checkpoint', one.key)
  process.kill(pid, 'SIGKILL')
  kit.reopen()
  kit.fleet.watch(hostName, one)
  expect((await kit.report('ended', one.key)).end).toMatchObject({ cause: 'supervisor_killed' })
  expect(newest(kit, one.key)?.values).toEqual({ row: '5' })
})

test('a checkpoint that breaks off is a failure of its link only while its attempt goes on', async () => {
  const handedBack = new HandedBack({
    host: hostName,
    blobs: {} as BlobStore,
    onReport: () => undefined,
  })
  const broken = new ChannelClosed('raw bytes that did not end where announced')
  const hear = async (hasEnded: boolean): Promise<void> => {
    const attempt = openAttempt(order('true'), 'start', 0)
    const fetchSmall = async (): Promise<never> => {
      attempt.hasEnded = hasEnded
      throw broken
    }
    const session = { courier: { fetchSmall } } as unknown as Session
    await handedBack.hear(attempt, ['5', 'mark'], session)
  }
  await expect(hear(false)).rejects.toBe(broken)
  await hear(true)
})

function newest(kit: HostKit, key: string): Checkpoint | null {
  const all = kit.reports.filter((one) => one.kind === 'checkpoint' && one.key === key)
  const last = all.at(-1)
  return last?.kind === 'checkpoint' ? last.checkpoint : null
}

function shellMissing(shell: string): string | null {
  return existsSync(`/bin/${shell}`) ? null : `${shell} is not installed`
}
