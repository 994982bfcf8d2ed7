// When a host is tried again: after a while, at once for a person and after a sleep, and not in vain for a refusal.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type Fleet } from '../../electron/hosts/fleet.ts'
import { TransportError } from '../../electron/hosts/transport.ts'
import type { BlobStore, LogStore } from '../../electron/ports/logs.ts'
import { hostName, order } from '../helpers/host-kit.ts'
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'
import { seededDice } from '../helpers/world.ts'

let clock: VirtualClock
let fleet: Fleet
let tries: number
let failure: TransportError
let hangs: boolean

beforeEach(() => {
  clock = virtualClock()
  tries = 0
  hangs = false
  failure = new TransportError('host_unreachable', 'no route')
  fleet = openFleet({
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
      async connect(signal) {
        tries++
        if (hangs) await new Promise((_, fail) => signal.addEventListener('abort', fail))
        throw failure
      },
    }),
    logs: {} as LogStore,
    blobs: {} as BlobStore,
    clock,
    dice: seededDice(2),
  })
  // An attempt that may live there: it is never given up, so the host is needed for ever.
  fleet.watch(hostName, order('true'))
})

afterEach(() => fleet.close())

async function intoLongBackoff(): Promise<void> {
  await clock.flow(300_000)
  const before = tries
  await clock.flow(5_000)
  expect(tries - before).toBeLessThanOrEqual(1)
}

test('a host that is out of reach is tried twice a minute or more seldom, and again and again', async () => {
  await clock.flow(60_000)
  expect(tries).toBeGreaterThan(5)
  const before = tries
  await clock.flow(3_600_000)
  expect(tries - before).toBeGreaterThan(120)
  expect(tries - before).toBeLessThan(3_600 / 7.5)
})

test('a wake-up tries at once, and begins with short waits anew', async () => {
  await intoLongBackoff()
  const before = tries
  fleet.wake()
  await clock.flow(0)
  expect(tries).toBe(before + 1)
  await clock.flow(3_000)
  expect(tries).toBeGreaterThan(before + 2)
})

test('a login that hangs since before the sleep is not waited for', async () => {
  await intoLongBackoff()
  failure = new TransportError('host_unreachable', 'never told')
  hangs = true
  fleet.wake()
  await clock.flow(10)
  const before = tries
  clock.step(3_600_000)
  fleet.wake()
  await clock.flow(600)
  expect(tries).toBe(before + 1)
  // One that has only begun goes on.
  fleet.wake()
  await clock.flow(2_000)
  expect(tries).toBe(before + 1)
})

test('a sleep is noticed without being told of', async () => {
  await intoLongBackoff()
  clock.step(8 * 3_600_000)
  const before = tries
  await clock.flow(5_001)
  expect(tries).toBeGreaterThan(before)
})

test('what only a person can mend is looked at once a minute, not after a sleep, and at once when the person says so', async () => {
  failure = new TransportError('ssh_auth_failure', 'no key', { permanent: true })
  fleet.wake()
  await clock.flow(30_000)
  const before = tries
  await clock.flow(600_000)
  expect(tries - before).toBe(10)
  fleet.wake()
  await clock.flow(0)
  expect(tries - before).toBe(10)
  fleet.retry(hostName)
  await clock.flow(0)
  expect(tries - before).toBe(11)
})

test('a host that is too busy is tried every few seconds', async () => {
  failure = new TransportError('host_unreachable', 'MaxStartups', { isBusy: true })
  await clock.flow(120_000)
  const before = tries
  await clock.flow(120_000)
  expect(tries - before).toBeGreaterThanOrEqual(120 / 14)
  expect(tries - before).toBeLessThanOrEqual(120 / 2)
})
