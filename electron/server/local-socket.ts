// The engine's door for this user's other processes: a Unix socket of mode 600 in the home, a named pipe on Windows.
// Who may open the file may do everything, so there is no token here; and a client speaks to nobody else's socket.
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import { dirname } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import type { Api, Client } from '../../shared/api/contract.ts'
import { AppError } from '../../shared/api/app-error.ts'
import { replyBytesMax, requestBytesMax } from '../../shared/api/frames.ts'
import { connectLink } from '../../shared/api/link.ts'
import { serveLink } from '../../shared/api/serve-link.ts'
import type { Wire } from '../../shared/api/wire.ts'
import { socketWire } from './socket-wire.ts'

export interface LocalSocket {
  path: string
  close(): Promise<void>
}

export interface LocalSocketOptions {
  path: string
  api: Api
  onBug: (error: unknown) => void
}

const socketMode = 0o600
/** Commands, windows and scripts of one user at once. */
const connectionsMax = 256

/** Only for the holder of the home's lock: a socket file that lies there is a dead engine's and is replaced. */
export async function openLocalSocket(options: LocalSocketOptions): Promise<LocalSocket> {
  const { path, api, onBug } = options
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveLink(socketWire(socket, requestBytesMax), api, onBug)
  })
  server.maxConnections = connectionsMax
  if (!isPipe(path)) rmSync(path, { force: true })
  await listen(server, path)
  if (!isPipe(path)) chmodSync(path, socketMode)
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new AppError('environment', `Cannot listen on ${path}: ${error.message}`, {
          hint: 'Choose another home folder by SLUICE_HOME.',
          cause: error,
        }),
      ),
    )
    // The file is made within this call: between it and a chmod, another user could connect.
    const before = isMainThread ? process.umask(0o777 & ~socketMode) : null
    server.listen(path, resolve)
    if (before !== null) process.umask(before)
  })
}

function isPipe(path: string): boolean {
  return path.startsWith('\\\\.\\pipe\\')
}

/** null when nobody listens. Throws AppError('environment') for a socket that another user could have put there. */
export async function connectLocalSocket(path: string): Promise<Client | null> {
  const wire = await connectLocalWire(path)
  return wire === null ? null : connectLink(wire)
}

/** The same for a face that passes frames on unread. */
export function connectLocalWire(path: string): Promise<Wire | null> {
  return new Promise((resolve, reject) => {
    assertOwn(path)
    const socket = connect(path)
    const onError = (error: NodeJS.ErrnoException): void => {
      const nobody = ['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'ENOTSOCK'].includes(error.code ?? '')
      if (nobody) resolve(null)
      else {
        reject(
          new AppError('environment', `Cannot reach the engine at ${path}: ${error.message}`, {
            cause: error,
          }),
        )
      }
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      socket.off('error', onError)
      resolve(socketWire(socket, replyBytesMax))
    })
  })
}

// In a shared place such as /tmp, whoever came first could listen in our stead, and hear params and answer for hosts.
function assertOwn(path: string): void {
  const own = process.getuid?.()
  if (own === undefined || isPipe(path)) return
  for (const one of [dirname(path), path]) {
    const owner: number = ownerOf(one) ?? own
    if (owner === own || owner === 0) continue
    throw new AppError(
      'environment',
      `${one} belongs to another user, and so may who listens there.`,
      {
        hint: 'Choose a home folder of your own, with a shorter path, by SLUICE_HOME.',
      },
    )
  }
}

function ownerOf(path: string): number | null {
  try {
    return lstatSync(path).uid
  } catch {
    return null // not there: whoever opens the home says what is wrong with it
  }
}
