// The built screens over the scripted client, in a real Chromium under the server's content security policy.
import type { Page } from '@playwright/test'
import { expect, test } from 'vitest'
import { testMs, useHarness } from './harness/harness-page.ts'

const harness = useHarness()
let page: Page

async function open(hash: string, world = 'demo', live = false): Promise<void> {
  page = await harness.open(hash, `world=${world}${live ? '&live=1' : ''}`)
}

/** What can be pressed or filled in, and says nothing to somebody who does not see it. */
function nameless(): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, a[href], input, select, textarea')]
      .filter((each) => {
        const { labels } = each as HTMLInputElement
        const words = [each.ariaLabel, each.title, each.textContent, labels?.[0]?.textContent]
        return each.checkVisibility() && words.every((word) => (word ?? '').trim() === '')
      })
      .map((each) => each.outerHTML.slice(0, 200)),
  )
}

const failedRun = '#/runs/f41lq7zx'

test(
  'every screen opens under the policy, without an error, in each of its states',
  async () => {
    for (const world of ['trouble', 'empty']) {
      await open('#/now', world)
      for (const screen of ['Now', 'Pipelines', 'Runs', 'Hosts', 'Schedule', 'Audit', 'Settings']) {
        await page.getByRole('navigation').getByRole('link', { name: screen }).click()
        await page.getByRole('main').getByRole('heading', { level: 1, name: screen }).waitFor()
        await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' })
        expect(await nameless()).toEqual([])
      }
      expect(harness.complaints()).toEqual([])
    }
  },
  testMs,
)

test(
  'a failed run opens at its cause, and evidence leads to the line of the log',
  async () => {
    await open(failedRun)
    const cause = page.getByRole('complementary', { name: 'Root cause' })
    await cause.getByRole('heading', { name: 'Schema drift' }).waitFor()
    await page.getByRole('region', { name: 'Log of validate_orders, attempt 2' }).waitFor()
    await cause.getByRole('button', { name: /expected column 5/ }).click()
    await page.waitForURL(/task=validate_orders&attempt=2&line=9/)
    await page.getByText('Complete, ').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a log cannot set the title, write the clipboard, or hide what was logged',
  async () => {
    await open(failedRun)
    await page.getByText('Complete, ').waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(() => navigator.clipboard.writeText('untouched'))
    expect(await page.title()).toBe('orders: Failed · Sluice')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('untouched')
    await page.getByRole('button', { name: 'Copy the selection, or all' }).click()
    await page.getByText('Log copied.').waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toContain('validate: orders.csv against orders.schema')
    expect(copied).toContain('this line must stay, and the ones above it')
    expect(copied).not.toContain('owned')
  },
  testMs,
)

test(
  'a remedy leads to a resume, and the plan says what will run',
  async () => {
    await open(failedRun)
    const cause = page.getByRole('complementary', { name: 'Root cause' })
    await cause.getByRole('button', { name: 'Run on edge' }).click()
    await cause.getByText('Done on edge.').waitFor()
    await cause.getByRole('button', { name: 'Resume' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('7 run, 5 reused').waitFor()
    await dialog.getByRole('button', { name: 'Resume, run 7 tasks' }).click()
    await page.getByRole('status').getByText('Running').waitFor()
    await cause.waitFor({ state: 'detached' })
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'the keyboard goes from task to task in the graph, and Escape closes the task',
  async () => {
    await open('#/runs/l1v3rn0w')
    const graph = page.getByRole('application')
    await page.locator('canvas[data-laid-out=true]').waitFor()
    // It opens at the outcome that nobody knows.
    await page.waitForURL(/task=validate_prices/)
    await page.getByRole('button', { name: 'Close' }).click()
    await graph.focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/task=land_/)
    const first = page.url()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/task=validate_/)
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(first)
    await page.keyboard.press('Escape')
    await page.waitForURL((address) => !address.hash.includes('task='))
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'the spoken list of tasks keeps up with a live run',
  async () => {
    await open('#/runs/l1v3rn0w', 'demo', true)
    const tasks = page.getByRole('list', { name: 'Tasks' })
    await tasks.getByRole('button', { name: /^validate_prices, Unknown/ }).waitFor()
    await tasks.getByRole('button', { name: /^clean_orders, Succeeded/ }).waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a lost link is told at once, and everything goes on when it is back',
  async () => {
    await open('#/now')
    await page.getByText('1 run under way, 5 need you').waitFor()
    await page.evaluate(() => window.scripted.cut())
    const bar = page.getByRole('alert').filter({ hasText: 'Connection lost, reconnecting' })
    await bar.waitFor()
    await page.evaluate(() => window.scripted.mend())
    await bar.waitFor({ state: 'detached' })
    await page.getByText('1 run under way, 5 need you').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'the run form tells what is wrong, and starts a run when nothing is',
  async () => {
    await open('#/pipelines/orders')
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const form = page.getByRole('dialog')
    await form.getByRole('button', { name: 'Run', exact: true }).click()
    await form.getByText('A value is needed.').waitFor()
    await form.getByLabel('limit').fill('12')
    await form.getByText('12 tasks on edge, onprem and cloud').click()
    await form
      .getByRole('list', { name: 'What would run' })
      .getByText('after join')
      .first()
      .waitFor()
    await form.getByLabel('limit').press('Control+Enter')
    await page.waitForURL(/#\/runs\/\d{8}-\d{6}-n3wrun00/)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a task of a pipeline is told beside its graph, until its button or Escape closes it',
  async () => {
    await open('#/pipelines/orders')
    await page.locator('canvas[data-laid-out=true]').waitFor()
    const task = page.getByRole('complementary', { name: 'Task join' })
    for (const close of [
      () => task.getByRole('button', { name: 'Close' }).click(),
      () => page.keyboard.press('Escape'),
    ]) {
      await page
        .getByRole('list', { name: 'Tasks' })
        .getByRole('button', { name: /^join/ })
        .evaluate((button) => (button as unknown as { click(): void }).click())
      await task.getByText('Needs').waitFor()
      await close()
      await task.waitFor({ state: 'detached' })
    }
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a run that is too large to be seen whole opens at its failure, names readable',
  async () => {
    await open('#/runs/b1gr4ph0', 'many')
    await page.locator('canvas[data-laid-out=true]').waitFor()
    // The ring of the chosen task stands where the task is drawn.
    await page.getByRole('list', { name: 'Tasks' }).getByRole('button').first().waitFor()
    await page
      .getByRole('button', { name: /^task_0210, Failed/ })
      .evaluate((button) => (button as unknown as { click(): void }).click())
    await page.getByRole('region', { name: 'Task task_0210' }).waitFor()
    const graph = (await page.locator('canvas[data-laid-out=true]').boundingBox())!
    const ring = (await page.locator('canvas[data-laid-out=true] + div').boundingBox())!
    expect(ring.height).toBeGreaterThan(46 * 0.8)
    expect(ring.x).toBeGreaterThanOrEqual(graph.x)
    expect(ring.x + ring.width).toBeLessThanOrEqual(graph.x + graph.width)
    expect(ring.y + ring.height).toBeLessThanOrEqual(graph.y + graph.height)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a filter finds runs that are older than all that the page has read',
  async () => {
    await open('#/runs', 'many')
    await page.getByLabel('Pipeline', { exact: true }).selectOption('sensor_rollup')
    await page.getByLabel('State').selectOption('failed')
    await page.waitForURL(/state=failed&?/)
    const rows = page.getByRole('list', { name: 'Runs' }).getByRole('link')
    await rows.first().waitFor()
    for (const text of await rows.allInnerTexts()) expect(text).toMatch(/^sensor_rollup\nFailed/)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)
