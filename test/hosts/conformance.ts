// What every way to a host must keep, whatever shell and tools are at its other end (H1-H9).
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TransportError } from '../../electron/hosts/transport.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { bearersOf } from '../helpers/attempt-processes.ts'
import { entriesBelow } from '../helpers/entries-below.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import type { Subject } from './subjects.ts'

/** `skip`: why it cannot be had here, or null. */
export function conformance(
  name: string,
  open: () => Promise<Subject>,
  skip: string | null = null,
): void {
  describe.skipIf(skip !== null)(`${name}${skip === null ? '' : `: ${skip}`}`, () => {
    let subject: Subject
    let kit: HostKit
    beforeAll(async () => {
      subject = await open()
      kit = await openHostKit({ transport: subject.transport, folder: subject.folder })
    })
    afterAll(async () => {
      expect(kit.errors).toEqual([])
      await kit.close()
      await subject.close()
    })
    const at = (...parts: string[]): string => join(subject.folder, ...parts)
    const ownOf = (key: AttemptKey): string[] => readFileSync(at('own', key), 'utf8').split(/\s/)

    test('H1: two orders for one key start it once', async () => {
      const one = order(`echo x >> ${at('count')}; sleep 0.3`)
      kit.start(one)
      const other = await openHostKit({ transport: subject.transport, folder: subject.folder })
      other.start(one)
      await Promise.all([kit.report('ended', one.key), other.report('ended', one.key)])
      expect(readFileSync(at('count'), 'utf8')).toBe('x\n')
      await other.close()
    })

    test('H1: an order that is given again after a cut is not started again', async () => {
      const one = order(`echo x >> ${at('count2')}; sleep 1`)
      kit.start(one)
      await kit.report('started', one.key)
      kit.link.cut()
      kit.fleet.start(hostName, one)
      expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
      expect(readFileSync(at('count2'), 'utf8')).toBe('x\n')
    })

    test('an exit code is reported as it is, and a signal by its name', async () => {
      expect((await kit.run(order('exit 7'))).end).toMatchObject({ outcome: 'exited', exit: 7 })
      expect((await kit.run(order('kill -9 $$'))).end).toMatchObject({ signal: 'SIGKILL' })
      expect((await kit.run(order('no-such-command'))).end).toMatchObject({ exit: 127 })
    })

    test('times of the host and its processor time come with the end', async () => {
      const { end } = await kit.run(
        order('i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.2'),
      )
      expect(end.hostEndedAt! - end.hostStartedAt!).toBeGreaterThanOrEqual(190)
      expect(Math.abs(end.hostEndedAt! - end.endedAt)).toBeLessThan(5000)
      expect(end.cpuMs).toBeGreaterThan(0)
    })

    test('a task sees its own folder, its environment, an empty stdin and default signals', async () => {
      const env = {
        PLAIN: 'a b',
        QUOTES: `it's "x" \\ $HOME \`id\` *`,
        LINES: 'one\ntwo\n\n',
        BYTES: 'ü€\u0001\tend ',
        EMPTY: '',
      }
      const script =
        'printf "%s|%s|%s|%s|%s|" "$PLAIN" "$QUOTES" "$LINES" "$BYTES" "$EMPTY"; cat; pwd; ls -a; umask; grep SigIgn /proc/self/status'
      const one = order(script, { env })
      const { log } = await kit.run(one)
      const text = log.toString()
      expect(text.startsWith(`${Object.values(env).join('|')}|`)).toBe(true)
      expect(text).toContain(`${at('work', ownOf(one.key)[4]!)}\n.\n..\n`)
      // HUP and PIPE (bits 0 and 12) are not ignored, or pipes in scripts would misbehave.
      const ignored = BigInt(`0x${/SigIgn:\s+(\w+)/.exec(text)?.[1]}`)
      expect(ignored & 0x1001n).toBe(0n)
    })

    test('H6: every byte of a log arrives, whatever bytes they are', async () => {
      const bytes = randomBytes(9 * 1024 * 1024 + 17)
      const sha256 = await kit.blobs.put(bytes)
      const files = [{ path: 'data', sha256, bytes: bytes.length, mode: 0o600 }]
      const result = await kit.run(order('cat data', { files }))
      expect(result.log.equals(bytes)).toBe(true)
      expect(result.sha256).toBe(createHash('sha256').update(bytes).digest('hex'))
    })

    test('H6: a log whose channel is cut again and again is the same byte for byte', async () => {
      const lines = 30_000
      const one = order(
        `i=0; while [ $i -lt ${lines} ]; do echo "line $i of a log"; i=$((i+1)); [ $((i % 3000)) -ne 0 ] || sleep 0.1; done`,
      )
      kit.start(one)
      await kit.report('started', one.key)
      for (let cut = 0; cut < 4; cut++) {
        await new Promise<void>((resolve) => {
          const undo = kit.logs.onChange(one.key, () => {
            undo()
            resolve()
          })
        })
        kit.link.cut()
      }
      const { gaps, sha256 } = await kit.report('log_closed', one.key)
      const log = await kit.wholeLog(one.key)
      expect(gaps).toEqual([])
      expect(log.toString()).toBe(
        Array.from({ length: lines }, (_, i) => `line ${i} of a log\n`).join(''),
      )
      expect(sha256).toBe(createHash('sha256').update(log).digest('hex'))
    })

    test('H3: the host ends a task at its timeout, and says so', async () => {
      const { end } = await kit.run(
        order('trap "" TERM; sleep 30', { timeoutMs: 300, graceMs: 200 }),
      )
      expect(end).toMatchObject({ outcome: 'timed_out' })
    })

    test('H5: a cancel reaches children in other sessions and groups, and proves it', async () => {
      const one = order(
        `trap '' TERM; setsid sleep 300 & (setsid sh -c 'trap "" TERM; echo ready; sleep 301' &) ; sleep 302`,
        { graceMs: 300 },
      )
      kit.start(one)
      await kit.report('started', one.key)
      await new Promise<void>((resolve) => kit.logs.onChange(one.key, resolve))
      kit.fleet.cancel(hostName, one.key, 300)
      const { end } = await kit.report('ended', one.key)
      expect(end.outcome).toBe('cancelled')
      expect(end).not.toHaveProperty('survivors')
      expect(bearersOf(one.key)).toEqual([])
    })

    test('H1: a key that was cancelled before its start is never started', async () => {
      const one = order(`echo x >> ${at('count3')}`)
      kit.fleet.cancel(hostName, one.key, 100)
      expect((await kit.report('ended', one.key)).end.outcome).toBe('cancelled')
      const other = await openHostKit({ transport: subject.transport, folder: subject.folder })
      expect((await other.run(one)).end.outcome).toBe('cancelled')
      expect(existsSync(at('count3'))).toBe(false)
      await other.close()
    })

    test('a restarted engine attaches to what runs, hears what ended, and learns what is absent', async () => {
      const running = order(`until [ -e ${at('go')} ]; do sleep 0.05; done; echo done`)
      const ended = order('echo early; exit 3')
      kit.start(running)
      kit.start(ended)
      await kit.report('started', running.key)
      await kit.report('ended', ended.key)
      const never = order('true')
      kit.reopen()
      for (const one of [running, ended, never]) kit.fleet.watch(hostName, one)
      await kit.report('linked')
      const before = kit.reports.slice(
        0,
        kit.reports.findIndex((one) => one.kind === 'linked'),
      )
      expect(before.map((one) => one.kind).sort()).toEqual(
        expect.arrayContaining(['absent', 'ended', 'started']),
      )
      writeFileSync(at('go'), '')
      expect((await kit.report('ended', running.key)).end).toMatchObject({ exit: 0 })
      await kit.report('log_closed', running.key)
      await kit.report('log_closed', ended.key)
      expect((await kit.wholeLog(running.key)).toString()).toBe('done\n')
      expect((await kit.wholeLog(ended.key)).toString()).toBe('early\n')
    })

    test('H3: tasks outlive the agent that started them', async () => {
      const one = order('sleep 0.8; echo survived')
      kit.start(one)
      await kit.report('started', one.key)
      for (const box of readdirSync(at('inbox'))) process.kill(Number(box.split('-')[0]), 'SIGKILL')
      expect((await kit.report('ended', one.key)).end).toMatchObject({ exit: 0 })
      await kit.report('log_closed', one.key)
      expect((await kit.wholeLog(one.key)).toString()).toBe('survived\n')
    })

    test('H4: a killed supervisor is lost, and what it left running is stopped first', async () => {
      const one = order('sleep 400', { graceMs: 200 })
      kit.start(one)
      const { pid } = await kit.report('started', one.key)
      process.kill(pid, 'SIGKILL')
      kit.link.cut()
      const { end } = await kit.report('ended', one.key)
      expect(end).toMatchObject({
        outcome: 'lost',
        cause: 'supervisor_killed',
        stopped: true,
      })
      expect(bearersOf(one.key)).toEqual([])
    })

    test('H4: another boot id means that the host was rebooted', async () => {
      const one = order(`until [ -e ${at('go2')} ]; do sleep 0.1; done`)
      kit.start(one)
      await kit.report('started', one.key)
      const own = ownOf(one.key)
      writeFileSync(at('own', one.key), ['another-boot', ...own.slice(1, 6)].join(' ') + '\n')
      kit.link.cut()
      expect((await kit.report('ended', one.key)).end).toMatchObject({
        outcome: 'lost',
        cause: 'host_rebooted',
      })
      writeFileSync(at('go2'), '')
    })

    test('H4: a pid that belongs to another process by now is not the supervisor', async () => {
      const one = order('sleep 400', { graceMs: 100 })
      kit.start(one)
      await kit.report('started', one.key)
      const own = ownOf(one.key)
      process.kill(Number(own[1]), 'SIGKILL')
      own[1] = String(process.pid)
      writeFileSync(at('own', one.key), own.slice(0, 6).join(' ') + '\n')
      kit.link.cut()
      expect((await kit.report('ended', one.key)).end).toMatchObject({
        outcome: 'lost',
        cause: 'pid_reused',
      })
    })

    test('H7: a secret is in no file of the host and in no argument', async () => {
      const secret = `canary-${randomBytes(8).toString('hex')}`
      const one = order('tr "\\0" " " < /proc/$PPID/cmdline; echo; test -n "$SECRET"; sleep 0.5', {
        env: { SECRET: secret },
      })
      kit.start(one)
      await kit.report('started', one.key)
      const inArguments = readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
        .filter((pid) => readOrEmpty(`/proc/${pid}/cmdline`).includes(secret))
      expect(inArguments).toEqual([])
      expect(
        filesUnder(subject.folder).filter((file) => readOrEmpty(file).includes(secret)),
      ).toEqual([])
      expect((await kit.report('ended', one.key)).end).toMatchObject({ exit: 0 })
    })

    test('inputs are placed with their mode, outputs come back by hash, a missing one is named', async () => {
      const bytes = Buffer.from(
        '#!/bin/sh\nprintf "%s" "made from $(cat "odd name/ü*.txt")" > out/a.bin\n',
      )
      const program = await kit.blobs.put(bytes)
      const data = await kit.blobs.put(Buffer.from('input'))
      const one = order('mkdir out; ./go.sh', {
        files: [
          { path: 'go.sh', sha256: program, bytes: bytes.length, mode: 0o755 },
          { path: 'odd name/ü*.txt', sha256: data, bytes: 5, mode: 0o600 },
        ],
        outputs: { made: 'out/a.bin', none: 'out/b.bin' },
      })
      const { end } = await kit.run(one)
      expect(end).toMatchObject({ outcome: 'exited', exit: 0, missingOutputs: ['none'] })
      const [made] = (end as { outputs?: { sha256: string }[] }).outputs ?? []
      expect(Buffer.from((await kit.blobs.get(made!.sha256))!).toString()).toBe('made from input')
    })

    test('many small inputs travel together, each is whole, and each has its mode', async () => {
      const bodies = Array.from({ length: 90 }, (_, index) => randomBytes(1 + index * 333))
      const files = await Promise.all(
        bodies.map(async (bytes, index) => ({
          path: `in/${index}`,
          sha256: await kit.blobs.put(bytes),
          bytes: bytes.length,
          mode: index % 2 === 0 ? 0o750 : 0o640,
        })),
      )
      const { log } = await kit.run(order('sha256sum in/*; ls -l in', { files }))
      const text = log.toString()
      expect(files.filter(({ sha256, path }) => !text.includes(`${sha256}  ${path}\n`))).toEqual([])
      expect(text.match(/^-rwxr-x--- /gm)).toHaveLength(45)
      expect(text.match(/^-rw-r----- /gm)).toHaveLength(45)
    })

    test('an input whose bytes are gone from the blob store is not started', async () => {
      const files = [{ path: 'x', sha256: 'f'.repeat(64), bytes: 1, mode: 0o644 }]
      expect((await kit.run(order('true', { files }))).end).toMatchObject({
        outcome: 'not_started',
        cause: 'input_missing',
      })
    })

    test('H7: a secret is read when its task starts; without one nothing starts', async () => {
      const secrets = { TOKEN: { secret: 'TOKEN', from: { env: 'TOKEN' } } }
      const given = await kit.run(order('printf %s "$TOKEN"', { secrets }))
      const lacks = kit.fleet.rows()[0]?.facts?.lacks.join() ?? ''
      const isRefused = lacks.includes('a printf of its own')
      expect(isRefused ? given.end : { log: given.log.toString() }).toMatchObject(
        isRefused ? { cause: 'host_refused' } : { log: "it's $(me)" },
      )
      const lost = order('echo ran', {
        secrets: { ...secrets, LOST: { secret: 'LOST', from: { env: 'LOST' } } },
      })
      expect((await kit.run(lost)).end).toMatchObject({
        outcome: 'not_started',
        cause: 'secret_missing',
        message: 'The secret LOST is missing: nobody has it',
      })
      expect(existsSync(at('own', lost.key))).toBe(false)
    })

    test('H9: a release leaves nothing of the attempt behind', async () => {
      const one = order('mkdir -p ro/x; touch ro/x/y; chmod 500 ro/x; echo bye', {
        outputs: { none: 'none' },
      })
      await kit.run(one)
      const folder = at('work', ownOf(one.key)[4]!)
      expect(existsSync(folder)).toBe(true)
      kit.fleet.release(hostName, one.key)
      await expect
        .poll(() => filesUnder(subject.folder).filter((f) => f.includes(one.key)))
        .toEqual([])
      expect(existsSync(folder)).toBe(false)
    })

    test('H9: a release keeps what a failed attempt left, and nothing of what left nothing', async () => {
      const scripts = [
        'echo half >part; exit 3',
        'exit 4',
        'echo whole >part',
        'echo x >part; kill -9 $$',
      ]
      // More than a handful are released in another way than a few.
      const orders = [...scripts, ...Array<string>(8).fill('echo good >part')].map((run) =>
        order(run),
      )
      await Promise.all(orders.map((one) => kit.run(one)))
      for (const { key } of orders) kit.fleet.release(hostName, key)
      await Promise.all(orders.map(({ key }) => kit.report('released', key)))
      const kept = readdirSync(at('kept', '3'))
      expect(kept.toSorted()).toEqual([orders[0]!.key, orders[3]!.key].toSorted())
      expect(readFileSync(at('kept', '3', orders[0]!.key, 'part'), 'utf8')).toBe('half\n')
      const others = filesUnder(subject.folder).filter((name) =>
        orders.some(({ key }) => name.includes(key) && !name.includes(`/kept/3/${key}/`)),
      )
      expect(others).toEqual([])
      for (const key of kept) rmSync(at('kept', '3', key), { recursive: true })
    })

    test('H9: what nobody released is swept after a month, but not what runs or is watched', async () => {
      const old = new Date(Date.now() - 31 * 24 * 3600 * 1000)
      const other = await openHostKit({ transport: subject.transport, folder: subject.folder })
      const [left, running, watched] = [order('echo left'), order('sleep 60'), order('echo mine')]
      await other.run(left)
      await other.run(watched)
      other.start(running)
      await other.report('started', running.key)
      // Two engines of one home would end each other's agents.
      await other.close()
      for (const { key } of [left, running, watched]) {
        for (const file of ['own', 'exit', 'log'].map((kind) => at(kind, key))) {
          if (existsSync(file)) utimesSync(file, old, old)
        }
      }
      kit.reopen()
      kit.fleet.watch(hostName, watched)
      const { bytes } = await kit.report('log_closed', watched.key)
      expect(bytes).toBe(5)
      await expect.poll(() => existsSync(at('own', left.key)), { timeout: 30_000 }).toBe(false)
      expect(existsSync(at('log', left.key))).toBe(false)
      expect(existsSync(at('own', running.key))).toBe(true)
      kit.fleet.cancel(hostName, running.key, 100)
      expect((await kit.report('ended', running.key)).end.outcome).toBe('cancelled')
    })

    test('a remedy runs outside any run, answers with its exit and output, and leaves nothing', async () => {
      const signal = new AbortController().signal
      const remedy = { run: 'echo "$WHO"; exit 4', env: { WHO: 'me' }, timeoutMs: 5000 }
      expect(await kit.fleet.runOnce(hostName, remedy, signal)).toEqual({ exit: 4, output: 'me\n' })
      await expect
        .poll(() => filesUnder(subject.folder).filter((f) => f.includes('once.')))
        .toEqual([])
    })

    test('120 attempts at once all run, each once', async () => {
      const many = Array.from({ length: 120 }, (_, i) =>
        order(`echo ${i} >> ${at('count200')}; echo ${i}`),
      )
      for (const one of many) kit.start(one)
      await Promise.all(many.map((one) => kit.report('log_closed', one.key)))
      const seen = readFileSync(at('count200'), 'utf8').trim().split('\n').map(Number)
      expect(seen.sort((a, b) => a - b)).toEqual(many.map((_, i) => i))
      for (const [i, one] of many.entries())
        expect((await kit.wholeLog(one.key)).toString()).toBe(`${i}\n`)
    })

    test('an order that never reached a host is not started, with the reason', async () => {
      kit.link.refuse = new TransportError('ssh_auth_failure', 'no key fits', { permanent: true })
      kit.link.cut()
      // What is written before the cut is seen may have reached the host.
      await expect.poll(() => kit.fleet.rows()[0]?.link).not.toBe('linked')
      const one = order('true')
      kit.start(one)
      expect((await kit.report('ended', one.key)).end).toMatchObject({
        outcome: 'not_started',
        cause: 'ssh_auth_failure',
        message: 'no key fits',
      })
      expect(kit.fleet.rows()[0]).toMatchObject({ link: 'refused', why: 'no key fits' })
      kit.link.refuse = null
      expect(await kit.fleet.check(hostName, new AbortController().signal)).toMatchObject({
        link: 'linked',
      })
    })
  })
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    // A process or file that is gone by now holds nothing.
    return ''
  }
}

function filesUnder(folder: string): string[] {
  return entriesBelow(folder)
    .filter(({ kind }) => kind === 'file' || kind === 'link')
    .map(({ path }) => path)
}
