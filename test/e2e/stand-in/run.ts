// Stands in for the `electron` executable: `node run.ts APP_DIR [arguments]` runs the app's own built main script
// with `electron` resolved to this folder.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { listenForSpecs } from './spec-control.ts'

const standIn = new URL('./electron.ts', import.meta.url).href
registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron') return next(specifier, context)
    return { url: standIn, shortCircuit: true }
  },
})

const appDir = resolve(process.argv[2] ?? '.')
const { main } = JSON.parse(readFileSync(join(appDir, 'package.json'), 'utf8')) as { main: string }
const electronPackage = join(appDir, 'node_modules/electron/package.json')
const { version } = JSON.parse(readFileSync(electronPackage, 'utf8')) as { version: string }
Object.defineProperty(process.versions, 'electron', { value: version, enumerable: true })
process.argv = [process.execPath, ...process.argv.slice(2)]

const electron = await import('./electron.ts')
const { started } = await import('./app.ts')
started.appDir = appDir
listenForSpecs(electron)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => electron.app.quit())
// Electron lives until it is told to quit, whatever is left to do.
setInterval(() => {}, 2 ** 30)
await import(pathToFileURL(join(appDir, main)).href)
electron.app.becomeReady()
