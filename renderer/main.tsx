// Entry of the screens: connects to the engine the page came from.
import { z } from 'zod'
import { openBridge } from './bridge/bridge.ts'
import { connectToEngine } from './bridge/wires.ts'
import { renderApp } from './render-app.tsx'

// zod compiles schemas by `new Function` where it can; the CSP of the page forbids that.
z.config({ jitless: true })

renderApp(document.getElementById('root') as HTMLElement, openBridge(connectToEngine))
