import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { askedWorkspace, isDemoWorkspace, workspaceArgument } from '../../electron/desktop/place.ts'

const nothing = { argv: [], env: {}, last: null, isFolder: () => true }

test('what the app was started with comes before what was open last', () => {
  const argv = ['electron', '.', workspaceArgument('/work/a')]
  const env = { SLUICE_WORKSPACE: '/work/b' }
  const last = '/work/c'
  expect(askedWorkspace({ ...nothing, argv, env, last })).toBe(resolve('/work/a'))
  expect(askedWorkspace({ ...nothing, env, last })).toBe(resolve('/work/b'))
  expect(askedWorkspace({ ...nothing, last })).toBe('/work/c')
})

test('what follows a link names no workspace: a link shows a screen and does nothing else', () => {
  const argv = ['sluice', 'sluice://now', workspaceArgument('//evil/share')]
  expect(askedWorkspace({ ...nothing, argv })).toBeNull()
  expect(
    askedWorkspace({ ...nothing, argv: ['sluice', workspaceArgument('/work/a'), 'sluice://now'] }),
  ).toBe(resolve('/work/a'))
})

test('a last workspace that is gone is forgotten, and then there is the demo', () => {
  expect(askedWorkspace({ ...nothing, last: '/gone', isFolder: () => false })).toBeNull()
  expect(askedWorkspace({ ...nothing, env: { SLUICE_WORKSPACE: '' } })).toBeNull()
})

test('the workspace of the demo brings its hosts, whoever names it', () => {
  expect(isDemoWorkspace(join('/home', 'demo', 'workspace'), join('/home', 'demo'))).toBe(true)
  expect(isDemoWorkspace('/work/a', join('/home', 'demo'))).toBe(false)
})
