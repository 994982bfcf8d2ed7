// The `sluice` command as a child process, on a home and a workspace of its own.
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const entry = join(import.meta.dirname, '../../electron/cli.ts')

export interface Finished {
  code: number
  stdout: string
  stderr: string
  bytes: Buffer
}

export interface Running {
  child: ChildProcessByStdio<Writable | null, Readable, Readable>
  /** Resolves at the first stdout that fits; rejects when the process ends without it. */
  until: (pattern: RegExp) => Promise<RegExpExecArray>
  ended: Promise<Finished>
}

/** `script` of util-linux makes a terminal of 80 columns for a command. */
export const noTerminal: string | null = ['/usr/bin/script', '/bin/script'].some((file) =>
  existsSync(file),
)
  ? null
  : 'script (bsdutils) is not installed'

export interface OnTerminal extends Running {
  /** As if typed. */
  type: (text: string) => void
}

export interface TestHome {
  dir: string
  workspace: string
  env: NodeJS.ProcessEnv
  write: (path: string, text: string) => void
  start: (...args: string[]) => Running
  run: (...args: string[]) => Promise<Finished>
  /** On a terminal; what it shows on stderr is in stdout too. */
  onTerminal: (...args: string[]) => OnTerminal
  /** The one JSON document of its stdout. Throws when there is more or less than one line. */
  json: <Value>(...args: string[]) => Promise<{ code: number; value: Value }>
  /** Ends what is left by its id, and removes the folder. */
  close: () => Promise<void>
}

export function openTestHome(): TestHome {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-cli-'))
  const workspace = join(dir, 'workspace')
  mkdirSync(join(workspace, 'pipelines'), { recursive: true })
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    // The agent of the local host keeps its things under HOME.
    HOME: dir,
    SLUICE_HOME: join(dir, 'home'),
    TZ: 'UTC',
    LANG: 'C.UTF-8',
  }
  const running = new Set<Running>()

  const start = (...args: string[]): Running => {
    const child = spawn(process.execPath, [entry, ...args], {
      cwd: workspace,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const one = follow(child)
    running.add(one)
    void one.ended.finally(() => running.delete(one))
    return one
  }
  const onTerminal = (...args: string[]): OnTerminal => {
    const words = [process.execPath, entry, ...args].map((word) => `'${word}'`).join(' ')
    const command = `stty cols 80 rows 24; exec ${words}`
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd: workspace,
      env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const one = follow(child)
    running.add(one)
    void one.ended.finally(() => running.delete(one))
    return { ...one, type: (text) => void child.stdin.write(text) }
  }
  const run = (...args: string[]): Promise<Finished> => start(...args).ended

  return {
    dir,
    workspace,
    env,
    start,
    run,
    onTerminal,
    write(path, text) {
      const file = join(workspace, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    },
    async json(...args) {
      const { code, stdout, stderr } = await run(...args, '--json')
      if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`Not one document: ${stdout}${stderr}`)
      return { code, value: JSON.parse(stdout) }
    },
    async close() {
      const left = [...running]
      for (const { child } of left) child.kill('SIGKILL')
      await Promise.all(left.map(({ ended }) => ended))
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function follow(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Running {
  const chunks: Buffer[] = []
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    for (const look of waiting) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const text = (): string => Buffer.concat(chunks).toString('utf8')
  const ended = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({
        code: code ?? (signal === null ? -1 : -2),
        stdout: text(),
        stderr,
        bytes: Buffer.concat(chunks),
      })
    })
  })
  return {
    child,
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text())
          if (found === null) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
        void ended.then(({ stdout }) =>
          reject(new Error(`It ended without ${pattern}: ${stdout}${stderr}`)),
        )
      }),
  }
}
