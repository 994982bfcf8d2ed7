// The built renderer over HTTP, with a Content-Security-Policy whose nonce is new for each page.
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'

const typeByExtension: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** The page's <meta name="style-nonce"> holds this word until it is served. */
const nonceWord = '__STYLE_NONCE__'

export interface StaticFiles {
  /** `path`: of the URL, still encoded. Answers 404 itself. */
  serve(path: string, response: ServerResponse, host: string): Promise<void>
}

export function openStaticFiles(folder: string): StaticFiles {
  return {
    async serve(path, response, host) {
      const file = fileOf(path, folder)
      const type = file === null ? undefined : typeByExtension[extname(file)]
      const bytes = file === null || type === undefined ? null : await readIfThere(file)
      if (file === null || bytes === null) {
        if (path === '/') return sendPage(response, 503, missingPage)
        return sendPage(response, 404, messagePage('Not found', 'There is no such page here.'))
      }
      if (extname(file) === '.html') return sendHtml(response, bytes, host)
      // Names under assets/ carry the hash of their content.
      const forever = path.startsWith('/assets/')
      response.writeHead(200, {
        ...safetyHeaders,
        'content-type': type,
        'content-length': bytes.length,
        'cache-control': forever ? 'private, max-age=31536000, immutable' : 'no-cache',
      })
      response.end(bytes)
    },
  }
}

export function hasRenderer(folder: string): boolean {
  return existsSync(join(folder, 'index.html'))
}

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    ...safetyHeaders,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
  })
  response.end(html)
}

/** Both texts are our own; nothing from a request is ever put in. `again`: the page loads itself once more. */
export function messagePage(title: string, text: string, again = false): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sluice: ${title}</title>${again ? '<meta http-equiv="refresh" content="0">' : ''}
<style>body{font:15px/1.5 system-ui;max-width:36em;margin:15vh auto;padding:0 1em;color-scheme:light dark}</style>
<h1>${title}</h1><p>${text}</p></html>`
}

const missingPage = messagePage(
  'The screens are not built yet',
  'Run <code>npm run build</code> in the Sluice checkout, then reload this page.',
)

const safetyHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
}

function sendHtml(response: ServerResponse, bytes: Buffer, host: string): void {
  const nonce = randomBytes(16).toString('base64')
  const html = bytes.toString('utf8').replaceAll(nonceWord, nonce)
  response.writeHead(200, {
    ...safetyHeaders,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(nonce, host),
    'cache-control': 'no-store',
  })
  response.end(html)
}

// No inline script and no eval. <style> elements need the nonce; style attributes are let through,
// because the terminal sets the width of each cell by them.
function contentSecurityPolicy(nonce: string, host: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    `connect-src 'self' ws://${host}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** null for a path that is not plainly inside the folder. */
function fileOf(path: string, folder: string): string | null {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return null // a lone percent sign
  }
  if (/[\0\\]/.test(decoded) || decoded.split('/').includes('..')) return null
  const file = join(folder, decoded === '/' ? 'index.html' : decoded)
  return file.startsWith(folder + sep) ? file : null
}

async function readIfThere(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'].includes(code ?? '')) return null
    throw error
  }
}
