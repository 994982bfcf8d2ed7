// The desktop app around its screens: what its window may not do, how it starts, links, remembers and ends.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, lookingTest, test } from './desktop-app.ts'
import { launch } from './launch.ts'
import { answerDialogs, clickMenu, outsideOf } from './probes.ts'

const preloadFile = join(import.meta.dirname, '../../dist/preload/preload.cjs')
const run = '20260112-021500-a1b2c3d4'

function hashOf(window: Page): Promise<string> {
  return window.evaluate('location.hash') as Promise<string>
}

/** Runs `script` in the page and waits for the breach of the policy that it causes. */
function violationOf(window: Page, script: string): Promise<string> {
  return window.evaluate(`new Promise((resolve) => {
    addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true })
    ${script}
  })`) as Promise<string>
}

lookingTest.describe('the window', () => {
  lookingTest(
    'has no Node in its page, and only the three values of the preload',
    async ({ window }) => {
      const seen = await window.evaluate(`({
      require: typeof require, process: typeof process, module: typeof module,
      sluice: Object.keys(window.sluice).sort(), frozen: Object.isFrozen(window.sluice),
    })`)
      expect(seen).toEqual({
        require: 'undefined',
        process: 'undefined',
        module: 'undefined',
        sluice: ['platform', 'requestPort', 'version'],
        frozen: true,
      })
    },
  )

  lookingTest('runs no inline script and reaches no other origin', async ({ window }) => {
    const inline = `const script = document.createElement('script')
      script.textContent = 'window.injected = 1'
      document.head.append(script)`
    expect(await violationOf(window, inline)).toMatch(/^script-src/)
    expect(await window.evaluate('typeof window.injected')).toBe('undefined')
    const outside = `fetch('http://127.0.0.1:9/').catch(() => {})`
    expect(await violationOf(window, outside)).toBe('connect-src')
  })

  lookingTest('reads the files of the renderer and none beside them', async ({ window }) => {
    const status = (path: string): Promise<unknown> =>
      window.evaluate(`fetch('${path}').then((answer) => answer.status)`)
    expect(await status('./index.html')).toBe(200)
    expect(await status('./..%2f..%2fpackage.json')).toBe(403)
    expect(await status('./absent.js')).toBe(404)
  })

  lookingTest(
    'opens no other window, and asks before an address goes to the browser',
    async ({ app, window }) => {
      await answerDialogs(app, 'Cancel')
      await window.evaluate(`window.open('file:///etc/passwd')`)
      await window.evaluate(`window.open('https://example.com/report')`)
      const asked = ['Open example.com in your browser?']
      await expect.poll(() => outsideOf(app)).toEqual({ asked, opened: [] })
      await answerDialogs(app, 'Open')
      await window.evaluate(`{
      const link = document.createElement('a')
      Object.assign(link, { href: 'https://example.com/report', target: '_blank', textContent: 'out' })
      document.body.replaceChildren(link)
    }`)
      await window.getByText('out').click()
      const opened = ['https://example.com/report']
      await expect.poll(() => outsideOf(app)).toEqual({ asked, opened })
      expect(
        await app.main(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null),
      ).toBe(1)
    },
  )

  lookingTest('leaves its page for nothing', async ({ app, window }) => {
    await answerDialogs(app, 'Cancel')
    await window.evaluate(`void (location.href = 'https://example.com/away')`)
    await expect.poll(async () => (await outsideOf(app)).asked).toHaveLength(1)
    const url = (): Promise<string> =>
      app.main(
        ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getURL() ?? '',
        null,
      )
    expect(await url()).toMatch(/^app:\/\/sluice\/index\.html/)
  })

  lookingTest('gives its engine to no page but its own', async ({ app, window }) => {
    const site = createServer((_request, answer) => answer.end('<title>stranger</title>'))
    await once(site.listen(0, '127.0.0.1'), 'listening')
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
    const opened = window.context().waitForEvent('page')
    await app.main(
      async ({ BrowserWindow }, { preload, address }) => {
        const stranger = new BrowserWindow({ webPreferences: { preload } })
        await stranger.loadURL(address)
      },
      { preload: preloadFile, address: url },
    )
    const stranger = await opened
    const ask = `{
      window.ports = 0
      addEventListener('message', ({ ports }) => (window.ports += ports.length))
      window.sluice.requestPort()
    }`
    await expect.poll(() => stranger.evaluate('window.sluice !== undefined')).toBe(true)
    await stranger.evaluate(ask)
    // Asked later and answered: the stranger would have had its answer by then.
    await window.evaluate(ask)
    // A poll from inside the page would be an `eval`, which its CSP refuses.
    await expect.poll(() => window.evaluate('window.ports > 0')).toBe(true)
    expect(await stranger.evaluate('window.ports')).toBe(0)
    site.close()
  })

  test('gets no permission', async ({ window }) => {
    const state = `navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)`
    await expect.poll(() => window.evaluate(state)).toBe('denied')
  })
})

test.describe('links', () => {
  lookingTest(
    'a second instance hands its link to the first and ends',
    async ({ home, window }) => {
      const second = await launch({ home, args: [`sluice://run/${run}`] })
      expect(await second.exited).toBe(0)
      await expect.poll(() => hashOf(window)).toBe(`#/runs/${run}`)
    },
  )

  lookingTest(
    'a link that is not ours shows the window and nothing else',
    async ({ home, window }) => {
      const before = await hashOf(window)
      const second = await launch({ home, args: ['sluice://run/../../settings'] })
      expect(await second.exited).toBe(0)
      const third = await launch({ home, args: ['sluice://hosts'] })
      expect(await third.exited).toBe(0)
      // The third link came after the second: what the second did would have been seen before.
      await expect.poll(() => hashOf(window)).toBe('#/hosts')
      expect(before).not.toContain('settings')
    },
  )

  test('the app starts on the screen of a link', async ({ home }) => {
    const app = await launch({ home, args: [`sluice://pipeline/orders`] })
    expect(await hashOf(await app.window())).toBe('#/pipelines/orders')
    await app.quit()
  })
})

test('the app remembers where its window was, and its theme', async ({ home }) => {
  const bounds = { x: 60, y: 40, width: 1100, height: 700 }
  const dark = `matchMedia('(prefers-color-scheme: dark)').matches`
  const first = await launch({ home })
  const window = await first.window()
  await first.main(
    ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted),
    bounds,
  )
  expect(await window.evaluate(dark)).toBe(false)
  await clickMenu(first, 'theme-dark')
  await expect.poll(() => window.evaluate(dark)).toBe(true)
  expect(await first.quit()).toBe(0)

  const second = await launch({ home })
  const again = await second.window()
  const found = await second.main(
    ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
    null,
  )
  expect(found).toEqual(bounds)
  await expect.poll(() => again.evaluate(dark)).toBe(true)
  await second.quit()
})

lookingTest('the menu leads to each screen', async ({ app, window }) => {
  for (const page of ['pipelines', 'hosts', 'now']) {
    await clickMenu(app, `go-${page}`)
    await expect.poll(() => hashOf(window)).toBe(`#/${page}`)
  }
})
