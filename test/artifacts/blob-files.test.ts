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

test('what comes piece by piece goes on after a cut or a crash, and is in the store once it is whole', async () => {
  const bytes = new Uint8Array(700_000).map((_, i) => (i * 7) % 251)
  const hash = sha256(bytes)
  const first = await openBlobFiles(dir).receive(hash)
  await first.write(bytes.subarray(0, 100_000))
  await first.write(bytes.subarray(100_000, 300_000))
  await first.leave()
  const blobs = openBlobFiles(dir)
  expect(await blobs.has(hash)).toBe(false)
  const again = await blobs.receive(hash)
  expect(again.bytes).toBe(300_000)
  await again.write(bytes.subarray(300_000))
  expect(await again.finish()).toBe(true)
  expect(Buffer.from((await blobs.get(hash)) ?? []).equals(bytes)).toBe(true)
  const source = await blobs.open(hash)
  const rest: Uint8Array[] = []
  for await (const piece of source!.read(650_000, 100_000)) rest.push(piece)
  expect(source!.bytes).toBe(bytes.length)
  expect(Buffer.concat(rest).equals(bytes.subarray(650_000))).toBe(true)
  expect(readdirSync(join(dir, hash.slice(0, 2)))).toEqual([hash])
})

test('bytes with another hash are not in the store, and the next try begins anew', async () => {
  const blobs = openBlobFiles(dir)
  const hash = sha256(Buffer.from('right'))
  const wrong = await blobs.receive(hash)
  await wrong.write(Buffer.from('wrong'))
  expect(await wrong.finish()).toBe(false)
  expect(await blobs.has(hash)).toBe(false)
  expect(await blobs.open(hash)).toBeNull()
  const next = await blobs.receive(hash)
  expect(next.bytes).toBe(0)
  await next.write(Buffer.from('right'))
  expect(await next.finish()).toBe(true)
})

test('two that bring the same bytes at once do not write into one file', async () => {
  const blobs = openBlobFiles(dir)
  const bytes = Buffer.from('the same bytes')
  const hash = sha256(bytes)
  const [one, other] = [await blobs.receive(hash), await blobs.receive(hash)]
  await one.write(bytes.subarray(0, 5))
  await other.write(bytes)
  await one.write(bytes.subarray(5))
  expect(await other.finish()).toBe(true)
  expect(await one.finish()).toBe(true)
  expect(readdirSync(join(dir, hash.slice(0, 2)))).toEqual([hash])
})
