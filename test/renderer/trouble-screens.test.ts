// What hosts and links do to a person's day, on the built screens over the scripted client, in a real Chromium.
import type { Page } from '@playwright/test'
import { expect, test } from 'vitest'
import { testMs, useHarness } from './harness/harness-page.ts'

const harness = useHarness()
const open = (hash: string, query = ''): Promise<Page> =>
  harness.open(hash, `world=trouble${query}`)

const callsOf = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate(
    (asked) =>
      window.scripted.client.calls.filter((call) => call.name === asked).map(({ input }) => input),
    name,
  )

test(
  'the questions of a sign-in are answered one after the other, each at its own field',
  async () => {
    const page = await open('#/now', '&asks=1')
    const dialog = page.getByRole('dialog')
    const field = dialog.getByLabel('Passphrase of ~/.ssh/id_work')
    expect(await field.getAttribute('type')).toBe('password')
    await dialog.getByText('mara@jump.example.net:22').waitFor()
    await page.keyboard.type('hunter2')
    await dialog.getByLabel("Keep it in this system's key store").check()
    await dialog.getByRole('button', { name: 'Answer', exact: true }).click()
    await dialog.getByText('Two-factor sign-in for mara').waitFor()
    // What a server asks for in clear can be read while it is typed, and is not offered to be kept.
    expect(await dialog.getByLabel('Your answer').inputValue()).toBe('')
    expect(await dialog.getByRole('checkbox').count()).toBe(0)
    await page.keyboard.type('123456')
    await page.keyboard.press('Enter')
    await page
      .getByRole('status', { name: 'Questions that wait' })
      .getByRole('button')
      .waitFor({ state: 'detached' })
    expect(await callsOf(page, 'ask.answer')).toEqual([
      { id: 'ask-1', answer: 'hunter2', remember: true },
      { id: 'ask-2', answer: '123456', remember: false },
    ])
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('hunter2')
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a question takes the focus from nobody who types, and what is typed for one host reaches no other',
  async () => {
    const page = await open('#/runs')
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.locator('input:focus').waitFor()
    await page.keyboard.type('ord')
    await page.evaluate(() => window.scripted.ask())
    const badge = page.getByRole('button', { name: /^2 questions wait/ })
    await badge.waitFor()
    await page.keyboard.type('ers')
    expect(await page.locator('input:focus').inputValue()).toBe('orders')
    await page.keyboard.press('Escape')
    await badge.click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Passphrase of ~/.ssh/id_work').fill('hunter2')
    // It is answered elsewhere: the next one does not slip under the fingers.
    await page.evaluate(() =>
      window.scripted.client.publishAsks(window.scripted.client.world.asks.slice(1)),
    )
    await dialog.getByText('This is no longer asked').waitFor()
    await page.keyboard.press('Enter')
    await dialog.getByText('Two-factor').waitFor()
    expect(await dialog.getByLabel('Your answer').inputValue()).toBe('')
    await dialog.getByRole('button', { name: 'Cancel the sign-in' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(await callsOf(page, 'ask.answer')).toEqual([
      { id: 'ask-2', answer: null, remember: false },
    ])
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'H8: an unknown key is shown with its picture before it is trusted; a changed one cannot be accepted',
  async () => {
    let page = await open('#/hosts/newbox')
    await page.getByRole('button', { name: 'Check the key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('+--[ED25519 256]--+').waitFor()
    await dialog.getByText('ssh-keygen -lvf /etc/ssh/ssh_host_ed25519_key.pub').waitFor()
    await dialog.getByRole('button', { name: 'They are equal, trust it' }).click()
    await page.getByRole('heading', { name: 'newbox Connected' }).waitFor()

    page = await open('#/hosts/vault')
    const stop = page.getByRole('alert').filter({ hasText: 'The key of vault has changed' })
    await stop.getByText('SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDpdaQdxW1S9IQn8wE').waitFor()
    await stop.getByText('SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM').waitFor()
    expect(await page.getByRole('button', { name: /trust|accept|check the key/i }).count()).toBe(0)
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a host is drained with a reason, and one click takes that back',
  async () => {
    const page = await open('#/hosts/worker1')
    const host = page.getByRole('complementary', { name: 'Host worker1' })
    await host.getByRole('button', { name: 'Drain' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('Disk swap')
    await page.getByRole('dialog').getByRole('button', { name: 'Drain it' }).click()
    await host.getByText('Disk swap').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await host.getByText('Disk swap').waitFor({ state: 'detached' })
    expect(await callsOf(page, 'host.cordon')).toEqual([
      { host: 'worker1', state: 'draining', reason: 'Disk swap' },
      { host: 'worker1', state: 'open', reason: '' },
    ])
    await page.getByRole('tab', { name: /^Pools/ }).click()
    await page.getByRole('list', { name: 'Pools' }).getByRole('link', { name: 'workers' }).click()
    await page.getByText('3 of 11').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'an unknown outcome says what will happen, and what a person may not do says why',
  async () => {
    let page = await open('#/runs/unkn0wn1?task=land_prices')
    let panel = page.getByRole('region', { name: 'Outcome unknown' })
    await panel.getByText('It waits for you without end').waitFor()
    const over = panel.getByRole('button', { name: 'Fail over' })
    expect(await over.getAttribute('aria-disabled')).toBe('true')
    expect(await over.getAttribute('aria-description')).toMatch(/irreversible/)
    await over.click({ force: true })
    expect(await page.getByRole('dialog').count()).toBe(0)
    // Nothing would begin again: its policy has no wait.
    await panel.getByRole('button', { name: 'Wait longer' }).click()
    await page.getByRole('dialog').getByText('It is noted that you wait').waitFor()

    page = await open('#/runs/unkn0wn1?task=validate_orders')
    panel = page.getByRole('region', { name: 'Outcome unknown' })
    await panel.getByText('another host of workers takes it over').waitFor()
    await panel.getByRole('button', { name: 'Give it up' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('rack is gone')
    await page.getByRole('dialog').getByRole('button', { name: 'Give it up' }).click()
    await panel.waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Attempt', exact: true }).click()
    await page.getByText('Not proved gone yet').waitFor()
    expect(await callsOf(page, 'run.settle')).toMatchObject([
      { task: 'validate_orders', decision: 'fail', reason: 'rack is gone' },
    ])
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'H5, H10: a failed attempt names its survivors and shows its host, alarms by sign and word',
  async () => {
    const page = await open('#/runs/d1skfull?task=join&show=attempt')
    await page.getByText('22119:python3 join.py --worker 3').waitFor()
    const host = page.getByRole('region', { name: 'The host when it failed' })
    await host.getByText('6 alarming values').waitFor()
    for (const words of ['full', 'nearly none is left', 'nearly out of inodes'])
      await host.getByText(words, { exact: true }).waitFor()
    await host.getByText(/oom-killer/).waitFor()
    const cause = page.getByRole('complementary', { name: 'Root cause' })
    await cause.getByText('disk /data').waitFor()
    await cause.getByRole('button', { name: 'all of it' }).waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'H6: what a log lacks is a line where it stands, and is led to',
  async () => {
    const page = await open('#/runs/d1skfull?task=join')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const log = page.getByRole('region', { name: 'Log of join, attempt 1' })
    await log.getByRole('button', { name: '1 gap' }).click()
    await log.getByRole('button', { name: 'Copy the selection, or all' }).click()
    await page.getByText('Log copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /71 MB missing here: the log is limited to 64 kB/,
    )
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a task that waits says why, host by host',
  async () => {
    const page = await open('#/runs/unkn0wn1?task=validate_prices')
    const why = page.getByRole('region', { name: 'Why it waits' })
    await why.getByText('it is number 2 of 3 in the queue').waitFor()
    await why.getByRole('row', { name: /worker3 Closed draining by mara/ }).waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'a shell has every key, its program reaches nothing outside its pane, and a paste of lines is asked about',
  async () => {
    const page = await open('#/runs/d1skfull?task=join')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(() => navigator.clipboard.writeText('untouched'))
    await page.getByRole('region', { name: 'Task join' }).waitFor()
    await page.keyboard.press('t')
    await page.getByRole('button', { name: 'Open the shell' }).click()
    const shell = page.getByRole('region', { name: 'Shell on onprem' })
    await shell.getByText('/home/etl/.sluice/work/join').waitFor()
    const typed = async (): Promise<string> =>
      (await callsOf(page, 'shell.write')).map((input) => (input as { text: string }).text).join('')
    await page.keyboard.type('evil\r?g n')
    for (const key of ['Escape', 'Control+k', 'Control+f', 'Tab']) await page.keyboard.press(key)
    await expect.poll(typed).toBe('evil\r?g n\x1b\x0b\x06\t')
    expect(page.url()).toContain('show=shell')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.title()).toBe('ml_features: Failed · Sluice')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('untouched')

    await page.evaluate(() => navigator.clipboard.writeText('rm -r /tmp/a\x1b[201~\necho done\n'))
    await page.keyboard.press('Control+Shift+V')
    const ask = page.getByRole('alertdialog', { name: 'Paste' })
    await ask.getByText('2 lines would be pasted').waitFor()
    await ask.getByRole('button', { name: 'Do not paste' }).click()
    expect(await typed()).not.toContain('rm -r')
    await page.keyboard.press('Control+Shift+V')
    await ask.getByRole('button', { name: 'Paste', exact: true }).click()
    await expect.poll(typed).toContain('rm -r /tmp/a[201~\recho done\r')

    // The way out, and the shell is still there after a look at the log.
    await page.keyboard.press('Control+Shift+O')
    expect(await page.locator('button:focus').getAttribute('aria-label')).toMatch(
      /^Copy the selection/,
    )
    await page.getByRole('tab', { name: /^Log/ }).click()
    await page.getByRole('tab', { name: /^Shell/ }).click()
    await page.keyboard.type('\rexit\r')
    await shell.getByText('The shell ended with exit code 0.').waitFor()
    await shell.getByRole('button', { name: 'Open again' }).click()
    await shell.getByText('The shell ended').waitFor({ state: 'detached' })
    expect(await callsOf(page, 'shell.open')).toMatchObject([
      { secrets: false },
      { secrets: false },
    ])
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'the audit is read to its end, filtered, and verified',
  async () => {
    const page = await open('#/audit', '&audit=5000')
    await page.getByRole('list', { name: 'Audit' }).getByText('5000').waitFor()
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await page.getByText('5,000 rows, and every one follows').waitFor()
    await page.getByLabel('Action').selectOption('shell.opened')
    await page.getByText(/^60 of 300 rows read/).waitFor()
    await page.getByRole('button', { name: 'Read older rows' }).click()
    await page.getByText(/^120 of 600 rows read/).waitFor()
    await page.getByRole('list', { name: 'Audit' }).getByRole('button').first().click()
    await page.getByRole('complementary', { name: /^Row/ }).getByText('jon').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'all runs that failed like one are recovered by a wave: its plan first, then each as it goes, until it is stopped',
  async () => {
    const page = await harness.open('#/runs/f41lq7zx', 'world=demo&alike=12')
    const alike = page.getByRole('region', { name: 'Runs that failed like this one' })
    await alike.getByText('12 runs failed like this').waitFor()
    await alike.getByRole('button', { name: 'Recover all' }).click()
    const plan = page.getByRole('list', { name: 'Runs that this wave recovers' })
    await plan.getByText('canary').waitFor()
    expect(await plan.getByText('batch 1').count()).toBe(5)
    await plan.getByText('Left out').first().waitFor()
    await page.getByLabel('Then at a time').fill('3')
    await plan.getByText('batch 3').first().waitFor()
    await page.getByLabel('Reason').fill('The share is mounted again')

    // Another run fails as a person reads: what was not shown is not started.
    await page.evaluate(() => void (window.scripted.client.world.alike = 13))
    const start = page.getByRole('button', { name: 'Start with one run' })
    await start.click()
    await page.getByRole('alert').getByText('The plan is another by now').waitFor()
    await start.click()
    const runs = page.getByRole('list', { name: 'Runs of this wave' })
    await runs.getByText('Running').waitFor()
    expect(await runs.getByText('Waiting').count()).toBe(10)
    expect(await callsOf(page, 'wave.start')).toMatchObject([
      { batch: 3, planId: '1 3 12', reason: 'The share is mounted again' },
      { batch: 3, planId: '1 3 13', reason: 'The share is mounted again' },
    ])

    await page.getByRole('button', { name: 'Stop' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('10 runs will not be resumed. 1 run that goes is left to end.').waitFor()
    await dialog.getByRole('button', { name: 'Stop it' }).click()
    await page.getByText('Stopped by a person').waitFor()
    expect(await runs.getByText('Not resumed').count()).toBe(10)
    await runs.getByText('Running').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)

test(
  'incidents are found by words and keys, lead to their runs, and are recovered otherwise than their runs went',
  async () => {
    const page = await harness.open('#/runs/f41lq7zx', 'world=demo&alike=12&incidents=2000')
    await page.getByRole('link', { name: '12 runs failed like this' }).click()
    const pane = page.getByRole('complementary', { name: 'Incident: Missing input file' })
    await pane.getByText('of orders, sensor_rollup').waitFor()
    const runs = pane.getByRole('list', { name: 'Runs of this incident' })
    expect(await runs.getByRole('link').count()).toBe(12)
    await page.keyboard.press('Escape')
    await pane.waitFor({ state: 'detached' })

    // Two thousand rows, of which a screen holds a few.
    const list = page.getByRole('list', { name: 'Incidents' })
    expect(await list.getByRole('button').count()).toBeLessThan(60)
    await page.keyboard.press('/')
    await page.keyboard.type('missing edge sensor')
    await page.getByText('1 of 2,001').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('1 of 2,001').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    const focused = (row: number) => page.locator(`[data-row="${row}"] button:focus`).waitFor()
    await page.keyboard.press('j')
    await focused(0)
    await page.keyboard.press('End')
    await focused(2000)
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Incident: Cause not known' }).waitFor()
    await page.keyboard.press('Home')
    await focused(0)
    await page.keyboard.press('Enter')
    await pane.getByRole('button', { name: 'Recover all' }).click()

    await page.getByText('As they are now', { exact: true }).click()
    await page.getByRole('combobox', { name: 'Another param for all' }).click()
    await page.getByRole('option', { name: 'limit' }).click()
    const start = page.getByRole('button', { name: 'Start with one run' })
    await page.getByText('A value is needed.').waitFor()
    expect(await start.isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'limit' }).fill('500')
    await page.getByRole('combobox', { name: 'Run again in each' }).click()
    await page.getByRole('option', { name: 'land_orders' }).click()
    expect(await start.isDisabled()).toBe(true)
    await page.getByLabel('Why does land_orders run?').fill('Its file was cut short')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /al1k0003 goes first/ }).click()
    const plan = page.getByRole('list', { name: 'Runs that this wave recovers' })
    await plan.getByRole('listitem').first().getByText('al1k0003').waitFor()
    await start.click()
    await page.getByRole('list', { name: 'Runs of this wave' }).getByText('Running').waitFor()
    expect(await callsOf(page, 'wave.start')).toMatchObject([
      {
        version: 'fixed',
        params: { limit: 500 },
        forced: [{ task: 'land_orders', decision: 'run', reason: 'Its file was cut short' }],
        first: [expect.stringMatching(/al1k0003$/)],
      },
    ])

    // Now that a wave goes, the incident leads there.
    await page.keyboard.press('g')
    await page.keyboard.press('i')
    await list.getByText('Canary goes').waitFor()
    expect(harness.complaints()).toEqual([])
  },
  testMs,
)
