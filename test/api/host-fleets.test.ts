import { expect, test } from 'vitest'
import { followWorkspace, openHostFleets } from '../../electron/api/host-fleets.ts'
import type { HostFleets } from '../../electron/api/host-fleets.ts'
import type { Fleet } from '../../electron/hosts/fleet.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { TransportError } from '../../electron/hosts/transport.ts'
import type { Trust } from '../../electron/hosts/trust.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { HostRow } from '../../shared/api/views.ts'
import type { HostReport } from '../../electron/ports/hosts.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'

function spec(name: string, port: number): HostSpec {
  const nothing = { ssh: null, user: null, key: null, labels: [], folder: null }
  return { ...nothing, name, kind: 'ssh', address: '127.0.0.1', port, slots: port % 10 }
}

interface FakeFleet {
  ports: number[]
  said: string[]
  report: (report: HostReport) => void
  isClosed: boolean
}

function openWith(
  specs: readonly HostSpec[],
  trust: Partial<Trust> = {},
): { fleets: HostFleets; made: FakeFleet[] } {
  const made: FakeFleet[] = []
  const openFleet = (hosts: readonly HostSpec[]): Fleet => {
    const fake: FakeFleet = {
      ports: hosts.map(({ port }) => port ?? 0),
      said: [],
      report: () => {},
      isClosed: false,
    }
    made.push(fake)
    const rowOf = ({ name, port }: HostSpec): HostRow =>
      ({ name, address: String(port) }) as HostRow
    return {
      start: (host: string) => fake.said.push(`start ${host}`),
      cancel: (host: string, key: string) => fake.said.push(`cancel ${host} ${key}`),
      release: (host: string, key: string) => fake.said.push(`release ${host} ${key}`),
      rows: () => hosts.map(rowOf),
      onReport(listener: (report: HostReport) => void) {
        fake.report = listener
        return () => {}
      },
      onRow: () => () => {},
      retry: (host: string) => fake.said.push(`retry ${host}`),
      check: async (host: string) => {
        fake.said.push(`check ${host}`)
        return { name: host } as HostRow
      },
      runOnce: async () => {
        throw new TransportError('host_unreachable', 'Nothing listens there.')
      },
      close: () => (fake.isClosed = true),
    } as unknown as Fleet
  }
  return {
    fleets: openHostFleets({
      workspace: { hosts: specs, pools: [], environments: [] },
      cordons: { get: () => null, set: () => {} },
      clock: systemClock,
      openFleet,
      trust: trust as Trust,
    }),
    made,
  }
}

const orderOf = (key: string): Parameters<HostFleets['start']>[1] =>
  ({ key }) as Parameters<HostFleets['start']>[1]

test('a host that changed in the file takes new work at its new place; others keep their link', () => {
  const { fleets, made } = openWith([spec('a', 22), spec('b', 23)])
  fleets.update({ hosts: [spec('a', 22), spec('b', 24)], pools: [], environments: [] })
  fleets.start('a', orderOf('k1'))
  fleets.start('b', orderOf('k2'))
  expect(made.map(({ ports, said }) => [ports, said])).toEqual([
    [[22, 23], ['start a']],
    [[24], ['start b']],
  ])
  expect(fleets.rows().map(({ address }) => address)).toEqual(['22', '24'])
  expect(fleets.slotsOf('b')).toBe(4)
})

test('what the older link still reports reaches the engine, and a host that is gone is no row', () => {
  const { fleets, made } = openWith([spec('a', 22), spec('b', 23)])
  const reports: HostReport[] = []
  fleets.onReport((report) => reports.push(report))
  fleets.update({ hosts: [spec('a', 25)], pools: [], environments: [] })
  const absent: HostReport = { kind: 'absent', host: 'a', key: 'k' as AttemptKey }
  made[0]?.report(absent)
  expect(reports).toEqual([absent])
  expect(fleets.rows().map(({ name }) => name)).toEqual(['a'])
  fleets.close()
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, true])
})

test('E5: while sluice.yaml has errors, limits stay as they were', () => {
  const { fleets } = openWith([spec('a', 22)])
  const good = {
    hosts: [spec('a', 22)],
    pools: [],
    environments: [],
    semaphores: [{ name: 'db', slots: 2, starts: null }],
    defaultEnvironment: 'default',
  }
  followWorkspace(fleets, { spec: good, problems: [] })
  const broken = { ...good, hosts: [], semaphores: [] }
  const problem = { line: 1, column: 1, path: '', message: 'Not YAML.', hint: '' }
  const problems = [{ ...problem, file: 'sluice.yaml', severity: 'error' as const }]
  followWorkspace(fleets, { spec: broken, problems })
  expect([fleets.semaphoreOf('db')?.slots, fleets.slotsOf('a'), fleets.hasHost('a')]).toEqual([
    2,
    2,
    true,
  ])
  followWorkspace(fleets, { spec: broken, problems: [] })
  expect([fleets.semaphoreOf('db'), fleets.hasHost('a')]).toEqual([null, false])
})

test('the health of a host says whose trouble it was: an attempt ended so, not the host', () => {
  const { fleets } = openWith([spec('a', 22), spec('b', 22)])
  fleets.useEngine({
    load: () => ({ used: 0, queued: 0 }),
    health: (host) =>
      host === 'a' ? { score: 0.5, why: 'the host restarted while it ran' } : { score: 1, why: '' },
    poolLoad: () => ({ used: 0, queued: 0 }),
    stir: () => {},
  })
  expect(fleets.rows().map(({ health }) => health)).toEqual([
    { score: 0.5, why: 'an attempt on it went wrong: the host restarted while it ran' },
    { score: 1, why: '' },
  ])
})

test('the same hosts again, or with other slots and labels, open nothing', () => {
  const { fleets, made } = openWith([spec('a', 22)])
  fleets.update({ hosts: [spec('a', 22)], pools: [], environments: [] })
  const more = { ...spec('a', 22), slots: 7, labels: ['gpu'] }
  fleets.update({ hosts: [more], pools: [], environments: [] })
  expect(made).toHaveLength(1)
  expect(fleets.slotsOf('a')).toBe(7)
  expect(fleets.rows()).toMatchObject([{ name: 'a', slots: 7, labels: ['gpu'] }])
})

test('what was started at the old place of a host is cancelled and released there', () => {
  const { fleets, made } = openWith([spec('a', 22)])
  const [old, later] = ['old', 'later'] as AttemptKey[]
  fleets.start('a', orderOf(old!))
  fleets.update({ hosts: [spec('a', 23)], pools: [], environments: [] })
  fleets.start('a', orderOf(later!))
  fleets.cancel('a', old!, 1000)
  fleets.release('a', old!)
  made[0]?.report({ kind: 'released', host: 'a', key: old! })
  // Nobody knows it any more: the place that has the name now is asked.
  fleets.cancel('a', old!, 1000)
  expect(made.map(({ said }) => said)).toEqual([
    ['start a', 'cancel a old', 'release a old'],
    ['start a', 'cancel a old'],
  ])
})

test('a key that another process was shown is looked at here before it is trusted', async () => {
  const said: string[] = []
  let shown = false
  const { fleets, made } = openWith([spec('a', 22)], {
    async accept(host, fingerprint) {
      said.push(`accept ${host} ${fingerprint}`)
      if (!shown) {
        shown = true
        throw new AppError('not-found', 'That key was not shown.')
      }
    },
  })
  await fleets.trust('a', 'SHA256:x')
  expect(said).toEqual(['accept a SHA256:x', 'accept a SHA256:x'])
  expect(made[0]?.said.filter((words) => words.startsWith('check'))).toHaveLength(2)
})

test('a remedy on a host that is out of reach says so, and is no bug', async () => {
  const { fleets } = openWith([spec('a', 22)])
  await expect(fleets.runOnce('a', 'true')).rejects.toMatchObject({
    code: 'host-unreachable',
    message: 'Nothing listens there.',
  })
})
