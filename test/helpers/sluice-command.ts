// Runs the `sluice` command as a user does: a process, its exit code, its bytes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface At {
  home: string
  workspace: string
}

export interface Done {
  code: number | null
  stdout: Buffer
  stderr: string
}

const bin = join(import.meta.dirname, '..', '..', 'bin', 'sluice.mjs')

export function sluice(
  at: At,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Done> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args, '--workspace', at.workspace], {
      env: { ...process.env, NO_COLOR: '1', ...env, SLUICE_HOME: at.home },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes))
    child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    )
  })
}

/** The one JSON document on stdout. Throws with what the command said when there is none. */
export async function sluiceJson<Doc>(
  at: At,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Doc> {
  const done = await sluice(at, args, env)
  try {
    return JSON.parse(done.stdout.toString()) as Doc
  } catch {
    throw new Error(
      `sluice ${args.join(' ')}: exit ${done.code}\n${done.stdout.toString()}\n${done.stderr}`,
    )
  }
}
