// What pages may do. Chromium cannot ask us each time, so the app's handlers are asked once, before a page loads.
import type { CdpSession } from './cdp.ts'

export type PermissionRequestHandler = (
  contents: unknown,
  permission: string,
  answer: (granted: boolean) => void,
) => void
export type PermissionCheckHandler = (contents: unknown, permission: string) => boolean

interface Permissions {
  onRequest: PermissionRequestHandler | null
  onCheck: PermissionCheckHandler | null
}

export const permissions: Permissions = { onRequest: null, onCheck: null }

/** Electron's names, and Chromium's. */
const names = { geolocation: 'geolocation', notifications: 'notifications', midi: 'midi' }

export async function settlePermissions(session: CdpSession, contents: unknown): Promise<void> {
  for (const [asked, name] of Object.entries(names)) {
    const setting = isGranted(contents, asked) ? 'granted' : 'denied'
    await session.send('Browser.setPermission', { permission: { name }, setting })
  }
}

/** Electron's own default, where the app has no handler, is to grant. */
function isGranted(contents: unknown, permission: string): boolean {
  const { onRequest, onCheck } = permissions
  let granted = onCheck?.(contents, permission) ?? true
  onRequest?.(contents, permission, (answer) => (granted &&= answer))
  return granted
}
