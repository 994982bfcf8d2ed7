import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeAll(() => {
  home = openTestHome()
})

afterAll(() => home.close())

test('sluice demo tells the story without a terminal, keeps its promise and exits 0', async () => {
  const { code, stdout, stderr } = await home.run('demo')
  expect(stderr).toBe('')
  expect(stdout).toMatch(/1 Run it[^]*2 Why did it fail\?[^]*3 Fix it[^]*4 Resume[^]*5 Done/)
  expect(stdout).toContain('validate_orders failed: schema mismatch')
  expect(stdout).toContain('12 tasks, 11 of them ran exactly once')
  // eslint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001b/)
  expect(code).toBe(0)
}, 120_000)
