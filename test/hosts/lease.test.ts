// A lease: the host itself ends what another host may be given, and never ends what we still hear of.
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import { TransportError, type Pipe, type Transport } from '../../electron/hosts/transport.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { skipReason } from '../helpers/sshd.ts'
import { hostName, openHostKit, order } from '../helpers/host-kit.ts'
import { localSubject, opened, openSshSubject } from './subjects.ts'

const leaseMs = 4000
/** The lease, an eighth of it, the grace, and a slow machine. */
const limitMs = leaseMs + leaseMs / 8 + 200 + 15_000
const hasUptime = existsSync('/proc/uptime') ? null : 'no /proc'

const ways = [
  { name: 'local', longMs: 1.5 * leaseMs, skip: hasUptime, open: () => localSubject() },
  { name: 'OpenSSH', longMs: 0, skip: hasUptime ?? skipReason, open: () => openSshSubject() },
]

describe.each(ways)('$name', ({ skip, open, longMs }) => {
  test.skipIf(skip !== null)(
    'a task with a lease is stopped by its host when the link is cut, and lives on while it is renewed',
    async () => {
      const { kit, at } = await opened(open)
      const leased = order(`trap '' TERM; while :; do echo x >>${at('beats')}; sleep 0.1; done`, {
        graceMs: 200,
        leaseMs,
      })
      const orphan = order('sleep 300', { graceMs: 100, leaseMs })
      const free = order('sleep 300')
      for (const one of [leased, orphan, free]) kit.start(one)
      for (const one of [leased, free]) await kit.report('started', one.key)
      const { pid } = await kit.report('started', orphan.key)
      // Longer than its lease.
      const until = systemClock.monotonic() + longMs
      await expect
        .poll(() => systemClock.monotonic() > until, { timeout: longMs + 20_000, interval: 200 })
        .toBe(true)
      expect(kit.reports.some((one) => one.kind === 'ended')).toBe(false)
      // Links break, and are made again in time: nothing of it reaches the task.
      const { connects } = kit.link
      kit.link.cut()
      await expect
        .poll(() => kit.link.connects > connects && kit.fleet.rows()[0]?.link === 'linked')
        .toBe(true)
      expect(existsSync(at('exit', leased.key))).toBe(false)

      kit.link.refuse = new TransportError('host_unreachable', 'cut')
      kit.link.cut()
      // A lease ends a task whose supervisor was killed as well.
      process.kill(pid, 'SIGKILL')
      await expect
        .poll(() => endOf(at('exit', leased.key)), { timeout: limitMs, interval: 50 })
        .toMatch(/^lease_expired KILL .* end$/)
      await expect
        .poll(() => endOf(at('exit', orphan.key)), { timeout: limitMs, interval: 50 })
        .toMatch(/^lease_expired TERM .* end$/)
      const beats = readFileSync(at('beats'), 'utf8').length
      expect(existsSync(at('exit', free.key))).toBe(false)

      kit.link.refuse = null
      kit.fleet.watch(hostName, leased)
      const { end } = await kit.report('ended', leased.key)
      expect(end).toMatchObject({ outcome: 'lost', cause: 'lease_expired' })
      expect(readFileSync(at('beats'), 'utf8').length).toBe(beats)
      kit.fleet.cancel(hostName, free.key, 100)
      await kit.report('ended', free.key)
    },
  )
})

test.skipIf(hasUptime !== null)(
  'an order or a renewal that lay on the way for longer than the lease does nothing',
  async () => {
    const subject = await localSubject()
    const { folder, transport } = subject
    onTestFinished(() => subject.close())
    const connection = await transport.connect(new AbortController().signal)
    onTestFinished(() => connection.close())
    const channel = await openChannel(connection, {
      agent: agentText(),
      nonce: 'abcdefghijklmnopqrst',
      mode: 'main',
      client: 'kit',
      folder,
      clock: systemClock,
    })
    const up = channel.hello.uptimeMs!
    const late = await channel.ask(`start late 0 100 lease=2000.${up - 2000} - true\\0012 :`)
    expect(late.words).toEqual(['refused', 'got_the_order_after_its_lease_had_run_out'])
    expect((await channel.ask('probe late')).parts).toEqual([['late', 'absent', '']])
    const uptime = async (): Promise<string> => (await channel.ask('renew -')).words[1] ?? ''
    const newest = await uptime()
    await channel.ask(`renew ${newest}`)
    await channel.ask(`renew ${Number(newest) - 100_000}`)
    const ended = new Promise<readonly string[]>((resolve) => channel.onNotice(resolve))
    // A renewal that came late took nothing away and gave nothing: it ends at its own time.
    await channel.ask(`start short 0 100 lease=5000.${await uptime()} - sleep\\0040300\\0012 :`)
    expect((await ended).slice(0, 3)).toEqual(['ended', 'short', 'lease_expired'])
    channel.close()
  },
)

test.skipIf(hasUptime !== null)(
  'over a new link nothing with a lease begins, and none is renewed, before the engine knows of the link',
  async () => {
    const said: string[] = []
    const { kit } = await opened(async () => {
      const subject = await localSubject()
      return { ...subject, transport: overheard(subject.transport, (text) => said.push(text)) }
    })
    kit.fleet.onReport(({ kind }) => said.push(`<${kind}>`))
    const lives = order('sleep 300', { leaseMs: 60_000 })
    kit.start(lives)
    await kit.report('started', lives.key)
    kit.link.refuse = new TransportError('host_unreachable', 'cut')
    kit.link.cut()
    await kit.report('unlinked')
    const waits = order('sleep 300', { leaseMs: 60_000 })
    const free = order('echo free')
    for (const one of [waits, free]) kit.start(one)
    said.length = 0
    kit.link.refuse = null
    await kit.report('started', waits.key)
    const talk = said.join('')
    const at = (text: string | RegExp): number => {
      const found = talk.search(text)
      expect(found, `${String(text)} in ${talk}`).toBeGreaterThan(-1)
      return found
    }
    expect(at(/probe/)).toBeLessThan(at(/<linked>/))
    expect(at(/<linked>/)).toBeLessThan(at(/renew/))
    expect(at(/<linked>/)).toBeLessThan(at(new RegExp(`start.*${waits.key}`)))
    // What may not be given to another host has nothing to wait for.
    expect(at(new RegExp(`start.*${free.key}`))).toBeLessThan(at(/<linked>/))
    for (const { key } of [lives, waits]) {
      kit.fleet.cancel(hostName, key, 100)
      await kit.report('ended', key)
    }
  },
)

test.skipIf(hasUptime !== null)(
  'a machine that has two names: what is renewed by one ends when the other is out of reach',
  async () => {
    const { kit, subject, at } = await opened(() => localSubject())
    const { transport, folder } = subject
    const second = await openHostKit({ transport, folder, name: 'second' })
    onTestFinished(() => second.close())
    const [lost, kept] = [order('sleep 300', { leaseMs }), order('sleep 300', { leaseMs })]
    kit.start(lost)
    await kit.report('started', lost.key)
    second.start(kept)
    await second.report('started', kept.key)
    // Neither ends the other's agent.
    expect([kit.link.connects, second.link.connects]).toEqual([1, 1])
    kit.link.refuse = new TransportError('host_unreachable', 'cut')
    kit.link.cut()
    await expect
      .poll(() => endOf(at('exit', lost.key)), { timeout: limitMs, interval: 50 })
      .toMatch(/^lease_expired TERM .* end$/)
    expect(existsSync(at('exit', kept.key))).toBe(false)
    second.fleet.cancel('second', kept.key, 100)
    await second.report('ended', kept.key)
  },
)

/** `onWrite` gets what is written to the host, as text. */
function overheard(inner: Transport, onWrite: (text: string) => void): Transport {
  const overhear = (pipe: Pipe): Pipe => ({
    ...pipe,
    async write(bytes) {
      onWrite(Buffer.from(bytes).toString('latin1'))
      await pipe.write(bytes)
    },
  })
  return {
    address: inner.address,
    async connect(signal) {
      const connection = await inner.connect(signal)
      return { ...connection, exec: async (command) => overhear(await connection.exec(command)) }
    },
  }
}

/** A file is there before its line is. */
function endOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd() : ''
}
