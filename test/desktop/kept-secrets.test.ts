import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openKeptSecrets, type Cipher } from '../../electron/desktop/kept-secrets.ts'

let folder: string
let file: string
let shut: string | null
let key: number

/** A stranger's key opens nothing. */
const cipher: Cipher = {
  unavailable: () => shut,
  encrypt: (text) => Buffer.from([key, ...Buffer.from(text).map((byte) => byte ^ key)]),
  decrypt(bytes) {
    if (bytes[0] !== key) throw new Error('another key wrote this')
    return Buffer.from(bytes.subarray(1).map((byte) => byte ^ key)).toString()
  },
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-kept-'))
  file = join(folder, 'desktop', 'kept.json')
  shut = null
  key = 0x5a
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('H7: what is kept comes back, and stands nowhere in the file, which is for its owner alone', async () => {
  const kept = openKeptSecrets(file, cipher)
  await kept.set('passphrase ~/.ssh/id', 'correct horse')
  expect(await openKeptSecrets(file, cipher).get('passphrase ~/.ssh/id')).toBe('correct horse')
  expect(await kept.get('passphrase ~/.ssh/other')).toBeNull()
  expect(await readFile(file, 'utf8')).not.toContain('horse')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await kept.delete('passphrase ~/.ssh/id')
  expect(await kept.get('passphrase ~/.ssh/id')).toBeNull()
})

test('without a key store nothing is kept, and nothing is read', async () => {
  const kept = openKeptSecrets(file, cipher)
  await kept.set('password a', 'x')
  shut = 'the keyring is locked'
  expect(kept.unavailable).toBe('the keyring is locked')
  expect(await kept.get('password a')).toBeNull()
  await expect(kept.set('password a', 'y')).rejects.toThrow('the keyring is locked')
})

test('what another key wrote, and a file that is torn, mean that the person is asked again', async () => {
  const kept = openKeptSecrets(file, cipher)
  await kept.set('password a', 'x')
  key = 0x33
  expect(await kept.get('password a')).toBeNull()
  key = 0x5a
  expect(await kept.get('password a')).toBeNull()
  await kept.set('password b', 'y')
  await writeFile(file, '{"password b": 7')
  expect(await kept.get('password b')).toBeNull()
  await kept.set('password b', 'z')
  expect(await kept.get('password b')).toBe('z')
})
