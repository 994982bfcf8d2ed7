// What `import ... from 'electron'` gives in the main process. A name that is missing here fails the import by its
// name; a method that is missing throws by its name.
export { app } from './app.ts'
export { BrowserWindow } from './browser-window.ts'
export { ipcMain } from './ipc-main.ts'
export { Menu, MenuItem } from './menu.ts'
export { MessageChannelMain, MessagePortMain } from './message-port.ts'
export { nativeTheme } from './native-theme.ts'
export { powerMonitor } from './power-monitor.ts'
export { safeStorage } from './safe-storage.ts'
export { protocol, session } from './session.ts'
export { Notification, Tray, dialog, nativeImage, screen, shell } from './surroundings.ts'
