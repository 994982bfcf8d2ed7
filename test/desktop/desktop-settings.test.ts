import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSettings } from '../../electron/desktop/desktop-settings.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-settings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const defaults = { bounds: null, maximized: false, theme: 'system', workspace: null }
const bounds = { x: 1, y: 2, width: 800, height: 600 }

function open(file: string, errors: unknown[] = []) {
  return openSettings(file, (error) => errors.push(error))
}

test('what is set is there at the next start', () => {
  const file = join(folder, 'desktop', 'settings.json')
  open(file).set({ bounds, theme: 'dark' })
  expect(open(file).get()).toEqual({ ...defaults, bounds, theme: 'dark' })
})

test.each(['', '{"bounds":', '[]', 'null', '"dark"'])(
  'a file with %j means defaults',
  async (text) => {
    const file = join(folder, 'settings.json')
    await writeFile(file, text)
    expect(open(file).get()).toEqual(defaults)
  },
)

test('a field that makes no sense has its default, and the others are kept', async () => {
  const file = join(folder, 'settings.json')
  const odd = { bounds: { x: 0, y: 0, width: -5, height: 1e9 }, theme: 'dark', more: 1 }
  await writeFile(file, JSON.stringify(odd))
  expect(open(file).get()).toEqual({ ...defaults, theme: 'dark' })
})

test('a folder that cannot be written costs the memory, not the app', async () => {
  const errors: unknown[] = []
  await writeFile(join(folder, 'blocked'), '')
  const settings = open(join(folder, 'blocked', 'settings.json'), errors)
  settings.set({ maximized: true })
  expect(settings.get().maximized).toBe(true)
  expect(errors).toHaveLength(1)
})

test('no temporary file is left behind', async () => {
  const file = join(folder, 'settings.json')
  open(file).set({ theme: 'light' })
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ theme: 'light' })
  await expect(readFile(`${file}.${process.pid}`)).rejects.toThrow('ENOENT')
})
