// The desktop app and the runs of its engine: the news it gives, what goes on when it ends, and how it shares a home.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sluiceJson } from './command.ts'
import { test as base, expect } from './desktop-app.ts'
import { gatedWorkspace, type GatedWorkspace } from './gated-workspace.ts'
import { launch, type AppHandle } from './launch.ts'
import { clickNotification, notificationsOf, recordNotifications } from './probes.ts'
import { startServe, type Serving } from './serve.ts'

interface Fixtures {
  workspace: GatedWorkspace
  open: () => Promise<AppHandle>
  startRun: () => Promise<string>
  stateOf: (run: string) => Promise<string>
  env: Record<string, string>
}

const test = base.extend<Fixtures>({
  workspace: async ({ home }, use) => {
    await use(await gatedWorkspace(join(home, 'workspace-files')))
  },
  // The local host keeps its attempts in the user's home folder: here, one that ends with the spec.
  env: async ({ home, workspace }, use) => {
    const user = join(home, 'user')
    await mkdir(user)
    await use({ HOME: user, SLUICE_WORKSPACE: workspace.dir })
  },
  open: async ({ home, env }, use) => {
    const opened: AppHandle[] = []
    await use(async () => {
      const app = await launch({ home, env })
      opened.push(app)
      await app.window()
      return app
    })
    for (const app of opened) await app.kill()
  },
  startRun: async ({ home, env, workspace }, use) => {
    const at = { home, workspace: workspace.dir, env }
    await use(async () => (await sluiceJson<{ run: string }>(at, 'run', 'gated', '--detach')).run)
  },
  stateOf: async ({ home, env, workspace }, use) => {
    const at = { home, workspace: workspace.dir, env }
    await use(async (run) => (await sluiceJson<{ state: string }>(at, 'show', run)).state)
  },
})

let engine: Serving | null = null

test.afterEach(async () => {
  await engine?.kill()
  engine = null
})

test('the end of a run is told, and a click shows the run', async ({
  open,
  workspace,
  startRun,
}) => {
  const app = await open()
  await recordNotifications(app)
  const run = await startRun()
  await workspace.expectStarts('first', 1)
  await workspace.open('first', 3)
  await expect.poll(() => notificationsOf(app)).toHaveLength(1)
  const [notice] = await notificationsOf(app)
  expect(notice?.title).toBe('gated failed')
  await clickNotification(app, 'gated failed')
  const window = await app.window()
  await expect.poll(() => window.evaluate('location.hash')).toContain(run)
  await expect(window.getByText('gated').first()).toBeVisible()
})

test('quitting leaves a task going, and the next start attaches to it', async ({
  open,
  workspace,
  startRun,
  stateOf,
}) => {
  const first = await open()
  const run = await startRun()
  await workspace.expectStarts('first', 1)
  expect(await first.quit()).toBe(0)
  await workspace.open('first', 0)
  await workspace.open('second', 0)
  await open()
  await expect.poll(() => stateOf(run)).toBe('succeeded')
  await workspace.expectStarts('first', 1)
  await workspace.expectStarts('second', 1)
})

test('an app that is killed loses no task either', async ({
  open,
  workspace,
  startRun,
  stateOf,
}) => {
  const first = await open()
  const run = await startRun()
  await workspace.expectStarts('first', 1)
  await first.kill()
  await open()
  await workspace.open('first', 0)
  await workspace.open('second', 0)
  await expect.poll(() => stateOf(run)).toBe('succeeded')
  await workspace.expectStarts('first', 1)
})

test('closing the window while a run goes leaves the app in the tray', async ({
  open,
  workspace,
  startRun,
  home,
  env,
}) => {
  const app = await open()
  await recordNotifications(app)
  await startRun()
  await workspace.expectStarts('first', 1)
  await app.main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null)
  await expect
    .poll(async () => (await notificationsOf(app)).map(({ title }) => title))
    .toEqual(['Sluice goes on in the tray'])
  // Starting Sluice again is the way back to the window.
  const second = await launch({ home, env })
  expect(await second.exited).toBe(0)
  const windows = (): Promise<number> =>
    app.main(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null)
  await expect.poll(windows).toBe(1)
  await workspace.open('first', 1)
})

test('closing the window when nothing runs ends the app', async ({ open }) => {
  const app = await open()
  app.main(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null).catch(() => {})
  expect(await app.exited).toBe(0)
})

test('beside an engine that has the home, the app shows that engine and then takes its place', async ({
  open,
  workspace,
  startRun,
  stateOf,
  home,
  env,
}) => {
  engine = await startServe({ home, workspace: workspace.dir, env })
  const run = await startRun()
  await workspace.expectStarts('first', 1)
  const app = await open()
  const window = await app.window()
  await window.evaluate(`void (location.hash = '#/runs/${run}')`)
  await expect(window.getByText('first').first()).toBeVisible()
  await engine.stop()
  await workspace.open('first', 0)
  await workspace.open('second', 0)
  // No engine but the app is left to see the run to its end.
  await expect.poll(() => stateOf(run)).toBe('succeeded')
  await workspace.expectStarts('first', 1)
})
