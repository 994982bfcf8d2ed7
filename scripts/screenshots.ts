// Draws the Run screen of the demo into docs/images, for the README: node scripts/screenshots.ts
//   --all: every screen, light and dark, into test-results/screens, to be looked at. What the demo's hosts do not do to a
//   person (questions, changed keys, unknown outcomes, ten thousand rows) is drawn over the scripted client.
//   --size 900x600: of the window.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from '@playwright/test'
import { build } from 'vite'
import { findChromium } from '../test/e2e/find-chromium.ts'
import {
  causeOf,
  expectRun,
  expectTask,
  fixByRemedy,
  openLog,
  runFromScreens,
} from '../test/e2e/run-screens.ts'
import { serveHarness } from '../test/renderer/harness/serve.ts'
import { startDemo } from '../test/e2e/serve.ts'
import { buildParts } from './build.ts'

type Scheme = 'light' | 'dark'

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    size: { type: 'string', default: '1440x900' },
  },
})
const [width = 1440, height = 900] = values.size.split('x').map(Number)
const root = join(import.meta.dirname, '..')
const images = join(root, values.all ? `test-results/screens/${values.size}` : 'docs/images')
await buildParts(['renderer'])
await mkdir(images, { recursive: true })
const home = await mkdtemp(join(tmpdir(), 'sluice-pictures-'))
const demo = await startDemo({ home, env: { HOME: home } })
// The real scale of the browser: under Playwright's own the terminal measures its canvas wrongly.
const browser = await chromium.launch({
  executablePath: findChromium(),
  args: [`--force-device-scale-factor=${values.all ? 1 : 2}`, `--window-size=${width},${height}`],
})
try {
  const page = await browser.newPage({ viewport: null })
  await page.goto(demo.url ?? '')
  await drawStory(page, values.all ? ['light', 'dark'] : ['light'], values.all)
  if (values.all) await drawTrouble(page)
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

  await goTo(page, `#/runs/${run}?task=validate_orders&show=attempt`)
  await draw('attempt')
  await goTo(page, `#/runs/${run}?task=validate_orders&show=shell`)
  await draw('shell-ask')
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await page.getByText('leaves it').waitFor()
  await page.keyboard.type('ls -l\n')
  await draw('shell')
  await page.getByRole('button', { name: 'Close the shell' }).click()
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
    ['pools', '#/hosts?tab=pools'],
    ['schedule', '#/schedule'],
    ['settings', '#/settings'],
  ] as const) {
    await goTo(page, hash)
    await draw(name)
  }
  await goTo(page, '#/hosts/edge')
  const host = page.getByRole('complementary', { name: 'Host edge' })
  await host.getByRole('button', { name: 'Test' }).click()
  await host.getByText('What was found').waitFor()
  await host.getByRole('button', { name: 'Drain' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('Kernel update until 16:00')
  await draw('drain')
  await page.getByRole('dialog').getByRole('button', { name: 'Drain it' }).click()
  await draw('host')
  await goTo(page, '#/audit')
  await page.getByRole('button', { name: 'Verify the chain' }).click()
  await draw('audit')
}

/** What goes wrong with hosts and links, over the scripted client. */
async function drawTrouble(page: Page): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-harness-'))
  await build({
    configFile: join(root, 'test/renderer/harness/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder },
  })
  const { url, server } = await serveHarness(folder)
  try {
    for (const [name, hash, query, button] of [
      ['ask', '#/hosts', 'trouble&asks=1', null],
      ['trouble-now', '#/now', 'trouble', null],
      ['key-unknown', '#/hosts/newbox', 'trouble', 'Check the key'],
      ['key-changed', '#/hosts/vault', 'trouble', null],
      ['trouble-pools', '#/hosts?tab=pools', 'trouble', null],
      ['unknown', '#/runs/unkn0wn1?task=validate_orders', 'trouble', null],
      ['failover', '#/runs/unkn0wn1?task=validate_orders', 'trouble', 'Fail over'],
      ['fenced', '#/runs/unkn0wn1?task=validate_customers&attempt=1&show=attempt', 'trouble', null],
      ['placement', '#/runs/unkn0wn1?task=validate_prices', 'trouble', null],
      ['snapshot', '#/runs/d1skfull?task=join&show=attempt', 'trouble', null],
      ['rules', '#/runs/rul3srun', 'rules', null],
      ['rules-folded', '#/runs/rul3srun', 'rules', 'Fold all groups'],
      ['rules-tasks', '#/runs/rul3srun?tab=tasks', 'rules', null],
      ['items', '#/runs/rul3srun?task=ingest.load', 'rules', null],
      ['item', '#/runs/rul3srun?task=ingest.load&item=12', 'rules', null],
      ['approval', '#/runs/rul3srun?task=sign_off', 'rules', 'Answer'],
      ['held', '#/runs/rul3srun?task=publish', 'rules', null],
      ['checkpoint', '#/runs/rul3srun?task=backfill', 'rules', null],
      ['sub-pipeline', '#/runs/ch1ldrun', 'rules', null],
      ['recovery', '#/runs/t3nthous', 'rules', 'Resume'],
      ['rules-now', '#/now', 'rules', null],
      ['alike', '#/runs/f41lq7zx', 'demo&alike=12', null],
      ['incidents', '#/incidents', 'demo&alike=40&incidents=30', null],
      ['incident', '#/incidents/missing_input_file-3fc13633fe', 'demo&alike=40', null],
      ['incidents-empty', '#/incidents', 'demo', null],
      ['incidents-broken', '#/incidents', 'broken', null],
      ['many-incidents', '#/incidents', 'demo&alike=40&incidents=2000', null],
      ['wave-plan', '#/waves?like=f41lq7zx', 'demo&alike=12', null],
      ['wave', '#/waves/latest', 'demo&alike=1000', null],
      ['many-runs', '#/runs', 'many', null],
      ['many-hosts', '#/hosts/gw00012', 'many', null],
      ['many-tasks', '#/runs/h0g3runx?tab=tasks', 'many', null],
      ['many-audit', '#/audit', 'trouble&audit=5000', null],
    ] as const) {
      // The same page with another hash would keep its dialogs.
      await page.goto('about:blank')
      await page.goto(`${url}?world=${query}${hash}`)
      if (button !== null)
        await page.getByRole('button', { name: button, exact: true }).first().click()
      await drawIn(page, name, ['light', 'dark'])
    }
  } finally {
    server.close()
    await rm(folder, { recursive: true, force: true })
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
