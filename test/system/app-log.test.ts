import { readFileSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../../electron/ports/clock.ts'
import { openAppLog } from '../../electron/system/app-log.ts'

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => {} }
let dir: string
let file: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-applog-'))
  file = join(dir, 'app.log')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const lines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

test('each line is one JSON document with time, level, area and message', () => {
  const log = openAppLog({ file, clock })
  log.write('warn', 'hosts', 'two\nlines', { host: 'edge', error: new Error('broken') })
  log.close()
  expect(lines(file)).toMatchObject([
    {
      at: '1970-01-01T00:00:00.000Z',
      level: 'warn',
      area: 'hosts',
      message: 'two\nlines',
      host: 'edge',
      error: { message: 'broken', stack: expect.stringContaining('broken') as string },
    },
  ])
})

test('a hidden value is written nowhere, also where JSON escapes it or an error holds it', () => {
  const log = openAppLog({ file, clock })
  const show = log.hide('p"ss\\word')
  log.hide('p"ss\\word and more')
  log.write('info', 'x', 'with p"ss\\word and more', { e: new Error('p"ss\\word') })
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain('word')
  expect(text).not.toContain('and more')
  show()
  log.write('info', 'x', 'p"ss\\word')
  expect(lines(file)[1]).toMatchObject({ message: 'p"ss\\word' })
  log.close()
})

test('the log stays within its bounds and keeps the newest lines', () => {
  const log = openAppLog({ file, clock, bytesMax: 1000, keptFiles: 2 })
  for (let i = 0; i < 200; i++) log.write('info', 'x', `line ${i}`)
  log.close()
  expect(readdirSync(dir).sort()).toEqual(['app.log', 'app.log.1', 'app.log.2'])
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(1001)
  expect(lines(file).at(-1)).toMatchObject({ message: 'line 199' })
})

test('a huge line is cut and stays one JSON document', () => {
  const log = openAppLog({ file, clock })
  log.write('info', 'x', 'y'.repeat(1_000_000))
  log.close()
  expect(statSync(file).size).toBeLessThan(20_000)
  expect(lines(file)).toHaveLength(1)
})
