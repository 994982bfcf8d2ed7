// Lists and dialogs by the keyboard alone, on the built screens in a real Chromium.
import type { Page } from '@playwright/test'
import { expect, test } from 'vitest'
import { testMs, useHarness } from './harness/harness-page.ts'

const harness = useHarness()

/** The name of the row that has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.firstElementChild?.textContent ?? '')

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

test(
  'one tabs to a list once; its keys go over ten thousand rows, and the row that has the focus keeps it',
  async () => {
    const page = await harness.open('#/hosts', 'world=many')
    const list = page.getByRole('list', { name: 'Hosts' })
    await list.getByRole('button').first().waitFor()
    expect(await list.locator('button:not([tabindex="-1"])').count()).toBe(1)
    // From a page where nothing has the focus, j leads into the list.
    await press(page, 'j')
    const first = await focused(page)
    await press(page, 'j', 'ArrowDown', 'k', 'k')
    expect(await focused(page)).toBe(first)
    await press(page, 'End')
    expect(await focused(page)).toContain('gw09999')
    // The last row is whole on the screen, below the head that stays.
    const box = await page.evaluate(() => {
      const row = document.activeElement?.getBoundingClientRect()
      return { bottom: row?.bottom ?? 0, screen: innerHeight }
    })
    expect(box.bottom).toBeLessThanOrEqual(box.screen)
    // Scrolled far away by the wheel, it is still the one that the next key starts from.
    await list.hover()
    await page.mouse.wheel(0, -200_000)
    await press(page, 'k')
    expect(await focused(page)).toContain('gw09998')
    await press(page, 'Enter')
    const detail = page.getByRole('complementary', { name: 'Host gw09998' })
    await detail.waitFor()
    expect(await focused(page)).toContain('gw09998')
    // Which row is told at the side is said to those who do not see its colour.
    expect(await list.locator('[aria-current=true]').innerText()).toContain('gw09998')
    await press(page, 'Escape')
    await detail.waitFor({ state: 'detached' })
    await press(page, 'PageUp', 'Home')
    expect(await focused(page)).toBe(first)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'the filter of a list is one key away, and a row that leaves the list gives the focus to its neighbour',
  async () => {
    const page = await harness.open('#/hosts', 'world=many')
    await page.getByRole('list', { name: 'Hosts' }).getByRole('button').first().waitFor()
    await press(page, '/')
    await page.keyboard.type('gw0000')
    await page.getByText('10 of ').waitFor()
    await press(page, 'Escape', 'Escape', 'j', 'j', 'j')
    const name = await focused(page)
    await page.evaluate((gone) => {
      const { client } = window.scripted
      client.publishHosts(client.world.hosts.filter((row) => row.name !== gone))
    }, name)
    await expect.poll(() => focused(page)).not.toBe(name)
    const neighbour = await focused(page)
    await press(page, 'k', 'j')
    expect(await focused(page)).toBe(neighbour)
    expect(neighbour).not.toBe('')
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'what else a row offers is beside it, and rows of the history keep the column',
  async () => {
    const page = await harness.open('#/pipelines')
    await page.getByRole('list', { name: 'Pipelines' }).getByRole('link').first().waitFor()
    await press(page, 'j', 'ArrowRight')
    const run = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href)
    expect(run).toContain('#/runs/')
    await press(page, 'ArrowLeft', 'Enter')
    await page.waitForURL(/#\/pipelines\//)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a reason is given from the keyboard, and what fails stands in the dialog with the reason kept',
  async () => {
    const page = await harness.open('#/hosts/worker1', 'world=trouble')
    const host = page.getByRole('complementary', { name: 'Host worker1' })
    await host.getByRole('button', { name: 'Drain' }).press('Enter')
    const reason = page.getByRole('dialog').getByLabel('Reason')
    await reason.fill('Disk swap')
    await page.evaluate(() =>
      window.scripted.client.refuse('host.cordon', 'Only mara may close it.'),
    )
    await press(page, 'Control+Enter')
    await page.getByText('Only mara may close it.').waitFor()
    expect(await reason.inputValue()).toBe('Disk swap')
    await press(page, 'Control+Enter')
    await host.getByText('Disk swap').waitFor()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)
