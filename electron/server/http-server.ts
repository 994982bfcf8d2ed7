// The screens in a browser: HTTP and one WebSocket path on loopback, only when a person asked for it. `gate.ts` has the rules.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Api } from '../../shared/api/contract.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { requestBytesMax } from '../../shared/api/frames.ts'
import { serveLink } from '../../shared/api/serve-link.ts'
import type { Clock } from '../ports/clock.ts'
import { openGate } from './gate.ts'
import type { Gate, Verdict } from './gate.ts'
import { messagePage, openStaticFiles, sendPage } from './static-files.ts'
import type { StaticFiles } from './static-files.ts'
import { webWire } from './web-wire.ts'

export interface HttpServer {
  port: number
  /** With the token: whoever has it has this engine. */
  url: string
  close(): Promise<void>
}

export interface HttpServerOptions {
  api: Api
  /** 0: any free one. */
  port: number
  /** The built renderer. */
  rendererDir: string
  clock: Clock
  onBug: (error: unknown) => void
}

const linksMax = 64
/** Descriptors that HTTP may take from the engine, whoever connects. */
const connectionsMax = 512
/** A request that dawdles is looked for as often. */
const dawdlersEveryMs = 2000

export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const files = openStaticFiles(options.rendererDir)
  const server = createServer({
    requestTimeout: 10_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: dawdlersEveryMs,
  })
  server.maxConnections = connectionsMax
  const port = await listen(server, options.port)
  const gate = openGate(port, options.clock)
  const links = new WebSocketServer({
    noServer: true,
    maxPayload: requestBytesMax,
    perMessageDeflate: false,
  })

  server.on('request', (request, response) => {
    answer(gate, files, request, response).catch((error: unknown) => {
      options.onBug(error)
      if (!response.headersSent) sendPage(response, 500, messagePage('Trouble', 'See the app log.'))
    })
  })
  server.on('upgrade', (request, socket, head) => {
    // Node has let go of the socket: without a listener, a peer that resets it would end the process.
    socket.on('error', () => socket.destroy())
    const verdict = judgeUpgrade(gate, request, links.clients.size)
    if (verdict.kind !== 'pass') return refuseUpgrade(socket, verdict)
    links.handleUpgrade(request, socket, head, (link) => {
      // What the peer got wrong (a frame too large) closes the link; the error has nothing more to say.
      link.on('error', () => link.terminate())
      serveLink(webWire(link), options.api, options.onBug)
    })
  })

  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${gate.token}`,
    close: () =>
      new Promise((resolve) => {
        for (const link of links.clients) link.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  gate: Gate,
  files: StaticFiles,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    return sendPage(response, 405, messagePage('Not here', 'This server only shows pages.'))
  }
  const verdict = gate.page(request)
  switch (verdict.kind) {
    case 'pass': {
      const path = (request.url ?? '/').replace(/[?#].*$/s, '')
      return await files.serve(path, response, request.headers.host ?? '')
    }
    case 'cookie':
      response.writeHead(303, {
        location: verdict.location,
        'set-cookie': verdict.cookie,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      response.end()
      return
    case 'refuse':
      return sendPage(response, verdict.status, refusalPage(verdict, request))
  }
}

function refusalPage(
  verdict: Extract<Verdict, { kind: 'refuse' }>,
  request: IncomingMessage,
): string {
  if (verdict.status !== 401) return messagePage('Not allowed', verdict.why)
  const way = ' Open the address that <code>sluice serve</code> printed: it carries the token.'
  // The printed address, followed from another site's page (a chat, a terminal in a browser): a Strict cookie is not sent
  // on that way, also when it was just set. A load that our own page asks for brings it; and it asks once, for then it is
  // no longer from another site.
  const again = request.headers['sec-fetch-site'] === 'cross-site'
  return messagePage('Not allowed', verdict.why + way, again)
}

function judgeUpgrade(gate: Gate, request: IncomingMessage, open: number): Verdict {
  const verdict = gate.socket(request)
  if (verdict.kind !== 'pass') return verdict
  if (request.url !== '/link') return { kind: 'refuse', status: 403, why: 'No link is there.' }
  if (open >= linksMax) return { kind: 'refuse', status: 429, why: 'Too many links are open.' }
  return verdict
}

function refuseUpgrade(socket: Duplex, verdict: Exclude<Verdict, { kind: 'pass' }>): void {
  // A peer that keeps its half open would hold the descriptor for ever.
  socket.once('finish', () => socket.destroy())
  const status = verdict.kind === 'refuse' ? verdict.status : 403
  const why = verdict.kind === 'refuse' ? verdict.why : ''
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(why)}\r\n\r\n${why}`,
  )
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(
        new AppError(
          'environment',
          `Cannot listen on 127.0.0.1:${port}: ${taken ? 'the port is taken' : error.message}`,
          { hint: 'Choose another one: --port N, or --port 0 for any free one.', cause: error },
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
