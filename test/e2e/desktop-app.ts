// The desktop app as a fixture: a home of its own, ended after each spec whatever happened.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, type Page } from '@playwright/test'
import { launch, type AppHandle } from './launch.ts'

export { expect } from '@playwright/test'

interface Fixtures {
  home: string
  app: AppHandle
  window: Page
}

export const test = base.extend<Fixtures>({
  // oxlint-disable-next-line no-empty-pattern
  home: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), 'sluice-e2e-'))
    await use(home)
    await rm(home, { recursive: true, force: true, maxRetries: 5 })
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
