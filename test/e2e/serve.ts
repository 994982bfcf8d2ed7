// `sluice serve` and `sluice start` as processes of a spec.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export interface Serving {
  /** Of the screens, with the token; null without --port. */
  url: string | null
  workspace: string
  /** As Ctrl-C does; resolves with the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

export interface ServeOptions {
  home: string
  env?: Readonly<Record<string, string>>
  workspace?: string
  /** With the screens. */
  screens?: boolean
}

const bin = join(import.meta.dirname, '../../bin/sluice.mjs')
const startMsMax = 60_000

export function startServe({ workspace, screens, ...rest }: ServeOptions): Promise<Serving> {
  const args = ['serve', '--json']
  if (workspace !== undefined) args.push('--workspace', workspace)
  if (screens === true) args.push('--port', '0')
  return serveBy(args, rest)
}

/** What `npm start` does where there is no Electron: the demo workspace in the browser. */
export function startDemo(options: Omit<ServeOptions, 'workspace'>): Promise<Serving> {
  return serveBy(['start', '--browser', '--json'], options)
}

async function serveBy(args: string[], { home, env }: ServeOptions): Promise<Serving> {
  const child = spawn(process.execPath, [bin, ...args], {
    // Not in a workspace: what the command finds is what it was given.
    cwd: home,
    env: { ...process.env, NO_COLOR: '1', ...env, SLUICE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const { url, workspace } = await firstDocument(child)
  const end = (signal: 'SIGINT' | 'SIGKILL'): Promise<number | null> => {
    child.kill(signal)
    return exited
  }
  return {
    url,
    workspace,
    stop: () => end('SIGINT'),
    async kill() {
      await end('SIGKILL')
    },
  }
}

interface Document {
  url: string | null
  workspace: string
}

function firstDocument(child: ChildProcess): Promise<Document> {
  return new Promise((resolve, reject) => {
    let out = ''
    let said = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`No answer in ${startMsMax} ms:\n${out}${said}`))
    }, startMsMax)
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      try {
        const found = JSON.parse(out) as Document
        clearTimeout(timer)
        resolve(found)
      } catch {
        // Not whole yet.
      }
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`It ended with ${code}:\n${out}${said}`))
    })
  })
}
