import { expect, test } from 'vitest'
import { makeWorld } from '../helpers/world.ts'

test('a task whose values cannot be read has failed, is tried again, and feeds nothing', async () => {
  const world = makeWorld()
  const retries = { max: 1, delayMs: 1000, backoff: 'fixed' as const, capMs: 1000, jitter: 0 }
  const why = '$SLUICE_OUTPUT, line 2: "foo" is neither a key=value line nor a JSON object.'
  const run = world.start(
    { good: { retries }, bad: {}, after: { needs: ['bad'] } },
    { good: [{ badValues: why }, { values: { n: '1' } }], bad: { badValues: why } },
  )
  await world.finish(run)
  expect(world.states(run)).toEqual({ good: 'succeeded', bad: 'failed', after: 'upstream_failed' })
  expect(world.task(run, 'good').attempts).toHaveLength(2)
  expect(JSON.stringify(world.events(run))).toContain(
    'what it handed back cannot be read: $SLUICE_',
  )
})
