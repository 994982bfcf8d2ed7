import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import type { Transfer } from '../../shared/api/views.ts'
import type { AttemptEnd, OutputFile } from '../../shared/run/events.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import { cutInBytes, type Cutter } from '../helpers/cut-in-bytes.ts'
import { openHostKit, order, type HostKit } from '../helpers/host-kit.ts'
import { localSubject, opened, toolsWithout } from './subjects.ts'

let dir: string
let kit: HostKit
const cutter: Cutter = { down: [], up: [] }

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-files-'))
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir }
  cutter.down = []
  cutter.up = []
  kit = await openHostKit({
    transport: cutInBytes(localTransport({ env }), cutter),
    folder: join(dir, 'host'),
  })
})
afterEach(async () => {
  await kit.close()
  rmSync(dir, { recursive: true, force: true })
})

const outputsOf = (end: AttemptEnd): OutputFile[] => ('outputs' in end ? (end.outputs ?? []) : [])
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const fileOf = async (path: string, bytes: Uint8Array): Promise<PlannedFile> => ({
  path,
  sha256: await kit.blobs.put(bytes),
  bytes: bytes.length,
  mode: 0o600,
})

test('an upload that is cut goes on where it was cut, and each file is whole', async () => {
  const bytes = randomBytes(12_000_000)
  const files = [await fileOf('big', bytes)]
  cutter.up = [3_000_000, 4_000_000]
  const { end, log } = await kit.run(order('sha256sum < big; ls -l big', { files }))
  expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
  expect(log.toString()).toContain(sha256(bytes))
  expect(kit.link.connects).toBe(3)
  expect(cutter.sent).toBeLessThan(bytes.length * 1.5)
  expect(readdirSync(join(dir, 'host', 'files'), { recursive: true })).toEqual([files[0]!.sha256])
  expect(kit.errors).toEqual([])
})

test('an output that is cut goes on where it was cut, without being held in memory', async () => {
  const bytes = randomBytes(24_000_000)
  writeFileSync(join(dir, 'big'), bytes)
  cutter.down = [9_000_000, 8_000_000]
  const seen: Transfer[] = []
  kit.fleet.onRow((row) => seen.push(...row.transfers))
  const { end } = await kit.run(order(`cp '${dir}/big' out`, { outputs: { out: 'out' } }))
  expect(outputsOf(end)).toEqual([
    { name: 'out', path: 'out', bytes: bytes.length, sha256: sha256(bytes) },
  ])
  expect(kit.link.connects).toBe(3)
  // Less than twice: what had come was not sent again.
  expect(cutter.received).toBeLessThan(bytes.length * 1.5)
  expect(sha256((await kit.blobs.get(sha256(bytes)))!)).toBe(sha256(bytes))
  for (const { path, direction, totalBytes } of seen) {
    expect({ path, direction, totalBytes }).toEqual({
      path: 'out',
      direction: 'from',
      totalBytes: bytes.length,
    })
  }
  await expect.poll(() => kit.fleet.rows()[0]?.transfers).toEqual([])
  expect(kit.errors).toEqual([])
})

test('R3: an output that leads out of the working folder is refused in words, one that stays inside is read', async () => {
  writeFileSync(join(dir, 'secret'), 'not for export')
  const script = [
    `ln -s '${dir}/secret' out`,
    'mkdir -p real deep folder; echo kept > real/data; ln -s ../real/data deep/link; ln -s deep/link chain',
    `ln -s '${dir}' up; ln -s loop loop; ln -s nowhere dead; mkfifo pipe`,
    `ln -s '/${'../'.repeat(9)}etc/passwd' far`,
  ].join('\n')
  const outputs = {
    out: 'out',
    chain: 'chain',
    climbs: '../../../secret',
    through: 'up/secret',
    loop: 'loop',
    dead: 'dead',
    folder: 'folder',
    pipe: 'pipe',
    far: 'far',
  }
  const { end } = await kit.run(order(script, { outputs }))
  expect(outputsOf(end).map((one) => one.name)).toEqual(['chain'])
  expect(Buffer.from((await kit.blobs.get(outputsOf(end)[0]!.sha256))!).toString()).toBe('kept\n')
  const outside = 'a link that leads out of the working folder'
  expect(end).toMatchObject({
    missingOutputs: [
      `out (${outside})`,
      `climbs (${outside})`,
      `through (${outside})`,
      'loop (a link that leads nowhere)',
      'dead',
      'folder (a folder; pack it into one file)',
      'pipe (neither a file nor a folder)',
      `far (${outside})`,
    ],
  })
})

test('an output that the next task on its host needs is not carried there again', async () => {
  const { end } = await kit.run(order('echo made > out', { outputs: { out: 'out' } }))
  const [made] = outputsOf(end)
  cutter.sent = 0
  const files = [
    { path: 'in', sha256: made!.sha256, bytes: made!.bytes, mode: 0o600 },
    await fileOf('empty', new Uint8Array(0)),
  ]
  const next = await kit.run(order('cat in empty; : > none', { files, outputs: { none: 'none' } }))
  expect(next.log.toString()).toBe('made\n')
  expect(outputsOf(next.end)).toMatchObject([{ name: 'none', bytes: 0 }])
  expect(readFileSync(join(dir, 'host', 'files', made!.sha256), 'utf8')).toBe('made\n')
})

test('a file that the host cannot store is refused, and the channel goes on', async () => {
  const files = [await fileOf('big', randomBytes(3_000_000))]
  await kit.run(order('true'))
  const folder = join(dir, 'host', 'files')
  rmSync(folder, { recursive: true })
  const one = order('cat big', { files })
  const refused = (await kit.run(one)).end
  expect(refused).toMatchObject({ outcome: 'not_started', cause: 'host_refused' })
  mkdirSync(folder)
  expect((await kit.run(order('cat big', { files }))).log.length).toBe(3_000_000)
  expect(kit.link.connects).toBe(1)
  expect(existsSync(join(folder, files[0]!.sha256))).toBe(true)
})

test('many small files travel together, whatever becomes of one of them', async () => {
  const bodies = Array.from({ length: 450 }, (_, index) =>
    randomBytes(1 + ((index * 677) % 40_000)),
  )
  const files = await Promise.all(bodies.map((bytes, index) => fileOf(`f/${index}`, bytes)))
  const gone: PlannedFile = { path: 'gone', sha256: 'e'.repeat(64), bytes: 5, mode: 0o600 }
  const empty = await fileOf('empty', Buffer.alloc(0))
  const refused = order('true', { files: [files[7]!, gone] })
  const first = order('cat f/* | wc -c; sha256sum f/*', { files: [...files, empty, files[3]!] })
  // In the middle of the second pack.
  cutter.up = [8_000_000]
  kit.start(refused)
  const { end, log } = await kit.run(first)
  expect(end).toMatchObject({ outcome: 'exited', exit: 0 })
  const sums = log.toString()
  expect(files.filter((file) => !sums.includes(`${file.sha256}  ${file.path}\n`))).toEqual([])
  expect((await kit.report('ended', refused.key)).end).toMatchObject({
    outcome: 'not_started',
    cause: 'input_missing',
    message: expect.stringContaining('gone'),
  })
  const wanted = [...files, empty].map((file) => file.sha256).sort()
  await expect.poll(() => readdirSync(join(dir, 'host', 'files')).sort()).toEqual(wanted)
  expect(kit.errors).toEqual([])
})

test('a host without tar takes small files one by one, and goes on after them', async () => {
  const { kit: bare, at } = await opened(() =>
    localSubject((folder) => ({ PATH: toolsWithout(folder, ['tar']) })),
  )
  const bodies = [1, 511, 512, 513, 70_000].map((length) => randomBytes(length))
  const files = await Promise.all(
    bodies.map(async (bytes, index) => ({
      path: `f${index}`,
      sha256: await bare.blobs.put(bytes),
      bytes: bytes.length,
      mode: 0o600,
    })),
  )
  const { log } = await bare.run(order('command -v tar; sha256sum f*', { files }))
  expect(log.toString()).toBe(files.map((file) => `${file.sha256}  ${file.path}\n`).join(''))
  expect(readdirSync(at('files')).sort()).toEqual(files.map((file) => file.sha256).sort())
})
