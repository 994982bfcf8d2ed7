// The engine's door for this user's other processes: a Unix socket of mode 600 in the home, a named pipe on Windows.
// Who may open the file may do everything, so there is no token here.
import { chmodSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import type { Server, Socket } from 'node:net'
import type { Api, Client } from '../../shared/api/contract.ts'
import { AppError } from '../../shared/api/app-error.ts'
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

/** Only for the holder of the home's lock: a socket file that lies there is a dead engine's and is replaced. */
export async function openLocalSocket(options: LocalSocketOptions): Promise<LocalSocket> {
  const { path, api, onBug } = options
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    serveLink(socketWire(socket), api, onBug)
  })
  const isPipe = path.startsWith('\\\\.\\pipe\\')
  if (!isPipe) rmSync(path, { force: true })
  await listen(server, path)
  if (!isPipe) chmodSync(path, 0o600)
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
    server.listen(path, resolve)
  })
}

/** null when nobody listens. */
export async function connectLocalSocket(path: string): Promise<Client | null> {
  const wire = await connectLocalWire(path)
  return wire === null ? null : connectLink(wire)
}

/** The same for a face that passes frames on unread. */
export function connectLocalWire(path: string): Promise<Wire | null> {
  return new Promise((resolve, reject) => {
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
      resolve(socketWire(socket))
    })
  })
}
