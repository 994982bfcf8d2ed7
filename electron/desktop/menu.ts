// The application menu: standard roles, so that the keys of each platform work. Reload and developer tools are for
// a checkout only.
import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { DesktopSettings } from './desktop-settings.ts'

type Theme = DesktopSettings['theme']

export interface MenuOptions {
  platform: NodeJS.Platform
  packaged: boolean
  theme: Theme
  onTheme: (theme: Theme) => void
  onRoute: (route: string) => void
  onOpenWorkspace: () => void
}

export function setMenu(options: MenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
}

function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const mac = options.platform === 'darwin'
  const appMenu: MenuItemConstructorOptions[] = mac ? [{ role: 'appMenu' }] : []
  return [
    ...appMenu,
    {
      label: '&File',
      submenu: [
        {
          id: 'open-workspace',
          label: 'Open Workspace…',
          accelerator: 'CmdOrCtrl+O',
          click: options.onOpenWorkspace,
        },
        { type: 'separator' },
        mac ? { role: 'close' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    viewMenu(options),
    goMenu(options),
    { role: 'windowMenu' },
  ]
}

function viewMenu({ packaged, theme, onTheme }: MenuOptions): MenuItemConstructorOptions {
  const themeItem = (value: Theme, label: string): MenuItemConstructorOptions => ({
    id: `theme-${value}`,
    label,
    type: 'radio',
    checked: theme === value,
    click: () => onTheme(value),
  })
  const forDevelopers: MenuItemConstructorOptions[] = packaged
    ? []
    : [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }]
  return {
    label: '&View',
    submenu: [
      themeItem('system', 'Theme of the System'),
      themeItem('light', 'Light'),
      themeItem('dark', 'Dark'),
      { type: 'separator' },
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      ...forDevelopers,
    ],
  }
}

function goMenu({ onRoute }: MenuOptions): MenuItemConstructorOptions {
  const pages = ['Now', 'Pipelines', 'Hosts']
  return {
    label: '&Go',
    submenu: pages.map((label, index) => ({
      id: `go-${label.toLowerCase()}`,
      label,
      accelerator: `CmdOrCtrl+${index + 1}`,
      click: () => onRoute(`#/${label.toLowerCase()}`),
    })),
  }
}
