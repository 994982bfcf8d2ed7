// One instance per user data folder: the first listens on a socket there, the next hands its arguments over.
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

type OnSecond = (argv: string[], cwd: string) => void

export class InstanceLock {
  readonly #folder: string
  readonly #socket: string
  #server: Server | null = null

  constructor(folder: string) {
    this.#folder = folder
    // The path of a socket must be short; that of a folder need not be.
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 16)
    const near = join(folder, 'instance.sock')
    this.#socket = near.length < 100 ? near : join(tmpdir(), `stand-in-${name}.sock`)
  }

  /** Synchronous, as Electron's is: so the question to the first instance is asked by a child. */
  take(onSecond: OnSecond): boolean {
    if (this.#server !== null) return true
    mkdirSync(this.#folder, { recursive: true })
    if (this.#handOver()) return false
    rmSync(this.#socket, { force: true })
    this.#server = createServer((connection) => {
      let text = ''
      connection.on('data', (chunk) => (text += chunk.toString()))
      connection.on('end', () => {
        const { argv, cwd } = JSON.parse(text) as { argv: string[]; cwd: string }
        connection.end()
        onSecond(argv, cwd)
      })
    })
    this.#server.listen(this.#socket)
    this.#server.unref()
    return true
  }

  async release(): Promise<void> {
    const server = this.#server
    this.#server = null
    if (server === null) return
    await new Promise((resolve) => server.close(resolve))
  }

  #handOver(): boolean {
    const message = JSON.stringify({ argv: process.argv, cwd: process.cwd() })
    const script = `
      const socket = require('node:net').connect(process.argv[1])
      socket.on('error', () => process.exit(1))
      socket.on('close', () => process.exit(0))
      socket.end(process.argv[2])
      socket.resume()`
    return spawnSync(process.execPath, ['-e', script, this.#socket, message]).status === 0
  }
}
