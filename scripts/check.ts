// `npm run check`: everything a commit must pass, one line per step. `npm run check -- types lint` runs some.
import { spawn } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { styleText } from 'node:util'

interface Step {
  name: string
  command: readonly string[]
  secondsMax: number
}

const steps: readonly Step[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'], secondsMax: 120 },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'], secondsMax: 300 },
  { name: 'types-renderer', command: ['tsc', '-p', 'renderer/tsconfig.json'], secondsMax: 300 },
  { name: 'lint', command: ['oxlint', '--type-aware', '--quiet'], secondsMax: 300 },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], secondsMax: 900 },
  { name: 'hosts', command: ['vitest', 'run', '--project', 'hosts'], secondsMax: 900 },
  { name: 'e2e', command: ['playwright', 'test'], secondsMax: 900 },
]
const outputMax = 200_000

const root = fileURLToPath(new URL('../', import.meta.url))
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no step ${unknown.join(', ')}. Steps: ${steps.map((step) => step.name).join(', ')}.`,
  )
  process.exit(2)
}

let failed = 0
for (const step of steps) {
  if (asked.length > 0 && !asked.includes(step.name)) continue
  const startedAt = performance.now()
  const { ok, output } = await run(step)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const word = ok ? styleText('green', 'ok    ') : styleText('red', 'FAILED')
  console.log(`${word} ${step.name.padEnd(15)} ${seconds.padStart(6)} s`)
  if (!ok) {
    failed += 1
    console.log(output.trimEnd().replaceAll(/^/gm, '    '))
  }
}
if (failed > 0) console.log(`${failed} of the steps failed.`)
process.exitCode = failed > 0 ? 1 : 0

function run({ command, secondsMax }: Step): Promise<{ ok: boolean; output: string }> {
  const [name = '', ...args] = command
  return new Promise((resolve) => {
    const child = spawn(name, args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: binPath(),
        [process.stdout.isTTY ? 'FORCE_COLOR' : 'NO_COLOR']: '1',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32', // .cmd files
      timeout: secondsMax * 1000,
    })
    let output = ''
    const keep = (bytes: Buffer): void => {
      output = (output + bytes.toString()).slice(-outputMax)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve({ ok: false, output: `${name}: ${error.message}` }))
    child.on('close', (code, signal) => {
      const why = signal === null ? '' : `\nStopped by ${signal} (the limit is ${secondsMax} s).`
      resolve({ ok: code === 0, output: output + why })
    })
  })
}

// The packaged Node and the tools come first, also when this was not started by npm.
function binPath(): string {
  const separator = process.platform === 'win32' ? ';' : ':'
  return `${root}node_modules/.bin${separator}${process.env['PATH'] ?? ''}`
}
