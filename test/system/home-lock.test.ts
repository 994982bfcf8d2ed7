import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { lockHome, readHolder } from '../../electron/system/home-lock.ts'

let home: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-home-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

test('a home has one holder at a time, and tells who', () => {
  const lock = lockHome(home, 'serve')
  expect(lock).not.toBeNull()
  expect(readHolder(home)).toEqual({ pid: process.pid, face: 'serve' })
  expect(lockHome(home, 'run')).toBeNull()
  expect(readHolder(home)?.face).toBe('serve')
  lock?.release()
  expect(readHolder(home)).toBeNull()
  const next = lockHome(home, 'run')
  expect(next).not.toBeNull()
  lock?.release()
  expect(lockHome(home)).toBeNull()
  next?.release()
})

test('of ten processes that start at once, exactly one has the home', async () => {
  const file = JSON.stringify(join(import.meta.dirname, '../../electron/system/home-lock.ts'))
  const script = `import { lockHome } from ${file}
    console.log(lockHome(process.argv[1], 'serve') === null ? 'busy' : 'held')
    process.stdin.resume()`
  const children = Array.from({ length: 10 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script, home], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')))
  const words = await Promise.all(
    children.map(async ({ stdout }) => String((await once(stdout, 'data'))[0]).trim()),
  )
  expect(words.sort()).toEqual([...Array<string>(9).fill('busy'), 'held'])
})

test('the lock of another process holds until it is killed, and then is free at once', async () => {
  const file = JSON.stringify(join(import.meta.dirname, '../../electron/system/home-lock.ts'))
  const script = `import { lockHome } from ${file}
    console.log(lockHome(process.argv[1], 'serve') === null ? 'busy' : 'held')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString().trim()).toBe('held')
  expect(lockHome(home)).toBeNull()
  expect(readHolder(home)).toEqual({ pid: child.pid, face: 'serve' })
  child.kill('SIGKILL')
  await once(child, 'close')
  const lock = lockHome(home, 'run')
  expect(lock).not.toBeNull()
  expect(readHolder(home)).toEqual({ pid: process.pid, face: 'run' })
  lock?.release()
})
