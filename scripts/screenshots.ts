// Draws the Run screen of the demo into docs/images, for the README: node scripts/screenshots.ts
//   --all: every screen, light and dark, into test-results/screens, to be looked at.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import { findChromium } from '../test/e2e/find-chromium.ts'
import {
  causeOf,
  expectRun,
  expectTask,
  fixByRemedy,
  openLog,
  runFromScreens,
} from '../test/e2e/run-screens.ts'
import { startDemo } from '../test/e2e/serve.ts'
import { buildParts } from './build.ts'

type Scheme = 'light' | 'dark'

const size = { width: 1440, height: 900 }

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } })
const root = join(import.meta.dirname, '..')
const images = join(root, values.all ? 'test-results/screens' : 'docs/images')
await buildParts(['renderer'])
await mkdir(images, { recursive: true })
const home = await mkdtemp(join(tmpdir(), 'sluice-pictures-'))
const demo = await startDemo({ home, env: { HOME: home } })
// The real scale of the browser: under Playwright's own the terminal measures its canvas wrongly.
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: ['--force-device-scale-factor=2', `--window-size=${size.width},${size.height}`],
})
try {
  const page = await browser.newPage({ viewport: null })
  await page.goto(demo.url ?? '')
  await drawStory(page, values.all ? ['light', 'dark'] : ['light'], values.all)
} finally {
  await browser.close()
  await demo.kill()
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
}

/** One run, drawn at its moments; the other screens once there is something on them. */
async function drawStory(page: Page, schemes: readonly Scheme[], all: boolean): Promise<void> {
  const draw = (name: string): Promise<void> => drawIn(page, name, schemes)
  const run = await runFromScreens(page, 'orders')
  if (all) {
    await expectTask(page, 'validate_orders', 'Running')
    await openLog(page, 'validate_orders')
    await draw('run-going')
  }
  await expectRun(page, 'Failed')
  await causeOf(page).getByText('Evidence').waitFor()
  await openLog(page, 'validate_orders')
  await draw('run')
  if (!all) return

  for (const tab of ['tasks', 'timeline', 'events']) {
    await goTo(page, `#/runs/${run}?tab=${tab}`)
    await draw(`run-${tab}`)
  }
  await goTo(page, `#/runs/${run}`)
  const plan = await fixByRemedy(page, 'edge')
  await draw('resume')
  await plan.getByRole('button', { name: /^Resume, run/ }).click()
  await expectRun(page, 'Succeeded')
  await draw('run-done')
  for (const [name, hash] of [
    ['now', '#/now'],
    ['pipelines', '#/pipelines'],
    ['pipeline', '#/pipelines/orders'],
    ['pipeline-history', '#/pipelines/orders?tab=history'],
    ['pipeline-schedule', '#/pipelines/orders?tab=schedule'],
    ['pipeline-file', '#/pipelines/orders?tab=file'],
    ['runs', '#/runs'],
    ['hosts', '#/hosts'],
    ['schedule', '#/schedule'],
    ['settings', '#/settings'],
  ] as const) {
    await goTo(page, hash)
    await draw(name)
  }
}

async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`void (location.hash = ${JSON.stringify(hash)})`)
}

async function drawIn(page: Page, name: string, schemes: readonly Scheme[]): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.waitForLoadState('networkidle')
    // Layout comes from a worker, and the terminal paints a frame after its bytes.
    await page.waitForTimeout(600)
    const path = join(images, colorScheme === 'light' ? `${name}.png` : `${name}-dark.png`)
    await page.screenshot({ path })
    console.log(path)
  }
}
