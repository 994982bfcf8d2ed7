// `npm test`: installs what the tests need where it can, runs all of them, and sums up in one line.
//   npm test             everything
//   npm test -- unit     one suite: unit, hosts, faults or e2e
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

interface Tool {
  /** Any of these on the PATH, or in the system folders, will do. */
  commands: string[]
  /** Debian's name of it. */
  package: string
  wantedBy: string
}

interface Tally {
  passed: number
  failed: number
  skipped: number
}

const TOOLS: Tool[] = [
  { commands: ['ssh'], package: 'openssh-client', wantedBy: 'tests against real hosts' },
  { commands: ['sshd'], package: 'openssh-server', wantedBy: 'tests against real hosts' },
  { commands: ['dropbear'], package: 'dropbear-bin', wantedBy: 'tests against edge hosts' },
  { commands: ['busybox'], package: 'busybox', wantedBy: 'tests against edge hosts' },
  { commands: ['mksh'], package: 'mksh', wantedBy: 'tests of the agent in other shells' },
  { commands: ['zsh'], package: 'zsh', wantedBy: 'tests of login shells' },
  { commands: ['fish'], package: 'fish', wantedBy: 'tests of login shells' },
  { commands: ['tcsh'], package: 'tcsh', wantedBy: 'tests of login shells' },
  { commands: ['bsd-csh'], package: 'csh', wantedBy: 'tests of login shells' },
  { commands: ['sudo'], package: 'sudo', wantedBy: 'faults with children of other users' },
  { commands: ['faketime'], package: 'faketime', wantedBy: 'tests with clocks that step' },
  {
    commands: ['chromium', 'chromium-browser', 'google-chrome'],
    package: 'chromium',
    wantedBy: 'tests of the screens',
  },
  { commands: ['ip'], package: 'iproute2', wantedBy: 'tests with cut networks' },
]
const SYSTEM_FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin']

const asked = process.argv.slice(2)
const suites = asked.length > 0 ? asked : ['unit', 'hosts', 'faults', 'e2e']
const scratch = mkdtempSync(join(tmpdir(), 'sluice-test-'))
const total: Tally = { passed: 0, failed: 0, skipped: 0 }

prepare()
for (const suite of suites) {
  const report = join(scratch, `${suite}.json`)
  const isOk = suite === 'e2e' ? runE2e(report) : runVitest(suite, report)
  const tally = suite === 'e2e' ? readPlaywright(report) : readVitest(report)
  total.passed += tally.passed
  total.skipped += tally.skipped
  // A suite that ends badly without a failed test (a crash, a file that does not load) is a failure as well.
  total.failed += tally.failed === 0 && !isOk ? 1 : tally.failed
}
rmSync(scratch, { recursive: true, force: true })
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1)

function prepare(): void {
  const missing = TOOLS.filter((tool) => !isThere(tool))
  if (missing.length === 0) return
  const packages = missing.map((tool) => tool.package)
  if (process.getuid?.() === 0 && isThere({ commands: ['apt-get'], package: '', wantedBy: '' })) {
    console.log(`Installing what the tests need: ${packages.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = {
      stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'],
      env,
      timeout: 600_000,
    }
    spawnSync('apt-get', ['update', '-q'], options)
    spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options)
  }
  for (const tool of TOOLS.filter((one) => !isThere(one))) {
    console.log(
      `Missing: ${tool.commands[0]}, for ${tool.wantedBy}; those are skipped. Debian, Ubuntu: apt-get install ${tool.package}`,
    )
  }
}

function isThere(tool: Tool): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return tool.commands.some((command) =>
    folders.some((folder) => existsSync(join(folder, command))),
  )
}

function runVitest(suite: string, report: string): boolean {
  console.log(`\n== ${suite}`)
  const args = [
    'run',
    '--project',
    suite,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  return run('vitest', args, {})
}

function runE2e(report: string): boolean {
  console.log('\n== e2e')
  if (!run('node', ['scripts/build.ts'], {})) return false
  return run('playwright', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  })
}

function run(command: string, args: string[], env: Record<string, string>): boolean {
  const bin = join(import.meta.dirname, '..', 'node_modules', '.bin')
  const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...env },
    shell: process.platform === 'win32',
  })
  return done.status === 0
}

function readVitest(file: string): Tally {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
  }
}

function readPlaywright(file: string): Tally {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  }
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky, skipped }
}
