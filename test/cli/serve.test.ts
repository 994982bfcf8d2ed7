import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunJson } from '../../electron/cli/run-json.ts'
import type { Running, TestHome } from './sluice-process.ts'
import { openTestHome } from './sluice-process.ts'

let home: TestHome

beforeEach(() => {
  home = openTestHome()
  home.write('sluice.yaml', 'environments: { dev: { hosts: { worker: local } } }\n')
  home.write(
    'pipelines/gated.yaml',
    `name: gated
tasks:
  a: { host: worker, run: 'echo one; while [ ! -f "$HOME/go" ]; do sleep 0.05; done; echo two' }
`,
  )
})

afterEach(() => home.close())

async function serve(...args: string[]): Promise<Running> {
  const server = home.start('serve', ...args)
  await server.until(/Ctrl-C ends it/)
  return server
}

const open = (): void => writeFileSync(join(home.dir, 'go'), '')

test('commands are clients of a running serve: run --detach, logs -f, show, cancel', async () => {
  const server = await serve()
  const detached = await home.run('run', 'gated', '--detach')
  expect(detached.code).toBe(0)
  const run = detached.stdout.trim()
  const follower = home.start('logs', run, 'a', '--follow')
  await follower.until(/one/)
  expect((await home.json<RunJson>('show', run)).value.state).toBe('running')
  open()
  expect((await follower.ended).stdout).toBe('one\ntwo\n')
  rmSync(join(home.dir, 'go'))
  const second = (await home.run('run', 'gated', '--detach')).stdout.trim()
  const cancelled = await home.json<RunJson>('cancel', second, '--reason', 'test')
  expect(cancelled).toMatchObject({ code: 0, value: { state: 'cancelled' } })
  server.child.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
})

test('a second engine on one home is refused with who has it, and run is a client instead', async () => {
  const server = await serve()
  const second = await home.run('serve')
  expect(second.code).toBe(4)
  expect(second.stderr).toContain(`serve, pid ${server.child.pid}`)
  open()
  const { code, value } = await home.json<RunJson>('run', 'gated')
  expect({ code, state: value.state }).toEqual({ code: 0, state: 'succeeded' })
})

test('an engine on another workspace is not used for the files of this one', async () => {
  await serve()
  const other = join(home.dir, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'sluice.yaml'), 'environments: { dev: {} }\n')
  const { code, stderr } = await home.run('run', 'gated', '--workspace', other)
  expect(code).toBe(4)
  expect(stderr).toContain('has the workspace')
  expect((await home.run('runs', '--json')).code).toBe(0)
})

test('a run that follows another process goes on by itself when that one is killed', async () => {
  const server = await serve()
  const running = home.start('run', 'gated')
  await running.until(/running {2}a/)
  server.child.kill('SIGKILL')
  await running.until(/this one goes on/)
  open()
  const { code } = await running.ended
  expect(code).toBe(0)
  expect((await home.run('logs', 'latest', 'a')).stdout).toBe('one\ntwo\n')
})

test('unfinished runs keep their workspace: no other one may take the home, and none need be named', async () => {
  const server = await serve()
  const run = (await home.run('run', 'gated', '--detach')).stdout.trim()
  const follower = home.start('logs', run, 'a', '--follow')
  await follower.until(/one/)
  server.child.kill('SIGKILL')
  await server.ended
  const other = join(home.dir, 'other')
  mkdirSync(other)
  writeFileSync(join(other, 'sluice.yaml'), 'environments: { dev: {} }\n')
  const refused = await home.run('serve', '--workspace', other)
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain(`1 unfinished run of the workspace ${home.workspace}`)
  rmSync(join(home.workspace, 'sluice.yaml')) // the command is now in no workspace at all
  home.write('pipelines/gated.yaml', 'name: gated\n')
  const cancelled = await home.json<RunJson>('cancel', run)
  expect(cancelled).toMatchObject({ code: 0, value: { state: 'cancelled' } })
})

test('serve sees a pipeline that is written while it runs', async () => {
  await serve()
  home.write('pipelines/late.yaml', 'name: late\ntasks: { a: { host: worker, run: echo } }\n')
  const { code, value } = await home.json<RunJson>('run', 'late')
  expect({ code, state: value.state }).toEqual({ code: 0, state: 'succeeded' })
})

test('serve --port answers a browser that brings the token, and nobody else', async () => {
  const server = home.start('serve', '--port', '0')
  const [url] = await server.until(/http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}/)
  const bought = await fetch(url, { redirect: 'manual' })
  expect(bought.status).toBe(303)
  expect((await fetch(new URL('/', url))).status).toBe(401)
  const document = await home.run('serve', '--json')
  expect(JSON.parse(document.stdout)).toMatchObject({ error: { code: 'engine-busy' } })
})
