// The desktop app's main process.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDesktop } from './desktop/desktop.ts'
import { systemClock } from './system/clock.ts'
import { sluiceHome } from './system/home.ts'

// In the build, this file lies in dist/main with the files of every module beside it.
const here = import.meta.dirname
const beside = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url))

startDesktop({
  home: sluiceHome(),
  rendererDir: join(here, '../renderer'),
  preload: join(here, '../preload/preload.cjs'),
  icon: beside('icon.png'),
  trayIcon: beside(process.platform === 'darwin' ? 'trayTemplate.png' : 'tray.png'),
  clock: systemClock,
  openEngine: () => new Promise(() => {}),
})
