import { expect, test } from 'vitest'
import { simulate } from './simulate.ts'

// More lives, or one again: SLUICE_SIM_SEEDS=5000 SLUICE_SIM_FROM=1 vitest run --project unit test/sim
const from = Number(process.env['SLUICE_SIM_FROM'] ?? 1)
const count = Number(process.env['SLUICE_SIM_SEEDS'] ?? 150)

test(
  `the promises hold over ${count} random lives from seed ${from}`,
  { timeout: 600_000 },
  async () => {
    let crashes = 0
    for (let seed = from; seed < from + count; seed += 1) {
      try {
        crashes += (await simulate(seed)).crashes
      } catch (error) {
        throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error })
      }
    }
    expect(crashes).toBeGreaterThan(0)
  },
)
