// What people do to a run that uses the rules of a DAG, on the real engine and the local machine: answer, hold, mark, and
// resume one item of a list.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './desktop-app.ts'
import { expectRun, expectTask, runFromScreens, taskInGraph } from './run-screens.ts'
import { startServe } from './serve.ts'

// Shop b fails until its file is there; each start leaves a line.
const load = `echo "$SLUICE_ITEM" >> "$GATES/starts"; test "$SLUICE_ITEM" != b || test -f "$GATES/b"`

async function makeWorkspace(dir: string): Promise<string> {
  const gates = join(dir, 'gates')
  await mkdir(join(dir, 'pipelines'), { recursive: true })
  await mkdir(gates)
  await writeFile(join(dir, 'sluice.yaml'), 'environments:\n  dev: {}\n')
  await writeFile(
    join(dir, 'pipelines', 'quality.yaml'),
    'name: quality\ntasks:\n  measure: { host: local, run: "echo measured" }\n',
  )
  await writeFile(
    join(dir, 'pipelines', 'shops.yaml'),
    `name: shops
tasks:
  ingest:
    tasks:
      load:
        host: local
        run: '${load}'
        env: { GATES: ${gates} }
        fan_out: [a, b, c]
  quality: { pipeline: quality }
  sign_off:
    needs: [quality]
    approval:
      message: Publish the figures?
      form: { ticket: { type: string, description: Of the release } }
  notify: { needs: [sign_off], host: local, run: "echo told" }
  publish: { needs: [sign_off, ingest], host: local, run: "echo out" }
`,
  )
  return gates
}

test('a person answers, holds, marks, and resumes the one item that failed', async ({
  home,
  page,
}) => {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const workspace = join(home, 'workspace-files')
  const gates = await makeWorkspace(workspace)
  const sluice = await startServe({ home, workspace, screens: true })
  try {
    await page.goto(sluice.url ?? '')
    const run = await runFromScreens(page, 'shops')
    const press = (task: string): Promise<void> =>
      taskInGraph(page, task, '').evaluate((button) => (button as { click(): void }).click())
    const order = async (task: string, item: string): Promise<void> => {
      await press(task)
      await page.getByRole('button', { name: `More for ${task}` }).click()
      await page.getByRole('menuitem', { name: item }).click()
    }
    const dialog = page.getByRole('dialog')

    await expectTask(page, 'ingest.load', 'Failed, 2 of 3, 1 failed')
    await expectTask(page, 'sign_off', 'Waits for you')
    await order('notify', 'Hold it back')
    await dialog.getByLabel('Reason').fill('Not before noon')
    await dialog.getByRole('button', { name: 'Hold it' }).click()
    await expect(page.getByRole('region', { name: 'Held' })).toContainText('Not before noon')

    await page.goto(new URL('#/now', page.url()).href)
    await page.getByRole('link', { name: /shops.*waits for you: Publish the figures\?/ }).click()
    const banner = page.getByRole('region', { name: 'Waits for you' })
    await banner.getByRole('button', { name: 'Answer' }).click()
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await expect(dialog.getByText('A value is needed.')).toBeVisible()
    await dialog.getByLabel('ticket').fill('4711')
    await dialog.getByRole('button', { name: 'Approve' }).click()
    await expect(page.getByText(/^Approved by /)).toBeVisible()

    await expectTask(page, 'notify', 'Held')
    await order('notify', 'Mark as skipped')
    await dialog.getByRole('button', { name: 'Mark as skipped' }).click()
    await expect(dialog.getByText('Say why.')).toBeVisible()
    await dialog.getByLabel('Reason').fill('Told by telephone')
    await dialog.getByRole('button', { name: 'Mark as skipped' }).click()
    await expectRun(page, 'Failed')

    await press('quality')
    await page.getByRole('link', { name: /quality.*Open its run/ }).click()
    await expectTask(page, 'measure', 'Succeeded')
    await page.getByRole('navigation', { name: 'Part of' }).getByRole('link').click()
    await page.waitForURL(new RegExp(`#/runs/${run}`))

    await writeFile(join(gates, 'b'), '')
    await page.getByRole('button', { name: 'Resume', exact: true }).first().click()
    const plan = dialog.getByRole('list', { name: 'Recovery plan' })
    await expect(plan.getByRole('listitem').filter({ hasText: 'ingest.load[1]' })).toContainText(
      'Run again',
    )
    await expect(dialog.getByText(/^2 run, /)).toBeVisible()
    await dialog.getByRole('button', { name: 'Resume, run 2 tasks' }).click()
    await expectRun(page, 'Succeeded')
    await expectTask(page, 'ingest.load', 'Succeeded, 3 of 3')
    const starts = (await readFile(join(gates, 'starts'), 'utf8')).trim().split('\n')
    expect(starts.toSorted()).toEqual(['a', 'b', 'b', 'c'])
    expect(faults).toEqual([])
  } finally {
    await sluice.kill()
  }
})

test('a run whose failure was marked is resumed to its end, and nothing runs for it', async ({
  home,
  page,
}) => {
  const workspace = join(home, 'workspace-files')
  const starts = join(home, 'starts')
  await mkdir(join(workspace, 'pipelines'), { recursive: true })
  await writeFile(
    join(workspace, 'pipelines', 'load.yaml'),
    `name: load
tasks:
  get: { host: local, run: "echo got" }
  put: { needs: [get], host: local, run: "echo put >> '${starts}'; exit 3" }
`,
  )
  const sluice = await startServe({ home, workspace, screens: true })
  try {
    await page.goto(sluice.url ?? '')
    await runFromScreens(page, 'load')
    await expectRun(page, 'Failed')
    const dialog = page.getByRole('dialog')
    await taskInGraph(page, 'put', '').evaluate((button) => (button as { click(): void }).click())
    await page.getByRole('button', { name: 'More for put' }).click()
    await page.getByRole('menuitem', { name: 'Mark as succeeded' }).click()
    await dialog.getByLabel('Reason').fill('Loaded by hand')
    await dialog.getByRole('button', { name: 'Mark as succeeded' }).click()
    await expectTask(page, 'put', 'Succeeded')
    await expectRun(page, 'Failed')

    await page.getByRole('button', { name: 'Resume', exact: true }).first().click()
    await expect(dialog.getByText(/^Nothing runs again: the run ends/)).toBeVisible()
    await dialog.getByRole('button', { name: 'Resume', exact: true }).click()
    await expectRun(page, 'Succeeded')
    expect(await readFile(starts, 'utf8')).toBe('put\n')
  } finally {
    await sluice.kill()
  }
})
