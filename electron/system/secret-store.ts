// The operating system's keeping place for secrets, outside Electron: libsecret's `secret-tool` on a Linux desktop. A secret
// goes in by stdin and comes out by stdout, never as an argument. macOS's `security` takes a password as an argument or from
// a terminal only, so that it is not used; the app has Electron's safeStorage there.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { SecretStore } from '../ports/asks.ts'
import type { Clock } from '../ports/clock.ts'

type Env = Readonly<Record<string, string | undefined>>

/** The store may be locked, and then asks its owner by a window. */
const waitMs = 60_000
const secretBytesMax = 64 * 1024

export function systemSecrets(env: Env, clock: Clock, platform = process.platform): SecretStore {
  const unavailable = whyNot(env, platform)
  const attributes = (name: string): string[] => ['application', 'sluice', 'name', name]
  const run = (args: string[], input = ''): Promise<Ran> => {
    if (unavailable !== null) throw new Error(unavailable)
    return runTool(args, { input, env, clock })
  }
  return {
    unavailable,
    async get(name) {
      const { code, out, said } = await run(['lookup', ...attributes(name)])
      if (code === 0) return out
      // Not found: exit code 1 without a word.
      if (said === '') return null
      throw new Error(`secret-tool: ${said}`)
    },
    async set(name, secret) {
      const args = ['store', `--label=Sluice: ${name}`, ...attributes(name)]
      const { code, said } = await run(args, secret)
      if (code !== 0) throw new Error(`secret-tool cannot store: ${said}`)
    },
    async delete(name) {
      const { said } = await run(['clear', ...attributes(name)])
      if (said !== '') throw new Error(`secret-tool cannot clear: ${said}`)
    },
  }
}

function whyNot(env: Env, platform: string): string | null {
  if (platform !== 'linux') return 'outside the app, secrets are kept on Linux only'
  const session = env['DBUS_SESSION_BUS_ADDRESS'] ?? ''
  if (session === '') return 'no desktop session, whose keyring would keep it, is there'
  const has = (env['PATH'] ?? '')
    .split(delimiter)
    .some((dir) => isProgram(join(dir, 'secret-tool')))
  return has ? null : 'secret-tool (package libsecret-tools) is not installed'
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

interface Ran {
  code: number | null
  out: string
  said: string
}

function runTool(
  args: string[],
  { input, env, clock }: { input: string; env: Env; clock: Clock },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('secret-tool', args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    let bytes = 0
    let said = ''
    const stopLimit = clock.after(waitMs, () => void child.kill('SIGKILL'))
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= secretBytesMax) out.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 1000) said += chunk.toString('utf8')
    })
    child.stdin.on('error', () => {})
    child.on('error', (error) => {
      stopLimit()
      reject(error)
    })
    child.on('close', (code) => {
      stopLimit()
      resolve({ code, out: Buffer.concat(out).toString('utf8'), said: said.trim() })
    })
    child.stdin.end(input)
  })
}
