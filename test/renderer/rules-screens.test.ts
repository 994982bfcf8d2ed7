// What the rules of a DAG look like and what people do about them, on the built screens over the scripted client.
import type { Locator, Page } from '@playwright/test'
import { expect, test } from 'vitest'
import { testMs, useHarness } from './harness/harness-page.ts'

const harness = useHarness()
const open = (hash: string): Promise<Page> => harness.open(hash, 'world=rules')

const callsOf = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate(
    (asked) =>
      window.scripted.client.calls.filter((call) => call.name === asked).map(({ input }) => input),
    name,
  )

const inGraph = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Tasks' }).getByRole('button', { name: new RegExp(`^${name}`) })

test(
  'the graph says of a fan-out its counts, of a node its rule, and folds its groups',
  async () => {
    const page = await open('#/runs/rul3srun')
    await inGraph(page, 'ingest.load, Running, 47 of 100, 2 failed').waitFor({ state: 'attached' })
    await inGraph(page, 'ingest.check.rows, Waiting, onprem, all_done').waitFor({
      state: 'attached',
    })
    await inGraph(page, 'drop_scratch, Waiting, onprem, tear-down').waitFor({ state: 'attached' })
    await inGraph(page, 'full_history, Skipped').waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Fold all groups' }).click()
    await inGraph(page, 'group ingest, folded, Running, 48 of 103').waitFor({ state: 'attached' })
    expect(await inGraph(page, 'ingest.load').count()).toBe(0)
    await page.getByRole('tab', { name: /^Events/ }).click()
    await page.getByRole('tab', { name: /^Graph/ }).click()
    await inGraph(page, 'group ingest, folded').waitFor({ state: 'attached' })
    await page.getByRole('button', { name: 'Unfold all groups' }).click()
    await inGraph(page, 'ingest.load').waitFor({ state: 'attached' })
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'ten thousand items are a list that filters by state; an item has its log, and the way back',
  async () => {
    const page = await open('#/runs/t3nthous?task=load')
    const pane = page.getByRole('region', { name: 'Task load' })
    const items = pane.getByRole('list', { name: 'Items of load' })
    await items.getByText('shop=0 file=shop_00000.csv').waitFor()
    await pane.getByRole('button', { name: 'Failed 3' }).click()
    await items.getByText('shop_09001.csv').waitFor()
    expect(await items.getByRole('listitem').count()).toBe(3)
    await items.getByText('shop_04711.csv').click()
    await pane.getByRole('region', { name: 'Log of load' }).waitFor()
    expect(page.url()).toContain('item=4711')
    await pane.getByRole('button', { name: 'load', exact: true }).click()
    await items.getByText('shop_00000.csv').waitFor()

    // In the list of tasks they stand behind their fan-out, by the keys alone.
    await page.getByRole('tab', { name: /^Tasks/ }).click()
    const rows = page.getByRole('list', { name: 'Tasks' })
    await rows.getByRole('button', { name: 'load', exact: true }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await rows.getByText('shop_00001.csv').waitFor()
    await page.keyboard.press('Enter')
    await rows.getByText('shop_00001.csv').waitFor({ state: 'detached' })
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'an approval stands on Now and over its run, its form is checked, and a rejection needs a reason',
  async () => {
    const page = await open('#/now')
    await page.getByRole('link', { name: /waits for you: Publish the figures/ }).click()
    await page.getByText('Without an answer it is rejected in').waitFor()
    await page.keyboard.press('a')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await dialog.getByText('A value is needed.').waitFor()
    await dialog.getByLabel('share').fill('half')
    await dialog.getByRole('button', { name: 'Reject' }).click()
    await dialog.getByText('Say why.').waitFor()
    expect(await callsOf(page, 'run.approve')).toEqual([])
    await dialog.getByLabel('ticket').fill('4711')
    await dialog.getByLabel('share').fill('0.5')
    await dialog.getByLabel('notify').uncheck()
    await page.keyboard.press('Control+Enter')
    await page.getByText(/^Approved by mara, /).waitFor()
    await page.getByRole('region', { name: 'Waits for you' }).waitFor({ state: 'detached' })
    expect(await callsOf(page, 'run.approve')).toMatchObject([
      {
        task: 'sign_off',
        decision: 'approved',
        values: { ticket: '4711', share: 0.5, notify: false },
      },
    ])
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a run is paused and a task let go by keys; who did it, and why, stands over them',
  async () => {
    const page = await open('#/runs/rul3srun?task=publish')
    await page.getByText('Held by noor: The new price list comes at noon').waitFor()
    await page.keyboard.press('h')
    await page.getByRole('region', { name: 'Held' }).waitFor({ state: 'detached' })
    await page.keyboard.press('p')
    await page.getByRole('dialog').getByLabel('Reason').fill('Moving the warehouse')
    await page.keyboard.press('Control+Enter')
    const paused = page.getByRole('region', { name: 'Paused' })
    await paused.getByText('Paused by mara: Moving the warehouse').waitFor()
    await paused.getByRole('button', { name: 'Let it go on' }).click()
    await paused.waitFor({ state: 'detached' })
    // What is refused says so, and nothing changes.
    await page.evaluate(() => window.scripted.client.refuse('run.stop', 'It has ended already.'))
    await page.getByRole('button', { name: 'More for publish' }).click()
    await page.getByRole('menuitem', { name: 'Stop the run after it' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Stop it there' }).click()
    await page.getByRole('dialog').getByText('It has ended already.').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a checkpoint says where the next attempt resumes, and a sub-pipeline leads to its run and back',
  async () => {
    const page = await open('#/runs/rul3srun?task=backfill')
    await page.getByText('Resumes from offset 48,000 of 96,000').waitFor()
    await inGraph(page, 'quality').evaluate((button) => (button as { click(): void }).click())
    await page.getByRole('link', { name: /Open its run/ }).click()
    await page.getByRole('heading', { name: /quality_report/ }).waitFor()
    await page.getByRole('navigation', { name: 'Part of' }).getByRole('link').click()
    await page.getByRole('heading', { name: /daily_figures/ }).waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a plan is edited row by row with reasons; one that has changed since is shown before it is done',
  async () => {
    const page = await open('#/runs/t3nthous')
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('4 run, 9,998 reused').waitFor()
    await dialog.getByRole('button', { name: 'Leave load[17] out' }).click()
    await page.keyboard.press('Enter')
    await dialog.getByText('Say why.').waitFor()
    await page.keyboard.type('The shop is closed')
    await page.keyboard.press('Enter')
    const edits = dialog.getByRole('list', { name: 'Your changes' })
    await edits.getByText('The shop is closed').waitFor()
    await dialog.getByText('3 run, 9,998 reused, 1 left out').waitFor()
    await dialog.getByRole('button', { name: 'Run list too' }).click()
    await page.keyboard.type('Its file has come late')
    await page.keyboard.press('Enter')
    await dialog.getByText('4 run, 9,997 reused, 1 left out').waitFor()
    await dialog.getByRole('button', { name: 'Take back: list' }).click()
    await dialog.getByText('3 run, 9,998 reused, 1 left out').waitFor()

    // Somebody marks an item meanwhile: the plan that was agreed to is no longer the plan.
    await page.evaluate(() =>
      window.scripted.client.call('run.mark', {
        run: 't3nthous',
        task: 'load',
        item: 4711,
        state: 'succeeded',
        reason: 'Loaded by hand',
      }),
    )
    await dialog.getByRole('button', { name: 'Resume, run 3 tasks' }).click()
    const changed = dialog.getByRole('alert')
    await changed.getByText('load[4711]: no longer in the plan').waitFor()
    expect(await page.getByRole('status').getByText('Running').count()).toBe(0)
    await dialog.getByRole('button', { name: 'Resume, run 2 tasks' }).click()
    await page.getByRole('status').getByText('Running').waitFor()
    expect(await callsOf(page, 'run.resume')).toMatchObject([
      { forced: [{ task: 'load', item: 17, decision: 'leave', reason: 'The shop is closed' }] },
      { forced: [{ task: 'load', item: 17 }] },
    ])
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)
