import { expect, test } from 'vitest'
import { failedUnbegun } from '../../electron/cli/failed-unbegun.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'

test('a failed sub-pipeline points to its run, a rejected question to who said so', async () => {
  const world = makeWorld()
  const approval = { message: 'go?', form: [], timeoutMs: 1000, onTimeout: 'reject' as const }
  const plan = { ...sketchPlan({ one: {} }, 'child'), pipeline: 'part' }
  const run = world.start(
    { sub: { child: { plan, late: {} } }, ok: { approval } },
    { one: { exit: 1 } },
  )
  const view = await world.finish(run)
  const { child } = world.task(run, 'sub')
  expect(failedUnbegun(view)).toBe(
    `Run ${run} is failed:\n` +
      `  sub: its run ${child} failed.  Look there: sluice explain ${child}\n` +
      '  ok: rejected: nobody answered in time.\n',
  )
})

test('a run whose failures have logs of their own has none of them', async () => {
  const world = makeWorld()
  const run = world.start({ one: {}, two: { needs: ['one'] } }, { one: { exit: 1 } })
  expect(failedUnbegun(await world.finish(run))).toBe('')
})
