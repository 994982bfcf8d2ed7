// The built screens over the scripted client in a real Chromium, for one test file: built once, a page per test.
import { chromium, type Browser, type Page } from '@playwright/test'
import type { Server } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { build } from 'vite'
import { findChromium } from '../../e2e/find-chromium.ts'
import { serveHarness } from './serve.ts'

/** Of one test, on a machine that does much else. */
export const testMs = 120_000
const startMs = 120_000

export interface Harness {
  open(hash: string, query?: string): Promise<Page>
  /** Errors that the page has told of since it was opened. */
  complaints(): readonly string[]
}

export function useHarness(): Harness {
  let folder: string
  let server: Server
  let url: string
  let browser: Browser
  let page: Page | undefined
  let complaints: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-screens-'))
    await build({
      configFile: join(import.meta.dirname, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, minify: false },
    })
    ;({ server, url } = await serveHarness(folder))
    browser = await chromium.launch({
      executablePath: findChromium(),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  }, startMs)

  afterAll(async () => {
    await browser?.close()
    server?.close()
    await rm(folder, { recursive: true, force: true })
  })

  afterEach(async () => {
    await page?.context().close()
  })

  return {
    async open(hash, query = 'world=demo') {
      await page?.context().close()
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
      const opened = await context.newPage()
      page = opened
      opened.setDefaultTimeout(45_000)
      complaints = []
      opened.on('pageerror', (error) => complaints.push(error.message))
      opened.on('console', (message) => {
        if (message.type() === 'error' && !message.text().includes('404'))
          complaints.push(message.text())
      })
      await opened.goto(`${url}?${query}${hash}`)
      return opened
    },
    complaints: () => complaints,
  }
}
