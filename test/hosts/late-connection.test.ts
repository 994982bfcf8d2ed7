// A connection that is made after its asker has left is closed: it would hold a process that wants to end.
import { expect, test } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openFleet } from '../../electron/hosts/fleet.ts'
import type { Connection } from '../../electron/hosts/transport.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import { hostName, order } from '../helpers/host-kit.ts'

test('a fleet that is closed while it connects closes what comes of it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-late-'))
  const asked = Promise.withResolvers<(connection: Connection) => void>()
  const logs = openLogFiles(join(dir, 'logs'), systemClock)
  const host = { name: hostName, kind: 'ssh', ssh: null, address: 'far.example' } as const
  const fleet = openFleet({
    hosts: [{ ...host, port: null, user: null, key: null, labels: [], slots: 1, folder: null }],
    transportOf: () => ({
      address: 'far.example',
      connect: () => new Promise((resolve) => asked.resolve(resolve)),
    }),
    logs,
    blobs: openBlobFiles(join(dir, 'blobs')),
    clock: systemClock,
    dice: systemDice,
  })
  fleet.start(hostName, order('true'))
  const answer = await asked.promise
  fleet.close()
  let closed = 0
  answer({ close: () => void closed++ } as unknown as Connection)
  await nextTurn()
  expect(closed).toBe(1)
  await logs.closeFiles()
  await rm(dir, { recursive: true, force: true })
})
