import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeAll(() => {
  home = openTestHome()
  home.write('sluice.yaml', 'environments: { dev: {} }\n')
  home.write('pipelines/alpha.yaml', 'name: alpha\ntasks: { a: { host: local, run: echo a } }\n')
  home.write('pipelines/beta.yaml', 'name: beta\ntasks: { b: { host: local, run: echo b } }\n')
})

afterAll(() => home.close())

test('--help names every command and the exit codes', async () => {
  const { code, stdout } = await home.run('--help')
  expect(code).toBe(0)
  // The reference is generated from the commands themselves.
  const reference = readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')
  const names = new Set([...reference.matchAll(/^## sluice (\w+)/gm)].map(([, name]) => name))
  expect(names.size).toBeGreaterThan(15)
  for (const name of names) expect(stdout).toContain(`\n  ${name} `)
  expect((await home.run()).stdout).toBe(stdout)
  expect((await home.run('help')).stdout).toBe(stdout)
  expect((await home.run('help', 'run')).stdout).toBe((await home.run('run', '--help')).stdout)
  expect(stdout).toContain('Exit codes: 0 ok, 1 the run failed, 2 bad input, 3 cancelled')
})

test('a wrong word is told with what was meant, and exits 2', async () => {
  const { code, stdout, stderr } = await home.run('explane')
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toBe(
    'sluice: There is no command "explane". Did you mean "explain"?\nSee: sluice --help\n',
  )
  expect((await home.run('qwertz')).stderr).not.toContain('Did you mean')
})

test('wrong usage says what was found, what is meant and where to read on, and exits 2', async () => {
  const cases: [string[], string][] = [
    [['runs', '--sate', 'failed'], 'There is no flag "--sate". Did you mean "--state"?'],
    [['logs'], 'RUN is missing.\nsluice: TASK is missing.'],
    [['logs', 'latest'], 'TASK is missing.'],
    [['show', ''], 'RUN is empty.'],
    [['runs', '--limit', 'x'], 'Expected a whole number from 1 on, found "x".'],
    [['run', 'alpha', '-p', 'x'], 'Write a param as name=value; found "x".'],
    [['run', 'alpha', 'beta'], '"beta" is one word too many.'],
    [['hosts', 'chek', 'local'], 'There is no command "hosts chek". Did you mean "check"?'],
    [['audit', 'verfy'], 'There is no command "audit verfy". Did you mean "verify"?'],
    [['settle', 'latest', 'a'], 'DECISION is missing.'],
    [['reject', 'latest', 'a'], '--reason is missing.'],
    [['approve', 'latest', 'a', '--set', 'x'], 'Write an answer as name=value; found "x".'],
    [
      ['mark', 'latest', 'a', 'skiped', '--reason', 'x'],
      'A task is marked as succeeded or skipped, not as "skiped". Did you mean "skipped"?',
    ],
    [
      ['incidents', '--since', '9999d'],
      'Expected a time like 7d, 12h or 30m of 3650d at most, found "9999d".',
    ],
    [['demo', '--x'], 'There is no flag "--x".'],
    [['runs', '--state'], '--state needs a value.'],
  ]
  for (const [args, words] of cases) {
    const { code, stdout, stderr } = await home.run(...args)
    expect({ args, code, stdout, stderr }).toEqual({
      args,
      code: 2,
      stdout: '',
      stderr: `sluice: ${words}\nSee: sluice ${args[0]} --help\n`,
    })
  }
})

test('a host that does not exist is answered with the one that is meant', async () => {
  for (const args of [
    ['hosts', 'lcoal'],
    ['hosts', 'check', 'lcoal'],
    ['hosts', 'trust', 'lcoal', 'SHA256:x'],
  ]) {
    const { code, stderr } = await home.run(...args)
    expect({ args, code }).toEqual({ args, code: 2 })
    expect(stderr).toContain('There is no host "lcoal". Did you mean "local"?')
  }
})

test('with --json a failure is one document too', async () => {
  const missing = await home.json<object>('show', '20200101-000000-aaaaaaaa')
  expect(missing.code).toBe(2)
  expect(missing.value).toEqual({
    error: {
      code: 'not-found',
      message: 'There is no run "20200101-000000-aaaaaaaa".',
      hint: 'List them: sluice runs',
    },
  })
  const wrong = await home.json<object>('runs', '--nope')
  expect(wrong).toEqual({
    code: 2,
    value: {
      error: {
        code: 'bad-input',
        message: 'There is no flag "--nope".',
        hint: 'See: sluice runs --help',
      },
    },
  })
})

test('version says which one, and takes --json', async () => {
  expect((await home.run('version')).stdout).toMatch(
    /^sluice \d+\.\d+\.\d+ \(Node 24\.\d+\.\d+\)\n$/,
  )
  const { value } = await home.json<{ version: string }>('version')
  expect(value.version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('a home that cannot be opened is trouble with this machine, with the way out', async () => {
  const elsewhere = openTestHome()
  elsewhere.env['SLUICE_HOME'] = '/dev/null/home'
  const folder = await elsewhere.run('runs')
  expect(folder.code).toBe(4)
  expect(folder.stderr).toContain('SLUICE_HOME')
  elsewhere.env['SLUICE_HOME'] = join(elsewhere.dir, 'home')
  mkdirSync(elsewhere.env['SLUICE_HOME'])
  writeFileSync(
    join(elsewhere.dir, 'home/sluice.db'),
    'this is no database, it is a text that somebody put here',
  )
  const store = await elsewhere.run('runs')
  expect(store.code).toBe(4)
  expect(store.stderr).toContain('sluice doctor')
  const doctor = await elsewhere.json<{ ok: boolean; checks: { what: string; verdict: string }[] }>(
    'doctor',
  )
  expect(doctor).toMatchObject({ code: 4, value: { ok: false } })
  expect(doctor.value.checks).toContainEqual(
    expect.objectContaining({
      what: 'Store',
      verdict: 'bad',
      hint: expect.not.stringContaining('bug') as string,
    }),
  )
  await elsewhere.close()
})

test.runIf(existsSync('/dev/full'))(
  'output that cannot be written is trouble with this machine, in one sentence',
  () => {
    const cli = join(import.meta.dirname, '../../electron/cli.ts')
    for (const command of ['version', 'version --json', 'schema']) {
      const script = `"${process.execPath}" "${cli}" ${command} >/dev/full`
      const { status, stderr } = spawnSync('sh', ['-c', script], {
        cwd: home.workspace,
        env: home.env,
        encoding: 'utf8',
      })
      expect({ command, status, stderr }).toEqual({
        command,
        status: 4,
        stderr: expect.stringMatching(/^sluice: The output cannot be written: [^\n]+\n$/) as string,
      })
    }
  },
)

test('global options may stand before the command', async () => {
  const elsewhere = await home.run('--workspace', '/nowhere', 'validate')
  expect(elsewhere.code).toBe(2)
  expect(elsewhere.stderr).toContain('There is no folder /nowhere.')
})

test('completion proposes commands, flags, and names of pipelines and runs', async () => {
  const words = async (...typed: string[]): Promise<string[]> =>
    (await home.run('__complete', ...typed)).stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t')[0] ?? '')
  expect(await words('res')).toEqual(['resume'])
  expect(await words('run', '')).toEqual(expect.arrayContaining(['alpha', 'beta']))
  expect(await words('run', 'al')).toEqual(['alpha'])
  expect(await words('run', '--pa')).toEqual(['--param'])
  expect(await words('logs', 'la')).toEqual(['latest'])
  expect(await words('hosts', 'check', '')).toContain('local')
  expect(await words('hosts', 'dr')).toEqual(['drain'])
  expect(await words('settle', 'latest', 'a', 'f')).toEqual(['fail', 'failover'])
  expect(await words('mark', 'latest', 'a', 's')).toEqual(['succeeded', 'skipped'])
})

const shells = [
  [
    'bash',
    ['--norc', '-c'],
    'eval "$(sluice completion bash)"; COMP_WORDS=(sluice run al); COMP_CWORD=2; _sluice; echo "${COMPREPLY[@]}"',
    'alpha',
  ],
  [
    'fish',
    ['--no-config', '-c'],
    'sluice completion fish | source; complete -C "sluice run al"',
    'alpha',
  ],
  [
    'zsh',
    ['-f', '-c'],
    'autoload -Uz compinit; compinit -u -D; eval "$(sluice completion zsh)"; _describe() { echo $found }; words=(sluice run al); CURRENT=3; _sluice',
    'alpha:',
  ],
] as const

const present = shells.filter(([shell]) => hasProgram(shell))

test.each(present)(
  'the script for %s completes in that shell',
  (shell, flags, script, expected) => {
    const bin = join(home.dir, 'bin')
    mkdirSync(bin, { recursive: true })
    const command = join(bin, 'sluice')
    const cli = join(import.meta.dirname, '../../electron/cli.ts')
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`)
    chmodSync(command, 0o755)
    const output = execFileSync(shell, [...flags, script], {
      cwd: home.workspace,
      env: { ...home.env, PATH: `${bin}:${home.env['PATH']}` },
      encoding: 'utf8',
      timeout: 15_000,
    })
    expect(output).toContain(expected)
  },
)

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, name)))
}

test.skipIf(process.platform === 'win32')(
  'doctor notes a workspace that every user can change',
  async () => {
    chmodSync(join(home.workspace, 'pipelines'), 0o777)
    try {
      const { value } = await home.json<{ checks: { what: string; found: string }[] }>('doctor')
      expect(value.checks.find(({ what }) => what === 'Workspace')).toMatchObject({
        verdict: 'note',
        hint: `chmod o-w ${join(home.workspace, 'pipelines')}`,
      })
    } finally {
      chmodSync(join(home.workspace, 'pipelines'), 0o755)
    }
  },
)
