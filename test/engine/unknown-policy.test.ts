// E4: when the policy of a task acts on an attempt of unknown outcome, to the millisecond.
import { expect, test } from 'vitest'
import {
  leaseEndsAfterMs,
  leaseMsOf,
  unknownDueAt,
  unknownPolicy,
  whyNoFailover,
} from '../../electron/engine/unknown-policy.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'

function task(sketch: TaskSketch): PlannedTask {
  const [planned] = sketchPlan({ t: { hosts: ['a', 'b'], graceMs: 1000, ...sketch } }).tasks
  if (planned === undefined) throw new Error('The sketch has no task')
  return planned
}

const failover = (waitMs: number): TaskSketch => ({ onUnknown: { waitMs, then: 'failover' } })
const day = 24 * 3_600_000

// A lease is a minute at least; it may overrun by an eighth, and the stop takes the grace and half a minute.
test.each<[TaskSketch, string, number | null, number | null]>([
  [{}, 'fail', null, 5000 + day],
  [{ onUnknown: { waitMs: 7, then: 'fail' } }, 'fail', null, 5007],
  [{ onUnknown: { waitMs: 7, then: 'ask' } }, 'ask', null, null],
  [failover(0), 'failover', 60_000, 5000 + 67_500 + 31_000],
  [failover(60_001), 'failover', 60_001, 5000 + 67_502 + 31_000],
  [failover(800_000), 'failover', 800_000, 5000 + 900_000 + 31_000],
  [{ ...failover(9), effect: 'pure' }, 'failover', 60_000, 5000 + 67_500 + 31_000],
  [{ ...failover(9), effect: 'external' }, 'ask', null, null],
  [{ ...failover(9), hosts: ['a'] }, 'ask', null, null],
])('%j: %s, with a lease of %s ms, acts at %s', (sketch, then, leaseMs, dueAt) => {
  const planned = task(sketch)
  expect(unknownPolicy(planned).then).toBe(then)
  expect(leaseMsOf(planned)).toBe(leaseMs)
  expect(unknownDueAt(planned, { unknownAt: 5000 }, 9999)).toBe(dueAt)
  expect(unknownDueAt(planned, {}, 5000)).toBe(dueAt)
})

test('where no host needs to stop it, only the grace and the margin are waited for', () => {
  expect(leaseEndsAfterMs(task({}))).toBe(31_000)
})

test('why nothing may take over names the effect, or the one host', () => {
  expect(whyNoFailover(task({ effect: 'irreversible' }))).toBe(
    'its effect is irreversible, so it may not run twice',
  )
  expect(whyNoFailover(task({ hosts: ['a'] }))).toBe('it has no other host than a')
  expect(whyNoFailover(task({ effect: 'pure' }))).toBeNull()
})
