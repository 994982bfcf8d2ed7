// The life of a link over a real sshd and a network that stands still, forgets and cuts.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openFleet } from '../../electron/hosts/fleet.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import { openBadNetwork, type BadNetwork } from '../helpers/bad-network.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'

/** A slow machine may take this much longer for anything. */
const slackMs = 10_000

const never = new AbortController().signal

describe.skipIf(skipReason !== null)('a link', () => {
  let dir: string
  let sshd: TestSshd
  let network: BadNetwork
  let kit: HostKit

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-links-'))
    sshd = await startSshd({ dir, name: 'h' })
    network = await openBadNetwork({ port: sshd.port })
    const known = join(dir, 'known')
    const key = readFileSync(sshd.knownHostsFile, 'utf8').split(' ').slice(1).join(' ')
    const trust = openTrust(known)
    writeFileSync(known, `[127.0.0.1]:${network.port} ${key}`)
    const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
    const spec = { ...sshd.spec, port: network.port }
    kit = await openHostKit({
      transport: sshTransport(spec, { config, trust, clock: systemClock }),
      folder: join(sshd.home, '.sluice'),
    })
  })
  afterEach(() => {
    network.thaw()
  })
  afterAll(async () => {
    await kit.close()
    await network.close()
    await sshd.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  test('a peer that is gone without a word is noticed in seconds while an attempt runs, and the attempt goes on', async () => {
    const task = order('sleep 4; echo done')
    kit.start(task)
    await kit.report('started', task.key)
    // Nobody has asked for it.
    await expect.poll(() => kit.fleet.rows()[0]?.roundTripMs).toBeGreaterThan(0)
    network.forget()
    const forgottenAt = performance.now()
    await kit.report('unlinked')
    const tookMs = performance.now() - forgottenAt
    expect(tookMs).toBeGreaterThan(2_000)
    expect(tookMs).toBeLessThan(8_000 + slackMs)
    const { end } = await kit.report('ended', task.key)
    expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
    await kit.report('log_closed', task.key)
    expect((await kit.wholeLog(task.key)).toString()).toBe('done\n')
  })

  test('a wake-up finds out in seconds that a link is dead, also one that nothing needs', async () => {
    await kit.fleet.check(hostName, never)
    network.forget()
    kit.fleet.wake()
    await expect
      .poll(() => kit.fleet.rows()[0]?.link, { timeout: 8_000 + slackMs })
      .not.toBe('linked')
    expect((await kit.fleet.check(hostName, never)).link).toBe('linked')
  })

  test('a wake-up leaves a link alone that lives', async () => {
    await kit.fleet.check(hostName, never)
    const { made } = network
    kit.fleet.wake()
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    expect(kit.fleet.rows()[0]?.link).toBe('linked')
    expect(network.made).toBe(made)
  })

  test('an agent that is killed is noticed at once, and the attempt is not lost with it', async () => {
    kit.forget()
    const task = order('sleep 3; echo done')
    kit.start(task)
    await kit.report('started', task.key)
    kit.forget()
    const killedAt = performance.now()
    killAgent(join(sshd.home, '.sluice'))
    await kit.report('unlinked')
    expect(performance.now() - killedAt).toBeLessThan(2_000 + slackMs)
    expect((await kit.report('ended', task.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
    await kit.report('log_closed', task.key)
    expect((await kit.wholeLog(task.key)).toString()).toBe('done\n')
  })

  test('an idle link says next to nothing', async () => {
    await kit.fleet.check(hostName, never)
    const { bytesUp, bytesDown } = network
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    expect(network.bytesUp - bytesUp).toBeLessThan(500)
    expect(network.bytesDown - bytesDown).toBeLessThan(500)
  })

  test('a link that breaks whenever it is up is left alone for longer each time', async () => {
    kit.forget()
    const task = order('sleep 6; echo done')
    kit.start(task)
    await kit.report('started', task.key)
    const before = kit.link.connects
    const until = performance.now() + 5_000
    while (performance.now() < until) {
      if (kit.fleet.rows()[0]?.link === 'linked') kit.link.cut()
      await wait(10)
    }
    // Without a pause some hundred.
    expect(kit.link.connects - before).toBeGreaterThan(0)
    expect(kit.link.connects - before).toBeLessThan(12)
    await kit.report('log_closed', task.key)
    expect((await kit.wholeLog(task.key)).toString()).toBe('done\n')
  })
})

describe.skipIf(skipReason !== null)('many hosts behind one door', () => {
  test('B1: twenty links come up through MaxStartups 3:50:5 without one that is turned away', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-door-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const sshd = await startSshd({ dir, name: 'h', extraConfig: 'MaxStartups 3:50:5' })
    onTestFinished(() => sshd.stop())
    const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
    const trust = openTrust(sshd.knownHostsFile)
    const hosts = Array.from({ length: 20 }, (_, index) => ({
      ...sshd.spec,
      name: `h${index}`,
      folder: join(sshd.home, `h${index}`),
    }))
    const fleet = openFleet({
      hosts,
      transportOf: (spec) => sshTransport(spec, { config, trust, clock: systemClock }),
      logs: openLogFiles(join(dir, 'logs'), systemClock),
      blobs: openBlobFiles(join(dir, 'blobs')),
      clock: systemClock,
      dice: systemDice,
    })
    onTestFinished(() => fleet.close())
    const limit = AbortSignal.timeout(90_000)
    const rows = await Promise.all(hosts.map(({ name }) => fleet.check(name, limit)))
    expect(rows.map(({ link }) => link)).toEqual(hosts.map(() => 'linked'))
    expect(sshd.log()).not.toContain('MaxStartups throttling')
    expect(sshd.log().match(/Accepted publickey/g)).toHaveLength(20)
  })
})

/** A box is named by the loop that reads it, its start, its notifier and its client. */
function killAgent(folder: string): void {
  const [box = ''] = readdirSync(join(folder, 'inbox'))
  process.kill(Number(box.split('-')[0]), 'SIGKILL')
}
