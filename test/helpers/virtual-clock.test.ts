import { expect, test } from 'vitest'
import { virtualClock } from './virtual-clock.ts'

test('callbacks come by due time, then by the order of asking, each at its own time', () => {
  const clock = virtualClock(1000)
  const seen: string[] = []
  const note = (name: string) => () => seen.push(`${name}@${clock.now()}`)
  clock.after(20, note('c'))
  clock.after(10, note('a'))
  clock.after(10, note('b'))
  clock.after(5, () => {
    seen.push(`first@${clock.now()}`)
    clock.after(5, note('nested'))
  })
  clock.advance(15)
  expect(seen).toEqual(['first@1005', 'a@1010', 'b@1010', 'nested@1010'])
  expect(clock.now()).toBe(1015)
  expect(clock.nextIn()).toBe(5)
})

test('what is cancelled does not come, and a step moves only the wall clock', () => {
  const clock = virtualClock(0)
  let fired = 0
  const cancel = clock.after(10, () => fired++)
  clock.after(10, () => fired++)
  cancel()
  cancel()
  expect(clock.pending()).toBe(1)
  clock.step(-500)
  clock.advance(9)
  expect([fired, clock.now(), clock.monotonic()]).toEqual([0, -491, 9])
  clock.advance(1)
  cancel()
  expect([fired, clock.pending()]).toEqual([1, 0])
})

test('flow lets promises run between callbacks', async () => {
  const clock = virtualClock(0)
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
  let steps = 0
  const loop = (async () => {
    for (; steps < 5; steps++) await wait(10)
  })()
  await clock.flow(50)
  expect(steps).toBe(5)
  await loop
})
