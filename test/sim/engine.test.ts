import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { anyCase, live } from './any-case.ts'
import type { AnyCase } from './any-case.ts'

// More lives: npm run test:sim
const LIVES = 300

test(`the promises hold over ${LIVES} random lives`, { timeout: 600_000 }, async () => {
  let kills = 0
  for (let seed = 1; seed <= LIVES; seed += 1) {
    try {
      kills += (await live(anyCase(seed)))['engine killed'] ?? 0
    } catch (error) {
      throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
  expect(kills).toBeGreaterThan(0)
})

// Each broke a promise once, made small.
const cases = new URL('./cases/', import.meta.url)
for (const file of readdirSync(cases)) {
  test(`the promises hold in ${file}`, async () => {
    const sim = JSON.parse(readFileSync(new URL(file, cases), 'utf8')) as AnyCase
    await expect(live(sim)).resolves.toBeDefined()
  })
}
