// Lets a spec run a function in the main process, as Playwright does with a real Electron.
import { runInThisContext } from 'node:vm'
import { theBrowser } from './browser.ts'

export interface EvaluateMessage {
  id: number
  /** Text of `(electron, argument) => result`. */
  source: string
  argument: unknown
}

export type ControlReply =
  | { what: 'browser'; url: string }
  | { what: 'result'; id: number; value: unknown }
  | { what: 'failed'; id: number; error: string }

interface ElectronModule {
  app: { whenReady(): Promise<void>; getPath(name: string): string }
}

export function listenForSpecs(electron: ElectronModule): void {
  if (process.send === undefined) return
  const reply = (message: ControlReply): void => void process.send?.(message)
  process.on('message', (message: EvaluateMessage) => {
    void evaluate(electron, message).then(reply)
  })
  // A parent that died leaves nobody to end us.
  process.on('disconnect', () => process.exit(1))
  const tellBrowser = async (): Promise<void> => {
    await electron.app.whenReady()
    const { url, ready } = await theBrowser(electron.app.getPath('userData'))
    await ready
    reply({ what: 'browser', url })
  }
  void tellBrowser()
}

async function evaluate(
  electron: ElectronModule,
  { id, source, argument }: EvaluateMessage,
): Promise<ControlReply> {
  try {
    const run = runInThisContext(`(${source})`) as (electron: unknown, argument: unknown) => unknown
    return { what: 'result', id, value: await run(electron, argument) }
  } catch (error) {
    return { what: 'failed', id, error: error instanceof Error ? error.message : String(error) }
  }
}
