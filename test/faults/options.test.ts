import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { campaignOptions } from './options.ts'

const campaign = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'faults.ts'), ...args], {
    encoding: 'utf8',
  })

test('--help tells the usage and plays nothing', () => {
  const { status, stdout, stderr } = campaign('--help')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^Usage: npm run test:faults/)
})

test('an option that is unknown or senseless is named, with exit 2', () => {
  const { status, stdout, stderr } = campaign('--sede', '4')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toContain("Unknown option '--sede'")
  for (const [args, words] of [
    [['--kind', 'earthquake'], 'There is no kind "earthquake".'],
    [['--except', 'cut'], 'There is no kind "cut".'],
    [['--cases', '-1'], "Option '--cases' argument is ambiguous."],
    [['--cases', 'many'], '--cases must be a whole number, not many'],
    [['--workers', '0'], '--workers must be 1 at least'],
    [['500'], "Unexpected argument '500'"],
  ] as const)
    expect(campaignOptions(args)).toContain(words)
})

test('what is not asked for has its usual value', () => {
  expect(campaignOptions(['--seed', '7'])).toMatchObject({ seed: 7, cases: 500, keep: false })
})
