// Starts the built desktop app: on real Electron where its binary is installed, on the stand-in elsewhere. The
// specs see one handle and cannot tell which.
import { fork } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron, chromium, type Browser, type Page } from '@playwright/test'
import type * as ElectronModule from 'electron'
import type { ControlReply, EvaluateMessage } from './stand-in/spec-control.ts'

export type Electron = typeof ElectronModule

export interface LaunchOptions {
  home: string
  args?: readonly string[]
  env?: Readonly<Record<string, string>>
}

export interface AppHandle {
  kind: 'electron' | 'stand-in'
  /** The first window, loaded. */
  window(): Promise<Page>
  /** Runs a function in the main process; it sees nothing of its surroundings but `argument`. */
  main<R, A>(run: (electron: Electron, argument: A) => R | Promise<R>, argument: A): Promise<R>
  /** Quits as a person would; resolves with the exit code. */
  quit(): Promise<number | null>
  kill(): Promise<void>
  exited: Promise<number | null>
  output(): string
}

const root = join(import.meta.dirname, '../..')
const quitMsMax = 20_000

/** Null where Electron is not installed. Asking the package itself would download it. */
export function electronBinary(): string | null {
  if (process.env['SLUICE_E2E_STAND_IN'] === '1') return null
  const packageDir = join(root, 'node_modules/electron')
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(packageDir, 'dist')
  const pathFile = join(packageDir, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const path = join(dist, name)
  return existsSync(path) ? path : null
}

export function launch(options: LaunchOptions): Promise<AppHandle> {
  const binary = electronBinary()
  return binary === null ? launchStandIn(options) : launchElectron(binary, options)
}

function envOf({ home, env }: LaunchOptions): Record<string, string> {
  const own = Object.entries(process.env).filter(([, value]) => value !== undefined)
  return { ...(Object.fromEntries(own) as Record<string, string>), SLUICE_HOME: home, ...env }
}

async function launchElectron(executablePath: string, options: LaunchOptions): Promise<AppHandle> {
  const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : []
  const args = [...sandbox, root, ...(options.args ?? [])]
  const app = await _electron.launch({ executablePath, args, env: envOf(options) })
  const child = app.process()
  const output = collect(child)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  return {
    kind: 'electron',
    window: () => app.firstWindow(),
    main: (run, argument) => app.evaluate(run as never, argument) as never,
    async quit() {
      await app.close()
      return exited
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    exited,
    output,
  }
}

async function launchStandIn(options: LaunchOptions): Promise<AppHandle> {
  const script = join(import.meta.dirname, 'stand-in/run.ts')
  const child = fork(script, [root, ...(options.args ?? [])], {
    env: envOf(options),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const output = collect(child)
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const address = Promise.withResolvers<string>()
  address.promise.catch(() => {})
  let lastId = 0
  let browser: Browser | null = null

  child.on('message', (reply: ControlReply) => {
    if (reply.what === 'browser') return address.resolve(reply.url)
    const asked = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.what === 'result') asked?.resolve(reply.value)
    else asked?.reject(new Error(reply.error))
  })
  const failAll = (code: number | null): void => {
    const error = new Error(`The app ended with ${code}.\n${output()}`)
    address.reject(error)
    for (const asked of waiting.values()) asked.reject(error)
  }
  child.once('exit', failAll)

  const main: AppHandle['main'] = (run, argument) => {
    const id = ++lastId
    const asked = Promise.withResolvers<unknown>()
    waiting.set(id, asked)
    child.send({ id, source: run.toString(), argument } satisfies EvaluateMessage)
    return asked.promise as never
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
    await browser?.close()
  }
  return {
    kind: 'stand-in',
    async window() {
      browser ??= await chromium.connectOverCDP(await address.promise)
      const [context] = browser.contexts()
      if (context === undefined) throw new Error('Chromium has no page to show')
      const page = context.pages()[0] ?? (await context.waitForEvent('page'))
      await page.waitForURL((url) => url.protocol !== 'about:')
      await page.waitForLoadState('domcontentloaded')
      // Playwright has set a colour scheme of its own by now: the app's holds.
      await main(({ nativeTheme }) => {
        const { themeSource } = nativeTheme
        nativeTheme.themeSource = themeSource
      }, null)
      return page
    },
    main,
    async quit() {
      if (child.exitCode === null && child.connected) {
        // It ends before it answers.
        main(({ app }) => app.quit(), null).catch(() => {})
        const timer = setTimeout(() => child.kill('SIGKILL'), quitMsMax)
        await exited
        clearTimeout(timer)
      }
      await browser?.close()
      return exited
    },
    kill,
    exited,
    output,
  }
}

interface Talking {
  stdout: NodeJS.ReadableStream | null
  stderr: NodeJS.ReadableStream | null
}

function collect(child: Talking): () => string {
  let text = ''
  const take = (chunk: unknown): void => {
    text = (text + String(chunk)).slice(-100_000)
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return () => text
}
