// The screens of a run as a person uses them: by their words, never by their insides.
import { expect, type Locator, type Page } from '@playwright/test'

/** A failed run needs its slowest script on a busy machine. */
const runMsMax = 60_000

/** From the list of pipelines to a run that goes; gives its id. */
export async function runFromScreens(page: Page, pipeline: string): Promise<string> {
  await page.getByRole('navigation').getByLabel('Pipelines').click()
  await page.getByText(pipeline, { exact: true }).first().click()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run', exact: true }).click()
  await page.waitForURL(/#\/runs\/\d{8}-/)
  return /#\/runs\/([^?]+)/.exec(page.url())?.[1] ?? ''
}

/** The graph is a drawing; what it shows is also said in a list. */
export function taskInGraph(page: Page, task: string, state: string): Locator {
  return page
    .getByRole('list', { name: 'Tasks' })
    .getByRole('button', { name: new RegExp(`^${task}, ${state}`) })
}

export async function expectTask(page: Page, task: string, state: string): Promise<void> {
  await expect(taskInGraph(page, task, state)).toHaveCount(1, { timeout: runMsMax })
}

export async function expectRun(page: Page, state: 'Failed' | 'Succeeded'): Promise<void> {
  const header = page.locator('header').first()
  await expect(header.getByText(state, { exact: true })).toBeVisible({ timeout: runMsMax })
}

export function causeOf(page: Page): Locator {
  return page.getByRole('complementary', { name: 'Root cause' })
}

export async function openLog(page: Page, task: string): Promise<Locator> {
  await taskInGraph(page, task, '').evaluate((button) => (button as { click(): void }).click())
  return page.getByRole('region', { name: `Log of ${task}` })
}

/** Runs the remedy that the cause offers, and asks for the plan of a resume. */
export async function fixByRemedy(page: Page, host: string): Promise<Locator> {
  const cause = causeOf(page)
  await cause.getByRole('button', { name: `Run on ${host}` }).click()
  await expect(cause.getByText(`Done on ${host}.`)).toBeVisible()
  await cause.getByRole('button', { name: 'Resume' }).click()
  const plan = page.getByRole('dialog')
  await expect(plan.getByRole('list', { name: 'Recovery plan' })).toBeVisible()
  return plan
}
