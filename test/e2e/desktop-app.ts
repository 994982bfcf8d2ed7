// The desktop app as a fixture: `test` gives each spec an app and a home of its own, `lookingTest` one app to all specs
// of a file that leave it as it was.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base, type Page } from '@playwright/test'
import { launch, type AppHandle } from './launch.ts'

export { expect }

async function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sluice-e2e-'))
}

async function removeHome(home: string): Promise<void> {
  await rm(home, { recursive: true, force: true, maxRetries: 5 })
}

interface Fixtures {
  home: string
  app: AppHandle
  window: Page
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern
  home: async ({}, use) => {
    const home = await newHome()
    await use(home)
    await removeHome(home)
  },
  app: async ({ home }, use, info) => {
    const app = await launch({ home })
    await use(app)
    await app.quit()
    if (info.status !== info.expectedStatus)
      await info.attach('output of the app', { body: app.output() })
  },
  window: async ({ app }, use) => {
    await use(await app.window())
  },
})

export const lookingTest = base.extend<{ window: Page }, { home: string; app: AppHandle }>({
  home: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const home = await newHome()
      await use(home)
      await removeHome(home)
    },
    { scope: 'worker' },
  ],
  app: [
    async ({ home }, use) => {
      const app = await launch({ home })
      await app.window()
      await use(app)
      await app.quit()
    },
    { scope: 'worker' },
  ],
  window: async ({ app }, use, info) => {
    const page = await app.window()
    await use(page)
    if (info.status !== info.expectedStatus)
      await info.attach('output of the app', { body: app.output() })
    await app.main(({ BrowserWindow }) => {
      for (const other of BrowserWindow.getAllWindows().slice(1)) other.destroy()
    }, null)
    // A navigation that the app has just refused may take the first ones down with it.
    await expect(() => page.reload()).toPass({ timeout: 30_000 })
  },
})
