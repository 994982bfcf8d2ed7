// Loading again: what has not changed is not parsed again, and what has is never taken from before.
import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadWorkspace } from '../../electron/pipeline/load.ts'
import type { LoadedWorkspace } from '../../electron/pipeline/load.ts'
import { openParseCache } from '../../electron/pipeline/parse-cache.ts'
import type { ParseCache } from '../../electron/pipeline/parse-cache.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { workspaceDir } from './workspace-dir.ts'

const later = 60_000
const count = 60

/** A cache that stands some minutes after the files were written, and tells what it was asked to keep. */
function cacheIn(dir: string, aheadMs = later): { cache: ParseCache; kept: string[] } {
  const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
  const cache = openParseCache({ file: join(dir, 'cache', 'c.json'), clock })
  const kept: string[] = []
  return {
    kept,
    cache: {
      ...cache,
      keep: (file, signature, entry) => {
        kept.push(file)
        cache.keep(file, signature, entry)
      },
    },
  }
}

function manyIn(): string {
  const files: Record<string, string> = { 'run.sh': 'echo' }
  for (let at = 0; at < count; at += 1) {
    files[`pipelines/p${at}.yaml`] = `tasks: { a: { run: ./run.sh, env: { X: "${at}" } } }\n`
  }
  return workspaceDir(files)
}

function shown(workspace: LoadedWorkspace): unknown {
  return workspace.pipelines.map(({ name, file, text, spec, problems, tree }) => ({
    name,
    file,
    text,
    spec,
    problems,
    value: tree?.value,
  }))
}

test('a second load gives the same and parses nothing, also in another process', async () => {
  const dir = manyIn()
  const first = cacheIn(dir)
  const plain = await loadWorkspace(dir)
  expect(shown(await loadWorkspace(dir, first.cache))).toEqual(shown(plain))
  expect(first.kept).toHaveLength(count)
  expect(shown(await loadWorkspace(dir, first.cache))).toEqual(shown(plain))
  expect(first.kept).toHaveLength(count)
  const other = cacheIn(dir)
  expect(shown(await loadWorkspace(dir, other.cache))).toEqual(shown(plain))
  expect(other.kept).toEqual([])
  // It holds what pipelines say: for this user alone.
  expect(statSync(join(dir, 'cache', 'c.json')).mode & 0o077).toBe(0)
})

test('C1: a changed file is read again, of the same size and time too; one just written is not kept', async () => {
  const dir = manyIn()
  const { cache, kept } = cacheIn(dir)
  await loadWorkspace(dir, cache)
  const file = join(dir, 'pipelines/p7.yaml')
  const { atime, mtime } = statSync(file)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"7"', '"8"'))
  utimesSync(file, atime, mtime)
  const { pipelines } = await loadWorkspace(dir, cache)
  expect(pipelines.find(({ name }) => name === 'p7')?.spec?.tasks[0]?.env).toEqual({ X: '8' })
  expect(kept.slice(count)).toEqual(['pipelines/p7.yaml'])
  const young = cacheIn(manyIn(), 0)
  await loadWorkspace(dir, young.cache)
  expect(young.kept).toEqual([])
})

test('C2, C3: other names in sluice.yaml, problems and scripts that are gone are seen', async () => {
  const dir = manyIn()
  writeFileSync(join(dir, 'pipelines/p1.yaml'), 'tasks: { a: { run: ls, host: edge } }\n')
  const { cache } = cacheIn(dir)
  const messages = ({ pipelines }: LoadedWorkspace): string[] =>
    pipelines.flatMap(({ problems }) => problems.map(({ message }) => message))
  expect(messages(await loadWorkspace(dir, cache))).toEqual(['There is no host "edge".'])
  expect(messages(await loadWorkspace(dir, cache))).toEqual(['There is no host "edge".'])
  writeFileSync(join(dir, 'sluice.yaml'), 'hosts: { edge: { ssh: edge } }\n')
  expect(messages(await loadWorkspace(dir, cache))).toEqual([])
  rmSync(join(dir, 'run.sh'))
  expect(messages(await loadWorkspace(dir, cache))).toHaveLength(count - 1)
})

test('a cache that cannot be read or written is no trouble', async () => {
  const dir = manyIn()
  await loadWorkspace(dir, cacheIn(dir).cache)
  for (const broken of ['', '{', 'null', '{"format":1}', '[]']) {
    writeFileSync(join(dir, 'cache', 'c.json'), broken)
    const { cache, kept } = cacheIn(dir)
    expect((await loadWorkspace(dir, cache)).pipelines).toHaveLength(count)
    expect(kept).toHaveLength(count)
  }
  const clock = { ...systemClock, now: () => systemClock.now() + later }
  const nowhere = openParseCache({ file: '/dev/null/x/c.json', clock })
  expect((await loadWorkspace(dir, nowhere)).pipelines).toHaveLength(count)
})
