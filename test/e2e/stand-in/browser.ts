// The one Chromium of a stand-in process, started with the first window.
import { join } from 'node:path'
import { findChromium } from '../find-chromium.ts'
import { Cdp, type CdpSession } from './cdp.ts'
import { startChromium } from './chromium.ts'
import { startSchemeServer, type SchemeServer } from './scheme-server.ts'

export interface Page {
  targetId: string
  session: CdpSession
}

export interface Browser {
  /** DevTools address, for Playwright. */
  url: string
  /** Resolves when the first window of the app is the only page there is. */
  ready: Promise<void>
  openPage(size: { width: number; height: number }): Promise<Page>
  closePage(targetId: string): Promise<void>
  onPageGone(listener: (targetId: string) => void): void
  /** Resolves when the process has ended. */
  end(): Promise<void>
}

const endMsMax = 3_000

let schemes: Promise<SchemeServer> | null = null
let started: Promise<Browser> | null = null

export function schemeServer(): Promise<SchemeServer> {
  return (schemes ??= startSchemeServer())
}

export function theBrowser(userData: string): Promise<Browser> {
  return (started ??= startBrowser(join(userData, `chromium-${process.pid}`)))
}

export async function endBrowser(): Promise<void> {
  await (await started)?.end()
}

async function startBrowser(profileDir: string): Promise<Browser> {
  const chromium = await startChromium(findChromium(), profileDir)
  // Whatever ends this process: a Chromium without it would stay for ever.
  process.on('exit', () => chromium.process.kill('SIGKILL'))
  const cdp = await Cdp.connect(chromium.url)
  const ours = new Set<string>()
  let opening: Promise<unknown> = Promise.resolve()

  const chromiumsOwn: string[] = []
  let discovered = false
  const ready = Promise.withResolvers<void>()

  cdp.on('Target.targetCreated', ({ targetInfo }) => {
    if (targetInfo.type !== 'page') return
    if (!discovered) {
      chromiumsOwn.push(targetInfo.targetId)
      return
    }
    // A window that a page opened: the app has denied it by now, or must not have allowed it.
    const isOurs = async (): Promise<boolean> => {
      await opening
      return ours.has(targetInfo.targetId)
    }
    void isOurs().then((own) => (own ? undefined : closeTarget(cdp, targetInfo.targetId)))
  })
  await cdp.send('Target.setDiscoverTargets', { discover: true })
  discovered = true

  return {
    url: chromium.url,
    ready: ready.promise,
    async openPage(size) {
      const created = cdp.send('Target.createTarget', {
        url: 'about:blank',
        newWindow: true,
        ...size,
      })
      opening = created.then(({ targetId }) => ours.add(String(targetId))).catch(() => {})
      const targetId = String((await created)['targetId'])
      for (const own of chromiumsOwn.splice(0)) await closeTarget(cdp, own)
      ready.resolve()
      const attached = await cdp.send('Target.attachToTarget', { targetId, flatten: true })
      return { targetId, session: cdp.session(String(attached['sessionId'])) }
    },
    closePage: (targetId) => closeTarget(cdp, targetId),
    onPageGone(listener) {
      cdp.on('Target.targetDestroyed', ({ targetId }) => listener(String(targetId)))
    },
    end() {
      return new Promise((resolve) => {
        if (chromium.process.exitCode !== null) return resolve()
        const timer = setTimeout(() => chromium.process.kill('SIGKILL'), endMsMax)
        chromium.process.once('exit', () => {
          clearTimeout(timer)
          resolve()
        })
        // It may be gone before it answers.
        cdp.send('Browser.close').catch(() => {})
      })
    },
  }
}

async function closeTarget(cdp: Cdp, targetId: string): Promise<void> {
  // Gone already is as good.
  await cdp.send('Target.closeTarget', { targetId }).catch(() => {})
}
