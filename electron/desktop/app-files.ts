// What `app://sluice/...` may read: the files of the built renderer, and nothing else.
import { extname, join, sep } from 'node:path'

export const APP_SCHEME = 'app'
export const APP_ORIGIN = 'app://sluice'
export const APP_PAGE = `${APP_ORIGIN}/index.html`

/** The page holds this word until it is served; the nonce of its policy takes its place. */
export const NONCE_WORD = '__STYLE_NONCE__'

/**
 * No inline script and no eval. Style elements need the nonce; style attributes are let through, because the
 * terminal sets the width of each cell by them.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const typeByExtension: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

export interface AppFile {
  path: string
  type: string
}

/** Null for another host, a path that leaves `folder`, or a kind of file that the renderer has none of. */
export function fileOfUrl(url: string, folder: string): AppFile | null {
  const rest = url.startsWith(`${APP_ORIGIN}/`) ? url.slice(APP_ORIGIN.length) : null
  if (rest === null) return null
  const path = decoded(rest.replace(/[?#].*$/s, ''))
  if (path === null || path.includes('\0') || path.includes('\\')) return null
  if (path.split('/').includes('..')) return null
  const file = join(folder, path === '/' ? 'index.html' : path)
  // The check above is enough; this one holds should it ever be changed.
  if (!file.startsWith(folder + sep)) return null
  const type = typeByExtension[extname(file)]
  return type === undefined ? null : { path: file, type }
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    // A lone percent sign: no file of ours has such a name.
    return null
  }
}

/** Whether a frame with this address is our own page. */
export function isAppPage(url: string): boolean {
  return url === APP_PAGE || url.startsWith(`${APP_PAGE}#`) || url.startsWith(`${APP_PAGE}?`)
}
