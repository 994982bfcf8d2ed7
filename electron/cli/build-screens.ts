// Builds what is missing or out of date before Sluice is opened from a checkout. A packaged app has it all.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CliContext } from './context.ts'
import { AppError } from '../../shared/api/app-error.ts'

export async function buildScreens(context: CliContext, what: 'all' | 'renderer'): Promise<void> {
  const script = join(context.root, 'scripts/build.ts')
  if (!existsSync(script)) return
  if (!existsSync(join(context.root, 'dist/renderer/index.html'))) {
    context.err.write('Building the screens, once…\n')
  }
  const { code, output } = await runNode(script, what === 'all' ? [] : [what])
  if (code === 0) return
  throw new AppError('environment', `The build of the screens failed:\n${output.trim()}`, {
    hint: 'Run "npm install" again, then: npm run build',
  })
}

function runNode(
  script: string,
  args: readonly string[],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    }
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
