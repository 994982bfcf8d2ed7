// What nothing names any more goes, and nothing else: real files, the real store, and runs of the real engine.
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { blobGraceMs, openBlobSweeps, sweepBlobs } from '../../electron/api/blob-sweep.ts'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import type { BlobFiles } from '../../electron/artifacts/blob-files.ts'
import type { Clock } from '../../electron/ports/clock.ts'
import type { HostReport } from '../../electron/ports/hosts.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { FROM_FAILURE } from '../../shared/run/recovery.ts'
import { makeWorld, sketchPlan } from '../helpers/world.ts'
import type { World } from '../helpers/world.ts'

const hour = 3_600_000
const bytesOf = (text: string): Uint8Array => Buffer.from(text)
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const never = new AbortController().signal

let dir: string
let aheadMs: number
let clock: Clock
let blobs: BlobFiles

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-sweep-'))
  aheadMs = 0
  // Files have the machine's time; nothing here waits for it.
  clock = {
    now: () => Date.now() + aheadMs,
    monotonic: () => 0,
    after(_delayMs, callback) {
      const timer = setImmediate(callback)
      return () => clearImmediate(timer)
    },
  }
  blobs = openBlobFiles(dir, clock)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const here = (...texts: string[]): string[] => texts.filter((text) => existsSync(pathOf(text)))
const pathOf = (text: string): string => join(dir, hashOf(text).slice(0, 2), hashOf(text))
const put = async (...texts: string[]): Promise<void> => {
  for (const text of texts) await blobs.put(bytesOf(text))
}

interface Told {
  world: World
  /** A task has saved a folder with these bytes. */
  save: (run: RunId, task: string, number: number, text: string) => Promise<void>
}

function openTold(): Told {
  let tell: (report: HostReport) => void = () => undefined
  const world = makeWorld({
    aroundHosts: (hosts) => ({
      start: hosts.start.bind(hosts),
      watch: hosts.watch.bind(hosts),
      cancel: hosts.cancel.bind(hosts),
      release: hosts.release.bind(hosts),
      onReport(listener) {
        tell = listener
        return hosts.onReport(listener)
      },
    }),
  })
  return {
    world,
    async save(run, task, number, text) {
      const sha256 = await blobs.put(bytesOf(text))
      const savedAt = world.clock.now()
      const checkpoint = { savedAt, values: {}, folder: { sha256, bytes: text.length } }
      tell({ kind: 'checkpoint', host: 'a', key: attemptKey(run, task, null, number), checkpoint })
      await world.flow(1)
    },
  }
}

const fileOf = (text: string) => [
  { path: text, sha256: hashOf(text), bytes: text.length, mode: 0o644 },
]

test('what can still be resumed keeps its files, outputs and checkpoints; the rest goes once it is old', async () => {
  const { world, save } = openTold()
  const below = sketchPlan({ s: { files: fileOf('a file below') } })
  const output = { name: 'out', path: 'out', sha256: hashOf('an output'), bytes: 9 }
  const run = world.start(
    {
      good: { files: fileOf('a file') },
      bad: {},
      sub: { needs: ['bad'], child: { plan: below, late: {} } },
      long: { host: 'a' },
    },
    { good: { ms: 5000, outputs: [output] }, bad: { ms: 5000, exit: 1 }, long: { ms: 5 * hour } },
  )
  await put('a file', 'a file below', 'an output', 'of no run')
  await world.flow(1000)
  await save(run, 'good', 1, 'saved by what succeeded')
  await save(run, 'bad', 1, 'saved early')
  await save(run, 'bad', 1, 'saved by what failed')
  await save(run, 'long', 1, 'saved by what runs')
  await world.flow(10_000)
  expect(world.states(run)).toMatchObject({ good: 'succeeded', bad: 'failed', long: 'running' })
  writeFileSync(`${pathOf('of no run')}.part`, 'a half')
  const all = [
    'a file',
    'a file below',
    'an output',
    'saved by what failed',
    'saved by what runs',
    'saved by what succeeded',
    'saved early',
    'of no run',
  ]
  expect(await sweepBlobs({ db: world.store.db, blobs, clock }, never)).toMatchObject({ files: 0 })
  expect(here(...all)).toEqual(all)
  aheadMs = blobGraceMs + hour
  const swept = await sweepBlobs({ db: world.store.db, blobs, clock }, never)
  expect(here(...all)).toEqual(all.slice(0, 5))
  const gone = all.slice(5)
  expect(swept).toEqual({ files: 4, bytes: [...gone, 'a half'].join('').length })
})

test('what was swept is wanted by no resume, also by one from a task that had succeeded', async () => {
  const { world, save } = openTold()
  const tasks = { good: {}, bad: {} }
  const script = { good: { ms: 5000 }, bad: [{ ms: 5000, exit: 1 }, {}] }
  const run = world.start(tasks, script)
  await world.flow(1000)
  await save(run, 'good', 1, 'all done')
  await save(run, 'bad', 1, 'half done')
  await world.finish(run)
  aheadMs = blobGraceMs + hour
  await sweepBlobs({ db: world.store.db, blobs, clock }, never)
  const options = { ...FROM_FAILURE, from: ['good', 'bad'] }
  world.engine.resume({ run, plan: sketchPlan(tasks), options }, 'ana')
  await world.finish(run)
  const again = world.host('a').orders.filter(({ key }) => key.endsWith('.2'))
  const folders = again.map(({ key, checkpoint }) => [key, checkpoint?.folder?.sha256])
  expect(Object.fromEntries(folders)).toEqual({
    [attemptKey(run, 'good', null, 2)]: undefined,
    [attemptKey(run, 'bad', null, 2)]: hashOf('half done'),
  })
  expect(here('half done', 'all done')).toEqual(['half done'])
})

test('what is put again or asked for stays, and a put and a removal never cross', async () => {
  const { db } = makeWorld().store
  await put('put again', 'asked for', 'crossed', 'left alone')
  aheadMs = blobGraceMs + hour
  await put('put again')
  expect(await blobs.has(hashOf('asked for'))).toBe(true)
  const path = pathOf('crossed')
  const putting = blobs.put(bytesOf('crossed'))
  expect(blobs.removeOld({ sha256: hashOf('crossed'), path }, clock.now())).toBe(0)
  await putting
  await sweepBlobs({ db, blobs, clock }, never)
  expect(here('put again', 'asked for', 'crossed', 'left alone')).toEqual([
    'put again',
    'asked for',
    'crossed',
  ])
  // What is young need not be told so each time.
  const before = statSync(path).mtimeMs
  aheadMs += 1000
  await put('crossed')
  expect(statSync(path).mtimeMs).toBe(before)
})

test('what is being received stays, however slowly it comes', async () => {
  const { db } = makeWorld().store
  const sink = await blobs.receive(hashOf('slow bytes'))
  await sink.write(bytesOf('slow '))
  aheadMs = blobGraceMs + hour
  expect(await sweepBlobs({ db, blobs, clock }, never)).toEqual({ files: 0, bytes: 0 })
  await sink.write(bytesOf('bytes'))
  expect(await sink.finish()).toBe(true)
  expect(here('slow bytes')).toEqual(['slow bytes'])
})

test('a sweep that is cut off has removed nothing that is named, and the next one does the rest', async () => {
  const { world, save } = openTold()
  const run = world.start({ t: {} }, { t: { ms: 5000, exit: 1 } })
  await world.flow(1000)
  const texts = Array.from({ length: 120 }, (_, at) => `saved ${at}`)
  for (const text of texts) await save(run, 't', 1, text)
  await world.finish(run)
  aheadMs = blobGraceMs + hour
  const leave = new AbortController()
  let removed = 0
  const cut = {
    ...blobs,
    removeOld(...given: Parameters<BlobFiles['removeOld']>): number {
      removed += 1
      if (removed === 30) leave.abort(new Error('the engine is killed'))
      return blobs.removeOld(...given)
    },
  }
  const { db } = world.store
  await expect(sweepBlobs({ db, blobs: cut, clock }, leave.signal)).rejects.toThrow('is killed')
  const left = here(...texts).length
  expect(left).toBeLessThan(120)
  expect(left).toBeGreaterThan(1)
  const swept = await sweepBlobs({ db, blobs: openBlobFiles(dir, clock), clock }, never)
  expect(swept.files).toBe(left - 1)
  expect(here(...texts)).toEqual(['saved 119'])
})

test('an engine sweeps by itself, goes on after a fault, and is done when it has closed', async () => {
  const { db } = makeWorld().store
  await put('old')
  aheadMs = blobGraceMs + hour
  const told = Promise.withResolvers<unknown>()
  let faults = 0
  const sweeps = openBlobSweeps({
    db,
    clock,
    blobs: {
      ...blobs,
      removeOld(...given) {
        faults += 1
        if (faults === 1) throw new Error('the disk is away')
        return blobs.removeOld(...given)
      },
    },
    log: {
      write: (level, _area, _message, facts) => void (level === 'info' && told.resolve(facts)),
    },
  })
  expect(await told.promise).toEqual({ files: 1, bytes: 3 })
  await sweeps.close()
  expect(here('old')).toEqual([])
})
