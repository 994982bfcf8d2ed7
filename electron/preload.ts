// Runs in the sandbox beside the page. The page gets three plain values and one port; nothing here knows a call.
import { contextBridge, ipcRenderer } from 'electron'

// This file alone sees the page; the types of the DOM stay out of the rest of electron/.
declare const window: {
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void
  location: { hash: string; origin: string }
}

const versionSwitch = '--sluice-version='
const versionArgument = process.argv.find((argument) => argument.startsWith(versionSwitch))

contextBridge.exposeInMainWorld('sluice', {
  platform: process.platform,
  version: versionArgument?.slice(versionSwitch.length) ?? '',
  /** A port to the engine follows as the message `sluice:port`; an earlier one is closed. */
  requestPort: () => ipcRenderer.send('sluice:request-port'),
})

ipcRenderer.on('sluice:port', (event) => {
  window.postMessage('sluice:port', window.location.origin, event.ports)
})

ipcRenderer.on('sluice:route', (_event, route: unknown) => {
  if (typeof route === 'string' && route.startsWith('#/')) window.location.hash = route
})
