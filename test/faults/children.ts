// Processes of the campaign: started, waited for and read from /proc.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Process } from './machine.ts'

const execFileAsync = promisify(execFile)

/** Rejects with what it said when it fails or takes more than 3 min. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execFileAsync(command, args, { timeout: 180_000 })
  return stdout
}

const readyLimitMs = 60_000

/** Started, and has said `ready` on stderr or stdout. Everything it says goes to the file as well. */
export async function startUntil(
  command: readonly [string, ...string[]],
  options: { ready: string; logFile: string; stdin?: 'pipe' },
): Promise<ChildProcess> {
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'] })
  let said = ''
  let limit: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      appendFileSync(options.logFile, chunk)
      if (said.includes(options.ready)) return
      said += chunk.toString()
      if (said.includes(options.ready)) resolve()
    }
    child.stdout?.on('data', onData)
    child.stderr?.on('data', onData)
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)))
    limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${program} did not say ${options.ready} within a minute: ${said}`))
    }, readyLimitMs)
  }).finally(() => clearTimeout(limit))
  return child
}

export async function killChild(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended by itself between the two.
  }
}

/** All that /proc shows of which `isWanted` says yes. Corpses are left out. */
export function readProcesses(isWanted: (pid: number) => boolean): Process[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || !isWanted(pid)) return []
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      const state = stat.slice(stat.lastIndexOf(')') + 2)[0]
      if (state === 'Z' || state === 'X') return []
      const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim()
      const env = environOf(pid)
      // What runs as somebody else has no variable of ours but the one that the campaign gives it.
      const attempt = env.get('SLUICE_ATTEMPT') ?? env.get('FAULTS_ATTEMPT') ?? null
      return [{ pid, name, hostPid: innerPid(pid) ?? pid, attempt }]
    } catch {
      return [] // it has ended
    }
  })
}

export function environOf(pid: number): Map<string, string> {
  const pairs = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  return new Map(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=')
      return at < 1 ? [] : [[pair.slice(0, at), pair.slice(at + 1)] as const]
    }),
  )
}

export function pidNamespaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return null
  }
}

/** Its number in the innermost pid namespace. */
export function innerPid(pid: number): number | null {
  try {
    const line = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))
    return Number(line?.[1]?.split(/\s+/).at(-1))
  } catch {
    return null
  }
}
