// `npm test`: installs what the tests need where it can, runs all of them, and sums up in one line.
//   npm test             everything
//   npm test -- unit     one suite: unit, hosts, faults or e2e
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

interface Tool {
  /** Any of these on the PATH, or in the system folders, will do. */
  commands: string[]
  /** Debian's name of it. */
  package: string
  wantedBy: string
}

interface Tally {
  passed: number
  skipped: number
  /** One line for each test that failed, said again at the end: the output of a whole run is long. */
  failed: string[]
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

const ROOT = join(import.meta.dirname, '..')

const asked = process.argv.slice(2)
const suites = asked.length > 0 ? asked : ['unit', 'hosts', 'faults', 'e2e']
const scratch = mkdtempSync(join(tmpdir(), 'sluice-test-'))
const total: Tally = { passed: 0, skipped: 0, failed: [] }

prepare()
for (const suite of suites) {
  const report = join(scratch, `${suite}.json`)
  const isOk = suite === 'e2e' ? runE2e(report) : runVitest(suite, report)
  const tally = suite === 'e2e' ? readPlaywright(report) : readVitest(report)
  total.passed += tally.passed
  total.skipped += tally.skipped
  // A suite that ends badly without a failed test (a crash, a file that does not load) is a failure as well.
  if (tally.failed.length === 0 && !isOk)
    total.failed.push(`${suite}: ended badly without a failed test`)
  else total.failed.push(...tally.failed)
}
rmSync(scratch, { recursive: true, force: true })
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
if (total.failed.length > 0) console.log(`\nFailed:\n  ${total.failed.join('\n  ')}`)
console.log(`\n${total.passed} passed, ${total.failed.length} failed${skipped}`)
process.exit(total.failed.length === 0 && total.passed > 0 ? 0 : 1)

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
  const bin = join(ROOT, 'node_modules', '.bin')
  const path = `${bin}${delimiter}${process.env['PATH'] ?? ''}`
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path, ...env },
    shell: process.platform === 'win32',
  })
  return done.status === 0
}

function readVitest(file: string): Tally {
  if (!existsSync(file)) return nothingRead(file)
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number
    numPendingTests: number
    testResults: {
      name: string
      status: string
      message: string
      assertionResults: { status: string; fullName: string; failureMessages?: string[] }[]
    }[]
  }
  const failed = report.testResults.flatMap((suite) => {
    const at = relative(ROOT, suite.name)
    const tests = suite.assertionResults.filter((test) => test.status === 'failed')
    if (tests.length > 0)
      return tests.map((test) => line(at, test.fullName, test.failureMessages?.[0] ?? ''))
    return suite.status === 'failed' ? [line(at, 'did not load', suite.message)] : []
  })
  return { passed: report.numPassedTests, skipped: report.numPendingTests, failed }
}

interface PlaywrightSuite {
  suites?: PlaywrightSuite[]
  specs?: {
    file: string
    title: string
    tests: { status: string; results: { error?: { message?: string } }[] }[]
  }[]
}

function readPlaywright(file: string): Tally {
  if (!existsSync(file)) return nothingRead(file)
  const report = JSON.parse(readFileSync(file, 'utf8')) as {
    stats: { expected: number; skipped: number }
    suites: PlaywrightSuite[]
  }
  const { expected, skipped } = report.stats
  return { passed: expected, skipped, failed: report.suites.flatMap(failedSpecs) }
}

function failedSpecs(suite: PlaywrightSuite): string[] {
  const own = (suite.specs ?? []).flatMap((spec) =>
    spec.tests
      .filter((test) => test.status === 'unexpected' || test.status === 'flaky')
      .map((test) => line(spec.file, spec.title, test.results[0]?.error?.message ?? '')),
  )
  return [...own, ...(suite.suites ?? []).flatMap(failedSpecs)]
}

function line(file: string, test: string, message: string): string {
  const why = stripVTControlCharacters(message).split('\n')[0]?.slice(0, 300) ?? ''
  return `${file}: ${test}${why === '' ? '' : `: ${why}`}`
}

function nothingRead(file: string): Tally {
  return { passed: 0, skipped: 0, failed: [`${basename(file, '.json')}: left no report`] }
}
