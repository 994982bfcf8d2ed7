import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openKnownFolders } from '../../electron/hosts/known-folders.ts'

function fileIn(): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-known-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'host-folders.json')
}

test('H1: another folder is told until all were asked for, over any number of restarts', async () => {
  const file = fileIn()
  const first = openKnownFolders(file)
  expect(await first.enter('a', 'one')).toBe(false)
  expect(await first.enter('a', 'one')).toBe(false)
  expect(await first.enter('b', 'other')).toBe(false)
  await first.settle('a', 'one')
  for (let restart = 0; restart < 3; restart++)
    expect(await openKnownFolders(file).enter('a', 'two')).toBe(true)
  const last = openKnownFolders(file)
  expect(await last.enter('a', 'two')).toBe(true)
  await last.settle('a', 'two')
  expect(await last.enter('a', 'two')).toBe(false)
  expect(await openKnownFolders(file).enter('a', 'two')).toBe(false)
  expect(await openKnownFolders(file).enter('b', 'other')).toBe(false)
})

test('a file that is damaged is made anew, and one that cannot be written is tried again', async () => {
  const file = fileIn()
  writeFileSync(file, '{"a":["one"')
  // What would be renamed cannot be made.
  mkdirSync(`${file}.tmp`)
  const known = openKnownFolders(file)
  expect(await known.enter('a', 'two')).toBe(false)
  expect(await openKnownFolders(file).enter('a', 'three')).toBe(false)
  rmSync(`${file}.tmp`, { recursive: true })
  expect(await known.enter('a', 'two')).toBe(false)
  expect(await openKnownFolders(file).enter('a', 'three')).toBe(true)
})
