// A machine that slept while it connected: the time that nobody tried in says nothing about the host.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openFleet } from '../../electron/hosts/fleet.ts'
import { TransportError } from '../../electron/hosts/transport.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { systemDice } from '../../electron/system/dice.ts'
import type { HostReport } from '../../electron/ports/hosts.ts'
import { hostName, order } from '../helpers/host-kit.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

test('an attempt is not given up for a sleep, and is given up when the host is tried again in vain', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-asleep-'))
  const clock = virtualClock()
  const tries: ((error: Error) => void)[] = []
  const logs = openLogFiles(join(dir, 'logs'), clock)
  const reports: HostReport[] = []
  const fleet = openFleet({
    hosts: [
      {
        name: hostName,
        kind: 'ssh',
        ssh: null,
        address: 'far.example',
        port: null,
        user: null,
        key: null,
        labels: [],
        slots: 1,
        folder: null,
      },
    ],
    transportOf: () => ({
      address: 'far.example',
      connect: () => new Promise((_, reject) => tries.push(reject)),
    }),
    logs,
    blobs: openBlobFiles(join(dir, 'blobs')),
    clock,
    dice: systemDice,
  })
  fleet.onReport((report) => reports.push(report))
  const unreachable = new TransportError('host_unreachable', 'no answer')
  const ends = (): HostReport[] => reports.filter(({ kind }) => kind === 'ended')

  fleet.start(hostName, order('true'))
  await clock.flow(10)
  expect(tries).toHaveLength(1)
  await clock.flow(40_000) // lid closed
  tries[0]?.(unreachable)
  await clock.flow(5_000)
  expect(ends()).toEqual([])
  expect(tries.length).toBeGreaterThan(1)
  tries[1]?.(unreachable)
  await clock.flow(10)
  expect(ends()).toMatchObject([{ end: { outcome: 'not_started', cause: 'host_unreachable' } }])

  fleet.close()
  await logs.closeFiles()
  await rm(dir, { recursive: true, force: true })
})
