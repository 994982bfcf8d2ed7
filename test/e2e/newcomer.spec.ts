// What a newcomer sees after `npm start`: the demo, from the first run to the published report, in the browser where
// there is no Electron, and in the window where there is.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './desktop-app.ts'
import { launch } from './launch.ts'
import { expectOnlyNeededRan, expectReport, tellByScreens } from './orders-story.ts'
import { startDemo, type Serving } from './serve.ts'

let sluice: Serving | null = null

test.afterEach(async () => {
  await sluice?.kill()
  sluice = null
})

test('run, failure, cause, fix, resume, report, with the buttons that the screens offer', async ({
  home,
  page,
}) => {
  const user = join(home, 'user')
  await mkdir(user)
  const env = { HOME: user }
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  sluice = await startDemo({ home, env })
  await page.goto(sluice.url ?? '')
  const run = await tellByScreens(page)
  await expectOnlyNeededRan({ home, workspace: sluice.workspace, env }, run)
  await expectReport(join(home, 'demo', 'hosts', 'cloud'))
  expect(faults).toEqual([])
  expect(await sluice.stop()).toBe(0)
})

test('the same in the window of the desktop app', async ({ home }) => {
  const user = join(home, 'user')
  await mkdir(user)
  const env = { HOME: user }
  const app = await launch({ home, env })
  const window = await app.window()
  const run = await tellByScreens(window)
  await expectOnlyNeededRan({ home, workspace: join(home, 'demo', 'workspace'), env }, run)
  await expectReport(join(home, 'demo', 'hosts', 'cloud'))
  expect(await app.quit()).toBe(0)
})

test('the address without its token opens nothing', async ({ home, page }) => {
  sluice = await startDemo({ home })
  const answer = await page.goto(new URL('/', sluice.url ?? '').href)
  expect(answer?.status()).toBeGreaterThanOrEqual(400)
  await expect(page.getByRole('navigation')).toHaveCount(0)
})
