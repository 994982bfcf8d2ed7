import { createHash } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-blobs-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('bytes come back by their hash, also after the store is opened again', async () => {
  const bytes = new Uint8Array(300_000).map((_, i) => i % 251)
  const hash = await openBlobFiles(dir).put(bytes)
  expect(hash).toBe(sha256(bytes))
  const blobs = openBlobFiles(dir)
  expect(await blobs.has(hash)).toBe(true)
  expect(Buffer.from((await blobs.get(hash)) ?? []).equals(bytes)).toBe(true)
})

test('what was never put is not here', async () => {
  const blobs = openBlobFiles(dir)
  expect(await blobs.has('0'.repeat(64))).toBe(false)
  expect(await blobs.get('0'.repeat(64))).toBeNull()
})

test('the same bytes put at once many times are one file, and no other is left', async () => {
  const blobs = openBlobFiles(dir)
  const hashes = await Promise.all(Array.from({ length: 20 }, () => blobs.put(Buffer.from('same'))))
  expect(new Set(hashes).size).toBe(1)
  const hash = hashes[0] ?? ''
  expect(readdirSync(join(dir, hash.slice(0, 2)))).toEqual([hash])
})

test('a file whose content is not what its name says is never given out', async () => {
  const blobs = openBlobFiles(dir)
  const hash = await blobs.put(Buffer.from('right'))
  writeFileSync(join(dir, hash.slice(0, 2), hash), 'wrong')
  await expect(blobs.get(hash)).rejects.toThrow('does not have the content')
})

test('a file cut short by a crash is written again', async () => {
  const blobs = openBlobFiles(dir)
  const hash = await blobs.put(Buffer.from('right'))
  writeFileSync(join(dir, hash.slice(0, 2), hash), 'ri')
  await blobs.put(Buffer.from('right'))
  expect(Buffer.from((await blobs.get(hash)) ?? []).toString()).toBe('right')
})

test('a name that is no hash is refused', async () => {
  const blobs = openBlobFiles(dir)
  await expect(blobs.get('../../../etc/passwd')).rejects.toThrow('Not a sha256')
  await expect(blobs.has('A'.repeat(64))).rejects.toThrow('Not a sha256')
})
