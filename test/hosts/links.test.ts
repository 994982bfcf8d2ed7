// The life of a link over a real sshd and a network that stands still, forgets and cuts.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { openBadNetwork, type BadNetwork } from '../helpers/bad-network.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'

/** A slow machine may take this much longer for anything. */
const slackMs = 10_000

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
    network.delayOf = () => 0
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

  test('an idle link says next to nothing', async () => {
    await kit.fleet.check(hostName, new AbortController().signal)
    const { bytesUp, bytesDown } = network
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(network.bytesUp - bytesUp).toBeLessThan(500)
    expect(network.bytesDown - bytesDown).toBeLessThan(500)
  })
})
