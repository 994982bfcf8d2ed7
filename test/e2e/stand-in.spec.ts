// The stand-in itself: it must behave as Electron does, or fail by the name of what it lacks.
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, lookingTest } from './desktop-app.ts'
import type { AppHandle } from './launch.ts'

/** The app, with the answers to these specs. */
const test = lookingTest.extend<object, { answers: null }>({
  answers: [
    async ({ app }, use) => {
      await answerSpecs(app)
      await use(null)
    },
    { scope: 'worker', auto: true },
  ],
})

async function answerSpecs(app: AppHandle): Promise<void> {
  await app.main(({ MessageChannelMain, ipcMain }) => {
    ipcMain.handle('spec:echo', (_event, value: unknown) => value)
    ipcMain.handle('spec:fail', () => {
      throw new TypeError('no such thing')
    })
    ipcMain.on('spec:port', (event) => {
      const { port1, port2 } = new MessageChannelMain()
      port1.on('message', ({ data }) => port1.postMessage({ echo: data as unknown }))
      port1.on('close', () => Object.assign(globalThis, { portClosed: true }))
      port1.start()
      event.senderFrame?.postMessage('spec:port', 'a port', [port2])
    })
  }, null)
}

/** Opens a second window on our page, with a preload that exposes IPC for these specs. */
async function openSpecWindow(app: AppHandle, window: Page): Promise<Page> {
  const opened = window.context().waitForEvent('page')
  const preload = join(import.meta.dirname, 'spec-preload.cjs')
  await app.main(async ({ BrowserWindow }, file) => {
    const second = new BrowserWindow({ webPreferences: { preload: file } })
    await second.loadURL('app://sluice/index.html#/spec')
  }, preload)
  const page = await opened
  await expect.poll(() => page.evaluate('window.spec !== undefined')).toBe(true)
  return page
}

test('values cross IPC as structured clones', async ({ app, window }) => {
  const page = await openSpecWindow(app, window)
  const back = await page.evaluate(`window.spec.echo({
    day: new Date(5), bytes: new Uint8Array([0, 255]), none: undefined, big: 2n, odd: [NaN, -0],
    map: new Map([['a', new Set([1])]]), $: 'dollar',
  }).then((value) => [
    value.day instanceof Date && value.day.getTime(), [...value.bytes], 'none' in value, String(value.big),
    Object.is(value.odd[1], -0), Number.isNaN(value.odd[0]), [...value.map.get('a')], value.$,
  ])`)
  expect(back).toEqual([5, [0, 255], true, '2', true, true, [1], 'dollar'])
})

test('what cannot be cloned is refused, and a failed handler keeps only its words', async ({
  app,
  window,
}) => {
  const page = await openSpecWindow(app, window)
  const messageOf = (expression: string): Promise<unknown> =>
    page.evaluate(`(async () => ${expression})().catch((error) => error.message)`)
  expect(await messageOf('window.spec.echo(document.body)')).toMatch(/could not be cloned/)
  expect(await messageOf('window.spec.fail()')).toBe(
    "Error invoking remote method 'spec:fail': TypeError: no such thing",
  )
})

test('a message port carries text and bytes in order, and its end is told', async ({
  app,
  window,
}) => {
  const page = await openSpecWindow(app, window)
  const echoes = await page.evaluate(`new Promise((resolve) => {
    const echoes = []
    addEventListener('message', ({ data, ports: [port] }) => {
      if (data !== 'a port') return
      port.onmessage = ({ data: { echo } }) => {
        echoes.push(typeof echo === 'string' ? echo : [...echo])
        if (echoes.length === 3) resolve(echoes)
      }
      for (const frame of ['one', new Uint8Array([1, 2]), 'three']) port.postMessage(frame)
    })
    window.spec.askPort()
  })`)
  expect(echoes).toEqual(['one', [1, 2], 'three'])
  await page.close()
  await expect.poll(() => app.main(() => 'portClosed' in globalThis, null)).toBe(true)
})

test('a window can refuse to close', async ({ app, window }) => {
  await openSpecWindow(app, window)
  const left = await app.main(({ BrowserWindow }) => {
    const second = BrowserWindow.getAllWindows().find((one) =>
      one.webContents.getURL().endsWith('#/spec'),
    )
    second?.once('close', (event) => event.preventDefault())
    second?.close()
    return second?.isDestroyed()
  }, null)
  expect(left).toBe(false)
})

test('a name that the stand-in lacks fails by that name', async ({ app, window }) => {
  test.skip(app.kind === 'electron', 'Electron lacks nothing')
  await window.title()
  const tried = [
    app.main(({ app: electronApp }) => electronApp.getGPUFeatureStatus(), null),
    app.main(({ shell }) => shell.trashItem('/nowhere'), null),
    app.main(({ app: electronApp }) => electronApp.on('login', () => {}) !== null, null),
    app.main(
      ({ BrowserWindow }) => new BrowserWindow({ webPreferences: { sandbox: false } }).id,
      null,
    ),
  ]
  const words = await Promise.all(tried.map((one) => one.catch((error: Error) => error.message)))
  expect(words).toEqual([
    expect.stringContaining('electron stand-in: app.getGPUFeatureStatus'),
    expect.stringContaining('electron stand-in: shell.trashItem'),
    expect.stringContaining("electron stand-in: app.on('login')"),
    expect.stringContaining('electron stand-in: sandbox: false'),
  ])
})
