// `npm run test:mutants`: breaks the engine's decisions in every small way, one at a time, and counts what the tests catch.
//   npm run test:mutants                        all that decides, about half a second per mutant
//   npm run test:mutants -- retry verdict       some files of electron/engine
//   npm run test:mutants -- verdict:20-30       some lines of one
// The tool is no dependency of the project: it brings 140 packages, and is wanted by hand alone.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

const FILES = [
  'call-back',
  'decide',
  'decide-due',
  'decide-report',
  'decide-resume',
  'follow-up',
  'judge-attempt',
  'mark',
  'recovery-items',
  'recovery-own',
  'recovery-plan',
  'retry',
  'trigger-rule',
  'unknown-policy',
  'verdict',
  'what-changed',
]
const CAUGHT_MIN = 0.9
const TOOL = ['@stryker-mutator/core@10.1.1', '@stryker-mutator/vitest-runner@10.1.1']

interface Mutant {
  status: string
  replacement: string
  location: { start: { line: number } }
}

interface Report {
  files: Record<string, { mutants: Mutant[] }>
}

const ROOT = join(import.meta.dirname, '..')
const command = join(ROOT, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')

if (!existsSync(command)) {
  console.error(`The mutation tool is not here. To get it until the next install of the project:
  npm install --no-save --ignore-scripts ${TOOL.join(' ')}`)
  process.exit(4)
}
const scratch = mkdtempSync(join(tmpdir(), 'sluice-mutants-'))
try {
  process.exitCode = run(process.argv.slice(2))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function run(asked: readonly string[]): number {
  const config = join(scratch, 'stryker.json')
  const report = join(scratch, 'report.json')
  const mutate = (asked.length > 0 ? asked : FILES).map((name) => {
    const [file = '', lines] = name.split(':')
    return `electron/engine/${file}.ts${lines === undefined ? '' : `:${lines}`}`
  })
  const settings = {
    mutate,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutants/vitest.config.ts', related: false },
    coverageAnalysis: 'perTest',
    // What is worked out once, while a file loads, cannot be switched from test to test.
    ignoreStatic: true,
    // The compiler is newer than the tool, which would rewrite its settings.
    tsconfigFile: 'no-tsconfig.json',
    ignorePatterns: ['docs', 'renderer', 'dist', 'test/data/rca'],
    concurrency: Math.max(1, Math.floor(availableParallelism() / 2)),
    timeoutMS: 20_000,
    tempDirName: join(scratch, 'copies'),
    reporters: ['progress-append-only', 'json'],
    jsonReporter: { fileName: report },
  }
  writeFileSync(config, JSON.stringify(settings))
  const { status } = spawnSync(process.execPath, [command, 'run', config], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  if (status !== 0) return status ?? 1
  return tell(JSON.parse(readFileSync(report, 'utf8')) as Report)
}

/** 1: too many of one file went unnoticed. */
function tell({ files }: Report): number {
  let code = 0
  for (const [path, { mutants }] of Object.entries(files)) {
    const counting = mutants.filter(({ status }) => status !== 'Ignored')
    const caught = counting.filter(({ status }) => status === 'Killed' || status === 'Timeout')
    const share = counting.length === 0 ? 1 : caught.length / counting.length
    if (share < CAUGHT_MIN) code = 1
    console.log(
      `${path}: ${caught.length} of ${counting.length} caught, ${(share * 100).toFixed(1)} %`,
    )
    for (const { status, replacement, location } of counting) {
      if (status === 'Killed' || status === 'Timeout') continue
      const words = replacement.replaceAll(/\s+/g, ' ').slice(0, 80)
      console.log(`  line ${location.start.line}: ${words}`)
    }
  }
  return code
}
