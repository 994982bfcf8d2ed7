// What surrounds the app on a desktop: tray, notifications, dialogs, other programs, displays. Nothing is shown;
// a spec replaces a method to answer or to look.
import { existsSync } from 'node:fs'
import type { Menu } from './menu.ts'
import { StrictEmitter, strict } from './strict.ts'

interface Image {
  isEmpty(): boolean
}

export const nativeImage = strict('nativeImage', {
  createFromPath: (path: string): Image =>
    strict('NativeImage', { isEmpty: () => !existsSync(path), setTemplateImage: () => {} }),
})

export class Tray extends StrictEmitter {
  tooltip = ''
  menu: Menu | null = null

  constructor(image: Image) {
    super('Tray', ['click', 'double-click'])
    if (image.isEmpty()) throw new Error('electron stand-in: a tray without an image is not seen')
  }

  setToolTip(tooltip: string): void {
    this.tooltip = tooltip
  }

  setContextMenu(menu: Menu | null): void {
    this.menu = menu
  }

  destroy(): void {}
}

export class Notification extends StrictEmitter {
  readonly title: string
  readonly body: string

  constructor({ title, body }: { title: string; body: string }) {
    super('Notification', ['show', 'click', 'close'])
    this.title = title
    this.body = body
  }

  static isSupported(): boolean {
    return true
  }

  show(): void {
    setImmediate(() => this.emit('show', {}))
  }
}

interface MessageBoxOptions {
  cancelId?: number
}

// Without a script, a person closes every dialog.
export const dialog = strict('dialog', {
  showMessageBox: (...values: unknown[]) => {
    const options = values.at(-1) as MessageBoxOptions
    return Promise.resolve({ response: options.cancelId ?? 0, checkboxChecked: false })
  },
  showOpenDialog: () => Promise.resolve({ canceled: true, filePaths: [] as string[] }),
  showErrorBox: (title: string, content: string) =>
    console.error(`dialog.showErrorBox: ${title}\n${content}`),
})

export const shell = strict('shell', {
  openExternal: () => Promise.resolve(),
})

const display = {
  id: 1,
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1040 },
  scaleFactor: 1,
}

export const screen = strict('screen', {
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
})
