import { expect, test } from 'vitest'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'

test('a wait is never shorter than asked', async () => {
  for (const delayMs of [0, 1, 5, 12]) {
    const before = systemClock.monotonic()
    await new Promise<void>((resolve) => systemClock.after(delayMs, resolve))
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(delayMs)
  }
})

test('a wait of more than 24 days does not come at once, and a cancelled one never', async () => {
  const came: string[] = []
  const stopLong = systemClock.after(2 ** 32, () => came.push('long'))
  systemClock.after(1, () => came.push('cancelled'))()
  await new Promise<void>((resolve) => systemClock.after(20, resolve))
  stopLong()
  expect(came).toEqual([])
})

test('tails have the length and the letters asked for', () => {
  expect(systemDice.tail(8)).toMatch(/^[0-9a-z]{8}$/)
  expect(new Set(Array.from({ length: 100 }, () => systemDice.tail(8))).size).toBe(100)
})
