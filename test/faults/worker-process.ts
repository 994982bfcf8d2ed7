// A worker seen from the campaign: handed one seed at a time, and replaced when it dies.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kindOf } from './cases.ts'
import { unshare, type Mode } from './surroundings.ts'
import type { Verdict } from './worker.ts'

export interface WorkerProcess {
  play(seed: number): Promise<Verdict>
  close(): Promise<void>
}

export interface WorkerOptions {
  dir: string
  mode: Mode
  verbose: boolean
  /** Also the folders of cases that went well. */
  keep: boolean
}

/** Longer than all limits of a case together. */
const caseLimitMs = 30 * 60_000

export function openWorker(given: WorkerOptions): WorkerProcess {
  let child: ChildProcess | null = null
  let lines: AsyncIterator<string> | null = null
  const begin = (): void => {
    const script = join(import.meta.dirname, 'worker.ts')
    const words = [
      process.execPath,
      script,
      given.dir,
      given.mode,
      given.verbose ? 'verbose' : 'quiet',
      given.keep ? 'keep' : '',
    ]
    const [command = '', ...args] = given.mode === 'namespaces' ? [...unshare, ...words] : words
    child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    // Its end shows by its answers.
    child.stdin?.on('error', () => {})
    lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  }
  return {
    async play(seed) {
      if (child === null || child.exitCode !== null || child.signalCode !== null) begin()
      const startedAt = performance.now()
      child?.stdin?.write(`${seed}\n`)
      const limit = setTimeout(() => child?.kill('SIGKILL'), caseLimitMs)
      const line = await lines?.next()
      clearTimeout(limit)
      if (line?.done === false) return JSON.parse(line.value) as Verdict
      child = null
      return {
        seed,
        kind: kindOf(seed),
        violations: ['The worker ended in the middle of the case'],
        missed: [],
        done: {},
        tookMs: Math.round(performance.now() - startedAt),
        run: { state: 'none', attempts: 0, engineKills: 0 },
      }
    },
    async close() {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.stdin?.end()
      await ended
    },
  }
}
