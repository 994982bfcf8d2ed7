// Chromium knows no scheme of ours and cannot be taught one from outside. So each `scheme://host/path` is asked for
// as `http://host.scheme.localhost:PORT/path` (a secure context as well), and shown to the app under its own name.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type SchemeHandler = (request: Request) => Response | Promise<Response>

export interface SchemeServer {
  handlerByScheme: Map<string, SchemeHandler>
  /** What Chromium loads for an address of the app; others stay as they are. */
  toReal(url: string): string
  fromReal(url: string): string
  close(): void
}

export async function startSchemeServer(): Promise<SchemeServer> {
  const handlerByScheme = new Map<string, SchemeHandler>()
  const server = createServer((request, response) => {
    serve(handlerByScheme, request, response).catch((error: unknown) => {
      console.error('electron stand-in: a scheme handler failed', error)
      response.writeHead(500).end()
    })
  })
  const port = await listen(server)
  const real = new RegExp(`^http://([^/:]*)\\.([a-z][a-z0-9]*)\\.localhost:${port}(/.*)?$`, 's')
  return {
    handlerByScheme,
    toReal(url) {
      const [, scheme = '', host = '', rest = ''] =
        /^([a-z][a-z0-9]*):\/\/([^/?#]*)(.*)$/s.exec(url) ?? []
      return handlerByScheme.has(scheme)
        ? `http://${host}.${scheme}.localhost:${port}${rest === '' ? '/' : rest}`
        : url
    },
    fromReal(url) {
      const [, host, scheme, rest = ''] = real.exec(url) ?? []
      return scheme === undefined ? url : `${scheme}://${host}${rest}`
    },
    close: () => server.close(),
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return (server.address() as AddressInfo).port
}

async function serve(
  handlerByScheme: ReadonlyMap<string, SchemeHandler>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const asked = /^([^:]*)\.([a-z][a-z0-9]*)\.localhost:\d+$/.exec(incoming.headers.host ?? '')
  const handler = handlerByScheme.get(asked?.[2] ?? '')
  if (asked === null || handler === undefined) return void outgoing.writeHead(404).end()
  const request = new Request('http://stand-in/', { method: incoming.method ?? 'GET' })
  // `new Request` would normalise the path; Electron hands it over as the page wrote it.
  Object.defineProperty(request, 'url', { value: `${asked[2]}://${asked[1]}${incoming.url}` })
  const response = await handler(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(new Uint8Array(await response.arrayBuffer()))
}
