import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { WorkspaceNow, WorkspacePart } from '../../electron/api/parts.ts'
import { openWorkspaceFiles } from '../../electron/api/workspace-files.ts'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { systemClock } from '../../electron/system/clock.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'

let dir: string
let loads: WorkspaceNow[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-files-'))
  loads = []
  mkdirSync(join(dir, 'pipelines'))
  write('sluice.yaml', 'hosts: { edge: { ssh: edge } }\nenvironments: { dev: {} }\n')
  write('pipelines/p.yaml', 'name: p\ntasks: { a: { host: edge, run: echo } }\n')
})

afterEach(() => rmSync(dir, { recursive: true }))

function write(path: string, text: string): void {
  writeFileSync(join(dir, path), text)
}

function open(demoHosts: readonly HostSpec[] = [], folder: string | null = dir): WorkspacePart {
  const blobs = openBlobFiles(join(dir, 'blobs'))
  return openWorkspaceFiles({
    dir: folder,
    blobs,
    demoHosts,
    cacheFile: join(dir, 'cache.json'),
    clock: systemClock,
    onLoad: (now) => loads.push(now),
  })
}

const request = { pipeline: 'p', environment: null, params: {}, logicalDate: null }

test('files are read again only when they changed', async () => {
  const workspace = open()
  const first = await workspace.load()
  expect(await workspace.load()).toBe(first)
  write('pipelines/q.yaml', 'name: q\ntasks: { a: { host: edge, run: echo } }\n')
  const second = await workspace.load()
  expect(second.pipelines.map(({ name }) => name)).toEqual(['p', 'q'])
  expect(loads).toEqual([first, second])
})

test('many calls at once share one look', async () => {
  const workspace = open()
  const all = await Promise.all([workspace.load(), workspace.load(), workspace.load()])
  expect(new Set(all).size).toBe(1)
  expect(loads).toHaveLength(1)
})

test('with a problem the files are read again: what it was about may be another file', async () => {
  write('pipelines/p.yaml', 'name: p\ntasks: { a: { host: edge, run: ./scripts/a.sh } }\n')
  const workspace = open()
  expect((await workspace.load()).problems).toHaveLength(1)
  mkdirSync(join(dir, 'scripts'))
  write('scripts/a.sh', 'echo')
  expect((await workspace.load()).problems).toEqual([])
})

test('embedded hosts take the place of those of the same name', async () => {
  const edge = { name: 'edge', kind: 'ssh', port: 4242 } as HostSpec
  const { spec } = await open([edge]).load()
  expect(spec.hosts.filter(({ name }) => name === 'edge')).toEqual([edge])
})

test('a plan carries where its version came from; what does not allow one is told with its place', async () => {
  const present = await open().load()
  const planned = await present.plan(request)
  expect(planned.plan.tasks[0]?.hosts).toEqual(['edge'])
  expect(planned.source).toMatchObject({ file: 'pipelines/p.yaml', gitCommit: null })
  await expect(present.plan({ ...request, params: { x: 1 } })).rejects.toMatchObject({
    code: 'bad-input',
  })
  write('pipelines/p.yaml', 'name: p\ntasks: { a: { host: egde, run: echo } }\n')
  const broken = await open().load()
  await expect(broken.plan(request)).rejects.toThrow(/pipelines\/p\.yaml:2:\d+ {2}tasks\.a\.host/)
})

test('without a workspace there is nothing to list, and a plan says what to do', async () => {
  const present = await open([], null).load()
  expect(present).toMatchObject({ dir: null, pipelines: [], problems: [] })
  await expect(present.plan(request)).rejects.toMatchObject({ code: 'bad-input' })
})
