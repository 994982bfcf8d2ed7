import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownWorkspace } from '../../electron/api/own-home.ts'
import { homePaths } from '../../electron/system/home.ts'

const source = fileURLToPath(new URL('../../electron/system/replace-file.ts', import.meta.url))
let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-replace-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('whoever is killed while it replaces a file leaves it as it was or as it was to be', async () => {
  const file = join(dir, 'workspace')
  const texts = ['a', 'b'].map((letter) => letter.repeat(100_000))
  writeFileSync(file, texts[0]!)
  const script = `const { replaceFile } = await import(${JSON.stringify(source)})
    console.log('goes')
    for (;;) for (const letter of ['a', 'b']) replaceFile(process.argv[1], letter.repeat(100_000))`
  for (let kill = 0; kill < 4; kill += 1) {
    const args = ['--input-type=module', '-e', script, file]
    const writer = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(writer.stdout, 'data')
    await wait(20 + kill * 7)
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    expect(texts).toContain(readFileSync(file, 'utf8'))
  }
})

test('a home whose note of its workspace was emptied by a power cut goes on with the one that is asked for', () => {
  const paths = homePaths(dir)
  writeFileSync(join(dir, 'workspace'), '')
  expect(ownWorkspace(paths, dir, ['20260101-000000-abcdefgh'])).toBe(dir)
  expect(readFileSync(join(dir, 'workspace'), 'utf8')).toBe(dir)
  expect(() => ownWorkspace(paths, tmpdir(), ['20260101-000000-abcdefgh'])).toThrow(
    'unfinished run',
  )
})
