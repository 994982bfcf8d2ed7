// A preload for stand-in.spec.ts: IPC and a port, bare.
const { contextBridge, ipcRenderer } = require('electron')

contextBridge.exposeInMainWorld('spec', {
  echo: (value) => ipcRenderer.invoke('spec:echo', value),
  fail: () => ipcRenderer.invoke('spec:fail'),
  askPort: () => ipcRenderer.send('spec:port'),
})

ipcRenderer.on('spec:port', (event, message) => {
  window.postMessage(message, window.location.origin, event.ports)
})
