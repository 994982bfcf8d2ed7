// `Menu` and `MenuItem`: trees that a spec can look at and click.
import { app } from './app.ts'
import { BrowserWindow } from './browser-window.ts'
import { missing } from './strict.ts'

export interface MenuItemOptions {
  id?: string
  label?: string
  role?: string
  type?: string
  accelerator?: string
  enabled?: boolean
  checked?: boolean
  submenu?: readonly MenuItemOptions[]
  click?: (item: MenuItem, window: BrowserWindow | null, event: object) => void
}

const roles = new Set(
  `quit close reload toggleDevTools resetZoom zoomIn zoomOut togglefullscreen
  appMenu editMenu windowMenu help about hide hideOthers unhide minimize`.split(/\s+/),
)

export class MenuItem {
  readonly id: string | undefined
  readonly label: string
  readonly role: string | undefined
  readonly type: string
  readonly accelerator: string | undefined
  readonly enabled: boolean
  readonly submenu: Menu | undefined
  checked: boolean
  readonly #click: MenuItemOptions['click']

  constructor(options: MenuItemOptions) {
    const { id, label, role, type, accelerator, enabled = true, checked = false } = options
    if (role !== undefined && !roles.has(role)) missing(`the menu role ${role}`)
    this.id = id
    this.label = label ?? role ?? ''
    this.role = role
    this.accelerator = accelerator
    this.enabled = enabled
    this.checked = checked
    this.submenu =
      options.submenu === undefined ? undefined : Menu.buildFromTemplate(options.submenu)
    this.type = type ?? (this.submenu === undefined ? 'normal' : 'submenu')
    this.#click = options.click
  }

  click(): void {
    if (this.role === 'quit') app.quit()
    else if (this.role === 'close') BrowserWindow.getFocusedWindow()?.close()
    else this.#click?.(this, BrowserWindow.getFocusedWindow(), {})
  }
}

export class Menu {
  static applicationMenu: Menu | null = null
  readonly items: MenuItem[] = []

  static buildFromTemplate(template: readonly MenuItemOptions[]): Menu {
    const menu = new Menu()
    menu.items.push(...template.map((options) => new MenuItem(options)))
    return menu
  }

  static setApplicationMenu(menu: Menu | null): void {
    Menu.applicationMenu = menu
  }

  static getApplicationMenu(): Menu | null {
    return Menu.applicationMenu
  }

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id)
      if (found !== undefined && found !== null) return found
    }
    return null
  }
}
