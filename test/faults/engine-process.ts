// The product as its users have it: the `sluice` command in a process of its own, and its socket.
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { connectLocalSocket } from '../../electron/server/local-socket.ts'
import { homePaths } from '../../electron/system/home.ts'
import type { Client } from '../../shared/api/contract.ts'
import { killChild } from './children.ts'
import { makePatience } from './patience.ts'

const bin = join(import.meta.dirname, '..', '..', 'bin', 'sluice.mjs')
const upLimitMs = 60_000
const commandLimitMs = 300_000
/** An engine that has met a full disk may still be on its way out. */
const endingMs = 10_000

export interface EngineProcess {
  readonly pid: number
  start(): void
  /** Where it has ended, or is about to because it cannot write. Gives the signal that it died of, if any. */
  startAgain(): Promise<string | null>
  /** Asks the engine; through its restarts, until it answers. */
  ask<Value>(question: (client: Client) => Promise<Value>): Promise<Value>
  /** Gives this answer to all that a login asks, until the signal. */
  answer(text: string, until: AbortSignal): Promise<void>
  kill(signal: NodeJS.Signals): Promise<void>
  /** Sends a signal that does not end it. */
  signal(signal: NodeJS.Signals): void
  /** Another `sluice` on the same home. */
  command(args: readonly string[]): Promise<{ code: number | null; text: string }>
}

export function makeEngineProcess(dir: string): EngineProcess {
  const home = join(dir, 'home')
  const workspace = join(dir, 'workspace')
  mkdirSync(home, { recursive: true })
  const env = {
    PATH: process.env['PATH'],
    HOME: dir,
    SLUICE_HOME: home,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    NODE_OPTIONS: `--report-on-signal --report-directory=${dir}`,
  }
  const { socket } = homePaths(home, env)
  let child: ChildProcess | null = null
  let client: Client | null = null
  let said = ''
  /** The campaign has ended it, and will start it again. */
  let isDown = false

  const begin = (args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [bin, ...args, '--workspace', workspace], {
      env,
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const connected = async (): Promise<Client> => {
    const mayWait = makePatience(upLimitMs)
    while (mayWait()) {
      if (isDown) {
        await wait(50)
        continue
      }
      // Nobody but the campaign ends it.
      if (child !== null && hasEnded(child)) {
        const how = child.exitCode ?? child.signalCode
        throw new Error(`The engine ended with ${how}: ${said.slice(-2000)}`)
      }
      client ??= await connectLocalSocket(socket).catch(() => null)
      if (client !== null) return client
      await wait(50)
    }
    // What it waits for stands in report*.json beside its home.
    child?.kill('SIGUSR2')
    await wait(1000)
    throw new Error('The engine does not answer on its socket')
  }

  return {
    get pid() {
      return child?.pid ?? 0
    },
    start() {
      isDown = false
      child = begin(['serve'])
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (bytes: Buffer) => {
          said = (said + bytes.toString()).slice(-10_000)
          appendFileSync(join(dir, 'engine.txt'), bytes)
        })
      child.on('exit', () => (client = null))
    },
    async startAgain() {
      const mayWait = makePatience(endingMs)
      while (child !== null && !hasEnded(child) && mayWait()) await wait(50)
      const signal = child?.signalCode ?? null
      if (child === null || hasEnded(child)) this.start()
      return signal
    },
    async ask(question) {
      const mayWait = makePatience(upLimitMs)
      for (;;) {
        const asked = await connected()
        try {
          return await question(asked)
        } catch (error) {
          const isLost = (error as { code?: string }).code === 'link-closed'
          if (!isLost || !mayWait()) throw error
          if (client === asked) client = null
          await wait(50)
        }
      }
    },
    async answer(text, until) {
      while (!until.aborted) {
        try {
          const asked = await connected()
          for await (const { asks } of asked.stream('ask.watch', {}, until)) {
            for (const { id } of asks) await asked.call('ask.answer', { id, answer: text })
          }
        } catch {
          // The engine has gone, or the question has.
        }
        await wait(20)
      }
    },
    async kill(signal) {
      isDown = true
      client?.close()
      client = null
      await killChild(child, signal)
    },
    signal: (signal) => void child?.kill(signal),
    command(args) {
      return new Promise((resolve, reject) => {
        const one = begin(args)
        let text = ''
        const limit = setTimeout(() => one.kill('SIGKILL'), commandLimitMs)
        for (const stream of [one.stdout, one.stderr])
          stream?.on('data', (bytes: Buffer) => (text += bytes.toString()))
        one.on('error', reject)
        one.on('close', (code) => {
          clearTimeout(limit)
          resolve({ code, text })
        })
      })
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
