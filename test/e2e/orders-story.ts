// What the demo's pipeline must come to, told once for every place where it runs.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { sluiceJson, type Typed } from './command.ts'
import {
  causeOf,
  expectRun,
  expectTask,
  fixByRemedy,
  openLog,
  runFromScreens,
} from './run-screens.ts'

export interface RunDocument {
  run: string
  state: string
  tasks: { task: string; state: string; attempts: { exit: number | null; logBytes: number }[] }[]
}

/** Need nothing that failed: they are not run again. */
export const unharmed = ['clean_customers', 'land', 'validate_customers', 'validate_rates']
export const runAgain = [
  'by_day',
  'by_region',
  'clean_orders',
  'convert',
  'join',
  'publish',
  'top_customers',
  'validate_orders',
]

/** Run, failure, cause, fix, resume, all by the screens. Gives the run. */
export async function tellByScreens(page: Page): Promise<string> {
  const run = await runFromScreens(page, 'orders')
  await expectTask(page, 'land', 'Running')
  const log = await openLog(page, 'land')
  await expect(log.getByText(/\d+ B/)).toBeVisible()
  await expectTask(page, 'land', 'Succeeded')
  await expectTask(page, 'validate_orders', 'Failed')
  await expectRun(page, 'Failed')
  await expectTask(page, 'publish', 'Upstream failed')

  const cause = causeOf(page)
  await expect(cause.getByRole('heading', { name: 'Schema mismatch' })).toBeVisible()
  const evidence = cause.getByRole('listitem').filter({ hasText: 'found "amount_eur"' })
  await expect(evidence).toContainText('orders-berlin.csv: expected column "amount" (4th)')
  await expect(cause.getByText('Held up by this: 7 tasks')).toBeVisible()

  const plan = await fixByRemedy(page, 'edge')
  const decisionOn = (task: string): Locator =>
    plan.getByRole('listitem').filter({ has: page.getByText(task, { exact: true }) })
  for (const task of unharmed) await expect(decisionOn(task)).toContainText('Reuse')
  for (const task of runAgain) await expect(decisionOn(task)).toContainText('Run again')
  await plan.getByRole('button', { name: 'Resume, run 8 tasks' }).click()
  await expectRun(page, 'Succeeded')
  await expectTask(page, 'publish', 'Succeeded')
  return run
}

/** What the engine has recorded: nothing ran that was not needed. */
export async function expectOnlyNeededRan(at: Typed, run: string): Promise<void> {
  const found = await sluiceJson<RunDocument>(at, 'show', run)
  expect(found.state).toBe('succeeded')
  const attempts = Object.fromEntries(found.tasks.map((task) => [task.task, task.attempts.length]))
  const expected = [...unharmed, ...runAgain].map((task) => [
    task,
    task === 'validate_orders' ? 2 : 1,
  ])
  expect(attempts).toEqual(Object.fromEntries(expected))
}

/** The report is whole on the host that publishes it. */
export async function expectReport(cloudHome: string): Promise<void> {
  const text = await readFile(join(cloudHome, 'published', 'report.txt'), 'utf8')
  expect(text).toContain('Orders up to 2026-01-14, region: all, amounts in EUR')
  for (const table of ['by-region', 'by-day', 'top-customers']) expect(text).toContain(table)
  const page = await readFile(join(cloudHome, 'published', 'report.html'), 'utf8')
  expect(page).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
}
