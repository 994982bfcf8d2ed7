import { expect, test } from 'vitest'
import { openReadySoon } from '../../electron/hosts/ready-soon.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

/** Starts at these ms, with so many attempts live: how often the host was asked. */
async function asked(starts: readonly (readonly [atMs: number, live: number])[]): Promise<number> {
  const clock = virtualClock()
  const ready = openReadySoon(clock)
  let count = 0
  let now = 0
  for (const [atMs, live] of starts) {
    await clock.flow(atMs - now)
    now = atMs
    ready.started(live, () => count++)
  }
  await clock.flow(1000)
  return count
}

test('H2: a host makes itself ready after each of several starts that come one by one', async () => {
  expect(
    await asked([
      [0, 1],
      [40, 1],
      [80, 1],
    ]),
  ).toBe(3)
  expect(
    await asked([
      [0, 1],
      [5, 1],
    ]),
  ).toBe(1)
})

test('H2: a host full of short tasks makes no spares, one full of long tasks does', async () => {
  const crowd = Array.from({ length: 50 }, (_, index) => [index * 60, 8] as const)
  expect(await asked(crowd)).toBe(1)
  expect(
    await asked([
      [0, 8],
      [3000, 8],
      [9000, 8],
    ]),
  ).toBe(3)
})

test('a closed host is not asked', async () => {
  const clock = virtualClock()
  const ready = openReadySoon(clock)
  let count = 0
  ready.started(1, () => count++)
  ready.close()
  await clock.flow(1000)
  expect(count).toBe(0)
})
