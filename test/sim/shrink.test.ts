import { expect, test } from 'vitest'
import { randomCase } from './random-case.ts'
import { sayCase } from './say-case.ts'
import { shrink } from './shrink.ts'
import type { SimCase } from './sim-case.ts'

const isCutOfB = ({ deeds }: SimCase): boolean =>
  deeds.some((deed) => deed.do === 'cut' && deed.host === 'b')

function caseWithCut(): SimCase {
  for (let seed = 1; ; seed += 1) {
    const sim = randomCase(seed)
    if (isCutOfB(sim) && Object.keys(sim.tasks).length > 5) return sim
  }
}

test('a case is made as small as what breaks in it, and can still be read', async () => {
  const { sim } = await shrink(caseWithCut(), async (smaller) => isCutOfB(smaller), 10_000)
  expect(sim.deeds).toEqual([{ afterMs: 0, do: 'cut', host: 'b' }])
  expect(Object.keys(sim.tasks)).toHaveLength(1)
  expect(sim.kills).toEqual([])
  expect(sayCase(sim)).toMatch(/^t0: .*\nlimits: .*\n\+0\.0 s cut host b$/)
})

test('shrinking stops when its tries are used up', async () => {
  const { tries } = await shrink(caseWithCut(), async () => true, 7)
  expect(tries).toBe(7)
})
