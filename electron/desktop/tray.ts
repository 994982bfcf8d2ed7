// The tray: how many runs go and how many pipelines are red, and the way back to the window.
import { Menu, Tray, nativeImage } from 'electron'
import { countsInWords, type RunCounts } from './run-news.ts'

export interface TrayActions {
  show: () => void
  quit: () => void
}

export interface SluiceTray {
  update(counts: RunCounts): void
  close(): void
}

export function openTray(icon: string, actions: TrayActions): SluiceTray {
  const tray = new Tray(nativeImage.createFromPath(icon))
  tray.on('click', actions.show)
  const update = (counts: RunCounts): void => {
    const words = countsInWords(counts)
    tray.setToolTip(`Sluice: ${words}`)
    tray.setContextMenu(
      Menu.buildFromTemplate([
        { label: words, enabled: false },
        { type: 'separator' },
        { label: 'Show Sluice', click: actions.show },
        { label: 'Quit', click: actions.quit },
      ]),
    )
  }
  update({ running: 0, failed: 0 })
  return { update, close: () => tray.destroy() }
}
