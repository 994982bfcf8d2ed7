// `session` and `protocol`.
import { app } from './app.ts'
import { schemeServer } from './browser.ts'
import {
  permissions,
  type PermissionCheckHandler,
  type PermissionRequestHandler,
} from './permissions.ts'
import type { SchemeHandler } from './scheme-server.ts'
import { strict } from './strict.ts'

class Session {
  setPermissionRequestHandler(handler: PermissionRequestHandler): void {
    permissions.onRequest = handler
  }

  setPermissionCheckHandler(handler: PermissionCheckHandler): void {
    permissions.onCheck = handler
  }
}

const defaultSession = strict('session.defaultSession', new Session())
export const session = strict('session', { defaultSession })

const privileged = new Set<string>()
// Started at once, so that a handler is there before the first window asks.
const server = await schemeServer()

export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(schemes: readonly { scheme: string }[]) {
    if (app.isReady())
      throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const { scheme } of schemes) privileged.add(scheme)
  },
  handle(scheme: string, handler: SchemeHandler) {
    if (!privileged.has(scheme))
      throw new Error(`electron stand-in: the scheme ${scheme} is not registered as privileged`)
    if (server.handlerByScheme.has(scheme))
      throw new Error(`Failed to register protocol: ${scheme}`)
    server.handlerByScheme.set(scheme, handler)
  },
})
