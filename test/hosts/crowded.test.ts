// Hosts that allow little: few sessions, few logins at once, many who want them. Nothing that was ordered may fail for it.
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { openBadNetwork, type BadNetwork } from '../helpers/bad-network.ts'
import { hostName, openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { skipReason, startSshd, type TestSshd } from '../helpers/sshd.ts'

const homes = 5
const tasksPerHome = 100
const cuts = 10

describe.skipIf(skipReason !== null)('a host that allows little', () => {
  test('H1: 500 tasks of five homes through MaxSessions 2, MaxStartups 3:50:5 and ten cuts: none fails, none runs twice', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-crowded-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const extraConfig = 'MaxSessions 2\nMaxStartups 3:50:5\nLoginGraceTime 20'
    const sshd = await startSshd({ dir, name: 'h', extraConfig })
    onTestFinished(() => sshd.stop())
    const network = await openBadNetwork({ port: sshd.port })
    onTestFinished(() => network.close())
    const kits = await Promise.all(
      Array.from({ length: homes }, (_, home) => openKit(dir, sshd, network, `home${home}`)),
    )
    const marks = join(dir, 'marks')
    mkdirSync(marks)

    // Whoever else is logging in at the start: sshd turns away three of four, then all.
    const crowd = await hangAtTheDoor(sshd, 4)
    const keys = kits.map((kit) => orderTasks(kit, marks))
    await expect.poll(() => turnedAway(sshd), { timeout: 60_000 }).toBeGreaterThan(0)
    for (const socket of crowd) socket.destroy()

    // Each after as much work again.
    for (let cut = 1; cut <= cuts; cut++) {
      const share = Math.floor((cut * homes * tasksPerHome) / (cuts + 1))
      await expect.poll(() => endedIn(kits) >= share, { timeout: 60_000 }).toBe(true)
      network.cut()
    }

    await expect.poll(() => endedIn(kits), { timeout: 120_000 }).toBe(homes * tasksPerHome)
    for (const [home, kit] of kits.entries()) {
      const bad = kit.reports.filter(
        (report) =>
          report.kind === 'ended' && !(report.end.outcome === 'exited' && report.end.exit === 0),
      )
      expect(bad).toEqual([])
      expect(kit.errors).toEqual([])
      await Promise.all(keys[home]!.map((key) => kit.report('log_closed', key)))
      for (const key of keys[home]!) expect((await kit.wholeLog(key)).toString()).toBe(`${key}\n`)
    }
    // Each task leaves one mark for each time it ran.
    const ran = readdirSync(marks).map((name) => readFileSync(join(marks, name), 'utf8'))
    expect(ran).toHaveLength(homes * tasksPerHome)
    expect(new Set(ran)).toEqual(new Set(['ran\n']))
    expect(turnedAway(sshd)).toBeGreaterThan(0)
  })

  async function openKit(
    dir: string,
    sshd: TestSshd,
    network: BadNetwork,
    client: string,
  ): Promise<HostKit> {
    const known = join(dir, `known-${client}`)
    const key = readFileSync(sshd.knownHostsFile, 'utf8').split(' ').slice(1).join(' ')
    writeFileSync(known, `[127.0.0.1]:${network.port} ${key}`)
    const config = openSshConfig({ env: {}, clock: systemClock, file: sshd.configFile })
    const spec = { ...sshd.spec, port: network.port }
    const transport = sshTransport(spec, { config, trust: openTrust(known), clock: systemClock })
    const kit = await openHostKit({ transport, folder: join(sshd.home, '.sluice'), client })
    onTestFinished(() => kit.close())
    return kit
  }
})

function orderTasks(kit: HostKit, marks: string): ReturnType<typeof order>['key'][] {
  return Array.from({ length: tasksPerHome }, (_, index) => {
    const task = order('')
    const pauseS = (index % 10) / 10
    const run = `echo ran >>${marks}/${task.key}; sleep ${pauseS}; echo ${task.key}`
    // As an engine gives them: some at once, others when there is room.
    setTimeout(() => kit.fleet.start(hostName, { ...task, run }), Math.floor(index / 10) * 700)
    return task.key
  })
}

function endedIn(kits: readonly HostKit[]): number {
  return kits.reduce(
    (sum, kit) =>
      sum + new Set(kit.reports.flatMap((one) => (one.kind === 'ended' ? [one.key] : []))).size,
    0,
  )
}

async function hangAtTheDoor(sshd: TestSshd, count: number): Promise<Socket[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = createConnection({ port: sshd.port, host: '127.0.0.1' })
      socket.on('error', () => {})
      await once(socket, 'connect')
      return socket
    }),
  )
}

function turnedAway(sshd: TestSshd): number {
  return sshd.log().match(/past MaxStartups|beginning MaxStartups throttling/g)?.length ?? 0
}
