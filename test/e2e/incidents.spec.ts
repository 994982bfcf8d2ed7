// A share that was gone: two pipelines failed for it, and one wave recovers both, on the real engine and the local machine.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sluiceJson } from './command.ts'
import { expect, test } from './desktop-app.ts'
import { startServe } from './serve.ts'

const runsMsMax = 60_000

test('what failed alike is one incident, and a wave recovers all of it', async ({ home, page }) => {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  const workspace = join(home, 'workspace-files')
  const env = { HOME: home }
  const share = join(home, 'share')
  await mkdir(join(workspace, 'pipelines'), { recursive: true })
  await writeFile(join(workspace, 'sluice.yaml'), 'environments:\n  dev: {}\n')
  for (const pipeline of ['orders', 'prices'])
    await writeFile(
      join(workspace, 'pipelines', `${pipeline}.yaml`),
      `name: ${pipeline}\ntasks:\n  read: { host: local, run: "cat ${share}/rates.csv" }\n`,
    )
  const sluice = await startServe({ home, workspace, env, screens: true })
  try {
    for (const pipeline of ['orders', 'prices', 'orders'])
      await sluiceJson({ home, workspace, env }, 'run', pipeline)
    await page.goto(sluice.url ?? '')
    await page.getByRole('navigation').getByLabel('Incidents').click()
    const incident = page.getByRole('list', { name: 'Incidents' }).getByRole('button')
    await expect(incident).toHaveCount(1)
    await expect(incident).toContainText('orders, prices')
    await incident.click()
    const pane = page.getByRole('complementary', { name: /^Incident: / })
    const runs = pane.getByRole('list', { name: 'Runs of this incident' }).getByRole('link')
    await expect(runs).toHaveCount(3)

    // From one of its runs the cause leads back to all of them.
    await runs.first().click()
    await page.getByRole('link', { name: '3 runs failed like this' }).click()
    await mkdir(share)
    await writeFile(join(share, 'rates.csv'), 'eur,usd\n')
    await pane.getByRole('button', { name: 'Recover all' }).click()
    const plan = page.getByRole('list', { name: 'Runs that this wave recovers' })
    const prices = plan.getByRole('listitem').filter({ hasText: 'prices' })
    await prices.getByRole('button', { name: /goes first$/ }).click()
    await expect(prices).toContainText('canary')
    await page.getByLabel('Reason').fill('The share is mounted again')
    await page.getByRole('button', { name: 'Start with one run' }).click()
    const wave = page.getByRole('list', { name: 'Runs of this wave' })
    await expect(wave.getByText('Recovered')).toHaveCount(3, { timeout: runsMsMax })

    await page.getByRole('navigation').getByLabel('Incidents').click()
    await expect(page.getByText('Nothing failed alike in the last 7 days')).toBeVisible()
    expect(faults).toEqual([])
  } finally {
    await sluice.kill()
  }
})
