// The desktop app's main process: hands the parts to the desktop face.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openApp } from './app.ts'
import { demoWorkspace } from './demo/demo.ts'
import { startDesktop } from './desktop/desktop.ts'
import { openEngineFace } from './desktop/engine-face.ts'
import { askedWorkspace, isDemoWorkspace } from './desktop/place.ts'
import { connectLocalWire } from './server/local-socket.ts'
import { systemClock } from './system/clock.ts'
import { homePaths, sluiceHome } from './system/home.ts'

// In the build, this file lies in dist/main with the files of every module beside it.
const here = import.meta.dirname
const beside = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

const { env, argv } = process
const home = sluiceHome()
const paths = homePaths(home, env)
const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

startDesktop({
  home,
  rendererDir: join(here, '../renderer'),
  preload: join(here, '../preload/preload.cjs'),
  icon: beside('icon.png'),
  trayIcon: beside(process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'),
  clock: systemClock,
  async openEngine(last, secrets) {
    const asked = askedWorkspace({ argv, env, last, isFolder })
    const workspace = asked ?? (await demoWorkspace(paths.demo))
    const demo = isDemoWorkspace(workspace, paths.demo)
    const engine = await openEngineFace({
      open: () => openApp({ home, workspace, face: 'desktop', mode: 'engine', demo, secrets, env }),
      connect: () => connectLocalWire(paths.socket),
      clock: systemClock,
    })
    return { engine, workspace }
  },
})
