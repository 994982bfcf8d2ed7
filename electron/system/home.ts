// Where Sluice keeps its things on this machine, and what each of them is called.
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { AppError } from '../../shared/api/app-error.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface HomePaths {
  home: string
  database: string
  logs: string
  blobs: string
  knownHosts: string
  /** A Unix socket, or a named pipe on Windows. */
  socket: string
  appLog: string
  demo: string
  /** What was read from the files of the workspace; may be deleted at any time. */
  parseCache: string
}

/** SLUICE_HOME, or the platform's convention for an application's state. Absolute. */
export function sluiceHome(env: Env = process.env, platform: string = process.platform): string {
  const asked = env['SLUICE_HOME']
  if (asked !== undefined && asked !== '') return resolve(asked)
  const user = env['HOME'] ?? homedir()
  if (platform === 'win32') {
    return join(env['LOCALAPPDATA'] ?? join(user, 'AppData', 'Local'), 'Sluice')
  }
  if (platform === 'darwin') return join(user, 'Library', 'Application Support', 'Sluice')
  const state = env['XDG_STATE_HOME']
  // The XDG rules: a path that is not absolute is to be ignored.
  return join(state?.startsWith('/') === true ? state : join(user, '.local', 'state'), 'sluice')
}

export function homePaths(home: string, env: Env = process.env): HomePaths {
  return {
    home,
    database: join(home, 'sluice.db'),
    logs: join(home, 'logs'),
    blobs: join(home, 'blobs'),
    knownHosts: join(home, 'known_hosts'),
    socket: socketPath(home, env),
    appLog: join(home, 'app.log'),
    demo: join(home, 'demo'),
    parseCache: join(home, 'cache', 'pipelines.json'),
  }
}

/** sockaddr_un holds 108 bytes on Linux and 104 on macOS, the final NUL among them. */
const socketBytesMax = 103

/** In the home; a home with too long a path gets one elsewhere, by its hash (`makeSocketFolder`). */
export function socketPath(
  home: string,
  env: Env = process.env,
  platform: string = process.platform,
): string {
  const name = createHash('sha256').update(home).digest('hex').slice(0, 16)
  if (platform === 'win32') return `\\\\.\\pipe\\sluice-${name}`
  const near = join(home, 'sluice.sock')
  if (Buffer.byteLength(near) <= socketBytesMax) return near
  const runtime = env['XDG_RUNTIME_DIR']
  if (runtime !== undefined && Buffer.byteLength(runtime) <= socketBytesMax - 30) {
    return join(runtime, `sluice-${name}.sock`)
  }
  return join(tmpdir(), `sluice-${userInfo().uid}`, `${name}.sock`)
}

/** New folders are this user's alone; one that exists is taken as it is. */
export function makeHome(home: string): void {
  if (existsSync(home) && statSync(home).isDirectory()) return
  // Not `recursive`: Node never returns from it where a folder that exists answers ENOENT, as /proc and automounts do.
  const parent = dirname(home)
  if (!existsSync(parent)) makeHome(parent)
  try {
    mkdirSync(home, { mode: 0o700 })
  } catch (error) {
    // Another process may have been quicker.
    if (!existsSync(home) || !statSync(home).isDirectory()) throw error
  }
}

/** Before a server listens. Throws AppError('environment') when somebody else made the folder first. */
export function makeSocketFolder(socket: string): void {
  if (socket.startsWith('\\\\.\\pipe\\')) return
  const folder = dirname(socket)
  makeHome(folder)
  if (process.platform === 'win32' || lstatSync(folder).uid === userInfo().uid) return
  // In a shared place such as /tmp, another user could read all that goes over the socket.
  throw new AppError('environment', `${folder} belongs to another user.`, {
    hint: 'Choose a home folder of your own, with a shorter path, by SLUICE_HOME.',
  })
}
