// Who may speak to the HTTP server. It listens on loopback only; still every web page in the user's browser can send requests there.
//   G1  Host must name this server: a foreign name that resolves to loopback (DNS rebinding) is refused.
//   G2  A WebSocket needs the Origin of this server itself; browsers cannot leave it out or make it up.
//   G3  Nothing but the 401 page is served without the session cookie; the token of the printed URL buys the cookie once per browser.
//   G4  Wrong tokens and floods of requests are answered with 429 for a while. Strangers have a count of their own:
//       their flood, from whatever page or account, does not shut out the browser that has the session.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../ports/clock.ts'

export type Verdict =
  | { kind: 'pass' }
  | { kind: 'cookie'; cookie: string; location: string }
  | { kind: 'refuse'; status: 400 | 401 | 403 | 421 | 429; why: string }

export interface Gate {
  token: string
  /** For a request of a page or an asset. */
  page(request: IncomingMessage): Verdict
  /** For an upgrade to a WebSocket. */
  socket(request: IncomingMessage): Verdict
}

const windowMs = 10_000
const requestsMax = 1200
const wrongTokensMax = 10

const pass: Verdict = { kind: 'pass' }

export function openGate(port: number, clock: Clock): Gate {
  const token = randomBytes(24).toString('base64url')
  const session = randomBytes(24).toString('base64url')
  // Cookies of one host are shared by its ports: the name keeps two servers apart.
  const cookieName = `sluice_${port}`
  const ofSession = openBucket(requestsMax, clock)
  const ofStrangers = openBucket(requestsMax, clock)
  const wrongTokens = openBucket(wrongTokensMax, clock)
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`])

  const hasSession = (request: IncomingMessage): boolean =>
    same(cookieOf(request, cookieName), session)
  const check = (request: IncomingMessage): Verdict => {
    const requests = hasSession(request) ? ofSession : ofStrangers
    if (!requests.take()) return refuse(429, 'Too many requests. Wait ten seconds.')
    const host = request.headers.host ?? ''
    if (!hosts.has(host.toLowerCase())) return refuse(421, 'This server has another name.')
    return pass
  }

  return {
    token,
    page(request) {
      const first = check(request)
      if (first.kind !== 'pass') return first
      const url = urlOf(request)
      if (url === null) return refuse(400, 'This is no address of a page.')
      const given = url.searchParams.get('token')
      if (given === null) {
        return hasSession(request) ? pass : refuse(401, 'This browser has no session here.')
      }
      if (wrongTokens.isEmpty()) return refuse(429, 'Too many wrong tokens. Wait ten seconds.')
      if (!same(given, token)) {
        wrongTokens.take()
        return refuse(401, 'The token in the address is not of this server.')
      }
      url.searchParams.delete('token')
      return {
        kind: 'cookie',
        cookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
        // `//host` at the start would lead away.
        location: url.pathname.replace(/^\/{2,}/, '/') + url.search,
      }
    },
    socket(request) {
      const first = check(request)
      if (first.kind !== 'pass') return first
      const host = request.headers.host ?? ''
      if (request.headers.origin !== `http://${host}`) {
        return refuse(403, 'Only the screens that this server sent may open a link.')
      }
      return hasSession(request) ? pass : refuse(401, 'This browser has no session here.')
    },
  }
}

// `//` and `http://[` are none. What `new URL` throws holds the whole address, with the token in it: not for any log.
function urlOf(request: IncomingMessage): URL | null {
  const address = request.url ?? '/'
  return URL.canParse(address, 'http://localhost') ? new URL(address, 'http://localhost') : null
}

function refuse(status: 400 | 401 | 403 | 421 | 429, why: string): Verdict {
  return { kind: 'refuse', status, why }
}

function cookieOf(request: IncomingMessage, name: string): string {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return ''
}

/** Takes the same time wherever the two begin to differ. */
function same(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}

function openBucket(max: number, clock: Clock): { take(): boolean; isEmpty(): boolean } {
  let left = max
  let filledAt = clock.monotonic()
  const refill = (): void => {
    if (clock.monotonic() - filledAt < windowMs) return
    left = max
    filledAt = clock.monotonic()
  }
  return {
    take() {
      refill()
      if (left === 0) return false
      left -= 1
      return true
    },
    isEmpty() {
      refill()
      return left === 0
    },
  }
}
