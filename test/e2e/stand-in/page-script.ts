// The text that Chromium runs in each new document, before the page's own scripts.
import { cloneCodec } from './clone-codec.ts'
import { isolatedWorld, mainWorld, type IsolatedWorldInfo } from './page-worlds.ts'

/** The name of the world that a preload runs in; Electron's own. */
export const WORLD = 'Electron Isolated Context'
export const SEND_BINDING = 'standInSend'

export function mainWorldScript(info: IsolatedWorldInfo): string {
  const names = `${JSON.stringify(info.toPreload)}, ${JSON.stringify(info.toPage)}`
  return inTopFrame(`(${mainWorld.toString()})(${names})`)
}

export function isolatedWorldScript(info: IsolatedWorldInfo, preload: string): string {
  const wrapped = `function (require, module, exports, process) {\n${preload}\n}`
  return inTopFrame(
    `(${isolatedWorld.toString()})((${cloneCodec.toString()})(), ${JSON.stringify(info)}, ${wrapped})`,
  )
}

function inTopFrame(script: string): string {
  return `if (window === window.top) { ${script} }`
}
