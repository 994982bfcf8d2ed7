import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findElectron } from '../../electron/cli/electron-binary.ts'

let root: string
const display = { DISPLAY: ':0' }
const user = 1000

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-electron-'))
})

afterEach(() => rmSync(root, { recursive: true }))

function install(): string {
  const folder = join(root, 'node_modules/electron')
  mkdirSync(join(folder, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'path.txt'), 'electron')
  writeFileSync(join(folder, 'dist/electron'), '')
  return join(folder, 'dist/electron')
}

test('the binary that was downloaded is found, without loading the package', () => {
  const path = install()
  expect(findElectron({ root, env: display }, { platform: 'linux', user })).toEqual({
    kind: 'found',
    path,
  })
})

test('an override names another folder', () => {
  const folder = join(root, 'other')
  mkdirSync(folder)
  writeFileSync(join(folder, 'electron'), '')
  const env = { ...display, ELECTRON_OVERRIDE_DIST_PATH: folder }
  const found = findElectron({ root, env }, { platform: 'linux', user })
  expect(found).toEqual({ kind: 'found', path: join(folder, 'electron') })
})

test('what is missing is said in one sentence: the binary, a display, an account that is not root', () => {
  const none = findElectron({ root, env: display }, { platform: 'linux', user })
  expect(none).toMatchObject({
    kind: 'none',
    why: expect.stringContaining('binary is not here') as string,
  })
  install()
  const blind = findElectron({ root, env: {} }, { platform: 'linux', user })
  expect(blind).toEqual({ kind: 'none', why: 'There is no display for a window here.' })
  const asRoot = findElectron({ root, env: display }, { platform: 'linux', user: 0 })
  expect(asRoot).toEqual({ kind: 'none', why: 'Electron does not run as root.' })
  expect(findElectron({ root, env: {} }, { platform: 'darwin', user })).toMatchObject({
    kind: 'found',
  })
})
