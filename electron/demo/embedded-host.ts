// An ssh server inside the app, for the demo: one user, one key, on loopback, commands by `sh`, with a terminal or without.
// A command runs in a session of its own, so that what it leaves running outlives the server and a Ctrl-C in the terminal.
import { spawn } from 'node:child_process'
import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import ssh2 from 'ssh2'
import type { AuthContext, Connection, ParsedKey, ServerChannel } from 'ssh2'
import type { Terminal, TerminalSize } from '../ports/terminal.ts'
import { errorCode } from '../system/error-code.ts'

export interface EmbeddedHostOptions {
  user: string
  /** HOME of its commands, and where they begin. */
  home: string
  /** Private key that the server shows, OpenSSH format. */
  hostKey: string
  /** Public key that may log in, OpenSSH format. */
  clientKey: string
  /** The port to listen on if it is free. */
  port: number | null
  /** Absent: a command that wants a terminal is refused. */
  openTerminal?: OpenTerminal
}

/** Runs a command in a pseudo-terminal of this machine; rejects where it has none. */
export type OpenTerminal = (
  command: string,
  size: TerminalSize,
  env: Readonly<Record<string, string | undefined>>,
) => Promise<Terminal>

export interface EmbeddedHost {
  port: number
  /** Refuses new connections and cuts the present ones. */
  close(): Promise<void>
}

export async function startEmbeddedHost(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
  const allowed = ssh2.utils.parseKey(options.clientKey)
  if (allowed instanceof Error) throw allowed
  const sockets = new Set<Socket>()
  const ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => {
    // A client that is cut in the middle of a message is no news.
    client.on('error', () => {})
    client.on('authentication', (login) => answerLogin(login, options.user, allowed))
    client.on('ready', () => serve(client, options))
  })
  // Our own listener: ssh2's neither turns off Nagle's delay nor can it cut its connections.
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    ssh.injectSocket(socket)
  })
  await listen(listener, options.port)
  return {
    port: (listener.address() as AddressInfo).port,
    async close() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listen(listener: Server, port: number | null): Promise<void> {
  try {
    listener.listen(port ?? 0, '127.0.0.1')
    await once(listener, 'listening')
  } catch (error) {
    // Somebody took the port that was ours the last time.
    if (port === null || !['EADDRINUSE', 'EACCES'].includes(errorCode(error))) throw error
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
  }
}

function answerLogin(login: AuthContext, user: string, allowed: ParsedKey): void {
  if (login.method !== 'publickey' || login.username !== user) return login.reject(['publickey'])
  const { key, blob, signature, hashAlgo } = login
  const ours = allowed.getPublicSSH()
  const same = key.data.length === ours.length && timingSafeEqual(key.data, ours)
  // Without a signature the client only asks whether the key would do. ssh2 answers true, false or an Error.
  const verdict: unknown =
    signature === undefined || blob === undefined
      ? signature === undefined
      : allowed.verify(blob, signature, hashAlgo)
  if (same && verdict === true) login.accept()
  else login.reject(['publickey'])
}

/** What has no listener (shell, sftp, environment, forwarding) ssh2 refuses by itself. */
function serve(client: Connection, options: EmbeddedHostOptions): void {
  client.on('session', (accept) => {
    const session = accept()
    const { openTerminal } = options
    let size: TerminalSize | null = null
    if (openTerminal !== undefined) {
      session.on('pty', (acceptPty, _reject, { cols, rows }) => {
        size = { columns: cols, rows }
        acceptPty()
      })
    }
    session.on('exec', (acceptCommand, _reject, { command }) => {
      const channel = acceptCommand()
      if (size === null || openTerminal === undefined) return runCommand(channel, command, options)
      const opened = openTerminal(`cd; ${command}`, size, envOf(options))
      session.on('window-change', (_accept, _refuse, { cols, rows }) => {
        void opened.then((terminal) => terminal.resize({ columns: cols, rows })).catch(() => {}) // told below
      })
      opened.then(
        (terminal) => joinTerminal(channel, terminal),
        (error: Error) => {
          channel.stderr.write(`${error.message}\n`)
          finish(channel, 1, null)
        },
      )
    })
  })
}

function joinTerminal(channel: ServerChannel, terminal: Terminal): void {
  channel.on('error', () => {})
  channel.on('close', () => terminal.close())
  channel.on('data', (bytes: Buffer) => {
    channel.pause()
    terminal.write(bytes).then(
      () => channel.resume(),
      () => channel.resume(), // its end is told by the terminal itself
    )
  })
  terminal.onData((bytes) => {
    if (channel.write(Buffer.from(bytes))) return
    terminal.pause()
    channel.once('drain', () => terminal.resume())
  })
  terminal.onClose((why) => finish(channel, Number(/\d+$/.exec(why)?.[0] ?? 1), null))
}

function runCommand(channel: ServerChannel, command: string, options: EmbeddedHostOptions): void {
  const { home } = options
  const child = spawn(process.platform === 'win32' ? 'sh' : '/bin/sh', ['-c', command], {
    cwd: home,
    detached: true,
    env: envOf(options),
  })
  // `pipe` stops reading from the side whose other side is full.
  channel.pipe(child.stdin)
  child.stdout.pipe(channel, { end: false })
  child.stderr.pipe(channel.stderr, { end: false })
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => {})
  channel.on('error', () => {})
  channel.on('close', () => {
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
  })
  child.on('error', (error) => {
    channel.stderr.write(`cannot start sh: ${error.message}\n`)
    finish(channel, 127, null)
  })
  // After the exit, and when nobody holds stdout or stderr any more.
  child.on('close', (code, signal) => finish(channel, code, signal))
}

/** Nothing of the app's own environment: a real host would not have it either. */
function envOf({ home, user }: EmbeddedHostOptions): Record<string, string | undefined> {
  return {
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: '/bin/sh',
    PATH: process.platform === 'win32' ? process.env['PATH'] : '/usr/local/bin:/usr/bin:/bin',
  }
}

function finish(channel: ServerChannel, code: number | null, signal: string | null): void {
  if (!channel.writable) return
  // Calls back once all that was written before has left.
  channel.write('', () => {
    if (signal === null) channel.exit(code ?? 255)
    else channel.exit(signal.replace(/^SIG/, ''), false, '')
    channel.end()
  })
}
