// The `sluice` command as a person types it in the folder of the workspace.
import { execFile } from 'node:child_process'
import { join } from 'node:path'

export interface Typed {
  home: string
  workspace: string
  env?: Readonly<Record<string, string>>
}

export interface Done {
  code: number
  stdout: Buffer
  stderr: string
}

const bin = join(import.meta.dirname, '../../bin/sluice.mjs')
const outBytesMax = 256 * 1024 * 1024

export function sluice({ home, workspace, env }: Typed, ...args: string[]): Promise<Done> {
  return new Promise((resolve) => {
    const options = {
      cwd: workspace,
      env: { ...process.env, NO_COLOR: '1', ...env, SLUICE_HOME: home },
      encoding: 'buffer' as const,
      maxBuffer: outBytesMax,
    }
    execFile(process.execPath, [bin, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, stdout, stderr: stderr.toString() })
    })
  })
}

/** The one JSON document on stdout, whatever the exit code. */
export async function sluiceJson<Document>(at: Typed, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await sluice(at, ...args, '--json')
  try {
    return JSON.parse(stdout.toString()) as Document
  } catch {
    throw new Error(`sluice ${args.join(' ')} ended with ${code}:\n${stdout.toString()}\n${stderr}`)
  }
}
