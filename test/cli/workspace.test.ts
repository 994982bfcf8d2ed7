import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Problem } from '../../shared/pipeline/problem.ts'
import type { TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeEach(() => {
  home = openTestHome()
})

afterEach(() => home.close())

test('init writes a workspace that is valid and runs, and never changes a file', async () => {
  rmSync(join(home.workspace, 'pipelines'), { recursive: true })
  home.write('sluice.yaml', '# mine\n')
  const first = await home.json<{ written: string[]; kept: string[] }>('init')
  expect(first.value.kept).toEqual(['sluice.yaml'])
  expect(readFileSync(join(home.workspace, 'sluice.yaml'), 'utf8')).toBe('# mine\n')
  rmSync(join(home.workspace, 'sluice.yaml'))
  const second = await home.json<{ written: string[]; kept: string[] }>('init')
  expect(second.value.written).toEqual(['sluice.yaml'])
  expect(second.value.kept).toEqual(first.value.written)
  expect((await home.run('validate')).code).toBe(0)
  const run = await home.json<{ state: string }>('run', 'hello')
  expect(run).toMatchObject({ code: 0, value: { state: 'succeeded' } })
})

test('validate shows all problems with a caret, exits 2, and gives the promised document', async () => {
  home.write('sluice.yaml', 'environments: { dev: {} }\n')
  home.write(
    'pipelines/broken.yaml',
    'name: broken\ntasks:\n  extract: { host: local, run: echo }\n  load: { needs: [extrct], host: local, run: echo, timeout: soon }\n',
  )
  const { code, stdout } = await home.run('validate')
  expect(code).toBe(2)
  expect(stdout).toContain('pipelines/broken.yaml:4:19  tasks.load.needs[0]  ')
  expect(stdout).toContain('Did you mean "extract"?')
  expect(stdout).toMatch(/\n {2}4 \| .*needs: \[extrct\].*\n {4}\| {19}\^\n/)
  expect(stdout).toContain('✗ 1 pipeline, 2 errors, 0 warnings')
  const { value } = await home.json<{ problems: Problem[] }>('validate')
  expect(value.problems).toHaveLength(2)
  expect(Object.keys(value)).toEqual(['problems'])
  expect(value.problems[0]).toMatchObject({
    file: 'pipelines/broken.yaml',
    line: 4,
    column: 19,
    path: 'tasks.load.needs[0]',
    message: expect.any(String) as string,
    hint: expect.any(String) as string,
  })
})

test('validate works in a folder below the workspace, and says so where there is none', async () => {
  home.write('sluice.yaml', 'environments: { dev: {} }\n')
  const below = await home.run('validate', '--workspace', join(home.workspace, 'pipelines'))
  expect(below.code).toBe(0)
  rmSync(join(home.workspace, 'sluice.yaml'))
  const none = await home.run('validate')
  expect(none.code).toBe(2)
  expect(none.stderr).toContain('There is no sluice.yaml in')
  expect(none.stderr).toContain('sluice init')
})

test('what means the files of a workspace says so where there is none, also after another one was used', async () => {
  home.write('sluice.yaml', 'environments: { dev: { hosts: { wh: local } } }\n')
  home.write('pipelines/p.yaml', 'name: p\ntasks: { a: { host: wh, run: echo } }\n')
  expect((await home.run('run', 'p')).code).toBe(0)
  rmSync(join(home.workspace, 'sluice.yaml'))
  for (const args of [['run', 'p'], ['plan', 'p'], ['pipelines'], ['hosts'], ['hosts', 'check']]) {
    const { code, stdout, stderr } = await home.run(...args)
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
    expect(stderr).toContain('There is no sluice.yaml in')
  }
  // What is stored can be seen from anywhere.
  expect((await home.run('show')).code).toBe(0)
})

test('schema prints one JSON Schema per kind of file', async () => {
  for (const kind of ['pipeline', 'workspace']) {
    const { code, stdout } = await home.run('schema', kind)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      $schema: expect.stringContaining('2020-12') as string,
    })
  }
  expect((await home.run('schema', 'nothing')).code).toBe(2)
})

test('plan says what would run and where, with the params put in, and starts nothing', async () => {
  home.write('sluice.yaml', 'environments: { dev: { hosts: { wh: local } } }\n')
  home.write(
    'pipelines/p.yaml',
    'name: p\nparams: { n: { type: integer, default: 1 } }\ntasks:\n  a: { host: wh, run: echo }\n  b: { needs: [a], host: wh, run: echo }\n',
  )
  const { code, value } = await home.json<object>('plan', 'p', '--param', 'n=7')
  expect(code).toBe(0)
  expect(value).toMatchObject({
    pipeline: 'p',
    env: 'dev',
    params: { n: 7 },
    tasks: [
      { task: 'a', needs: [], hosts: ['local'] },
      { task: 'b', needs: ['a'], hosts: ['local'] },
    ],
  })
  expect((await home.json<{ runs: unknown[] }>('runs')).value).toEqual({ runs: [] })
  const bad = await home.run('plan', 'p', '--param', 'n=seven')
  expect(bad.code).toBe(2)
  expect(bad.stderr).toContain('seven')
})
