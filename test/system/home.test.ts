import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homePaths, makeHome, sluiceHome, socketPath } from '../../electron/system/home.ts'

test('SLUICE_HOME names the home; without it the platform decides', () => {
  const env = { HOME: '/home/ada' }
  expect(sluiceHome({ ...env, SLUICE_HOME: '/srv/sluice' }, 'linux')).toBe('/srv/sluice')
  expect(sluiceHome({ ...env, SLUICE_HOME: '' }, 'linux')).toBe('/home/ada/.local/state/sluice')
  expect(sluiceHome({ ...env, XDG_STATE_HOME: '/var/ada' }, 'linux')).toBe('/var/ada/sluice')
  expect(sluiceHome({ ...env, XDG_STATE_HOME: 'state' }, 'linux')).toBe(
    '/home/ada/.local/state/sluice',
  )
  expect(sluiceHome(env, 'darwin')).toBe('/home/ada/Library/Application Support/Sluice')
  expect(sluiceHome({ LOCALAPPDATA: '/c/ada/Local' }, 'win32')).toBe('/c/ada/Local/Sluice')
})

test('the socket is in the home, or elsewhere where its path would be too long for the system', () => {
  expect(homePaths('/home/ada/s', {}).socket).toBe('/home/ada/s/sluice.sock')
  const deep = `/home/${'x'.repeat(200)}`
  const runtime = socketPath(deep, { XDG_RUNTIME_DIR: '/run/user/1000' }, 'linux')
  expect(runtime).toMatch(/^\/run\/user\/1000\/sluice-[0-9a-f]{16}\.sock$/)
  const other = socketPath(`${deep}y`, { XDG_RUNTIME_DIR: '/run/user/1000' }, 'linux')
  expect(other).not.toBe(runtime)
  expect(Buffer.byteLength(socketPath(deep, {}, 'linux'))).toBeLessThanOrEqual(103)
  expect(socketPath('C:\\ada', {}, 'win32')).toMatch(/^\\\\\.\\pipe\\sluice-[0-9a-f]{16}$/)
})

test('a home is made with all folders above it, for this user alone, and again changes nothing', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-home-'))
  const home = join(dir, 'a/b/home')
  makeHome(home)
  makeHome(home)
  expect(statSync(home).mode & 0o777).toBe(0o700)
  rmSync(dir, { recursive: true })
})

test.runIf(existsSync('/proc/self'))(
  'a home where no folder can be made is refused at once',
  () => {
    // A recursive mkdir of Node's never comes back from here.
    expect(() => makeHome('/proc/nowhere/home')).toThrow(/ENOENT/)
  },
)
