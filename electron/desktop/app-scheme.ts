// Serves the built renderer as `app://sluice/`: a real origin of its own, unlike `file:`, and with headers.
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { APP_SCHEME, NONCE_WORD, contentSecurityPolicy, fileOfUrl } from './app-files.ts'

/** Must be called before Electron is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/** `folder`: the built renderer, absolute. */
export function serveAppScheme(folder: string): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const file = fileOfUrl(request.url, folder)
    if (file === null || request.method !== 'GET') return refusal(403)
    const bytes = await readFile(file.path).catch(() => null)
    if (bytes === null) return refusal(404)
    return file.type.startsWith('text/html')
      ? page(bytes.toString('utf8'))
      : new Response(bytes, { headers: { 'content-type': file.type, ...safetyHeaders } })
  })
}

function page(html: string): Response {
  const nonce = randomBytes(16).toString('base64')
  return new Response(html.replaceAll(NONCE_WORD, nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentSecurityPolicy(nonce),
      ...safetyHeaders,
    },
  })
}

const safetyHeaders = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
}

function refusal(status: number): Response {
  return new Response(null, { status, headers: safetyHeaders })
}
