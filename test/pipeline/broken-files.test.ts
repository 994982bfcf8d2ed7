// Each broken file in `fixtures/pipelines/broken` beside the exact problems that a person should see.
// After a change of words: UPDATE_FIXTURES=1, and read the difference before it is committed.
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { allProblems, loadWorkspace } from '../../electron/pipeline/load.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'

const fixtures = join(import.meta.dirname, '../fixtures/pipelines')
const names = readdirSync(join(fixtures, 'broken'))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -'.yaml'.length))
  .sort()
const dir = mkdtempSync(join(tmpdir(), 'sluice-broken-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function problemsOf(name: string): Promise<Problem[]> {
  const own = join(dir, name)
  mkdirSync(join(own, 'pipelines'), { recursive: true })
  const broken = join(fixtures, 'broken', `${name}.yaml`)
  if (name.startsWith('workspace-')) copyFileSync(broken, join(own, 'sluice.yaml'))
  else {
    copyFileSync(join(fixtures, 'sluice.yaml'), join(own, 'sluice.yaml'))
    copyFileSync(broken, join(own, 'pipelines', `${name}.yaml`))
  }
  return allProblems(await loadWorkspace(own))
}

test('there are at least 40 broken files, of both kinds', () => {
  expect(names.length).toBeGreaterThanOrEqual(40)
  expect(names.filter((name) => name.startsWith('workspace-')).length).toBeGreaterThanOrEqual(6)
})

test.each(names)('%s: exactly its problems, each at its place', async (name) => {
  const problems = await problemsOf(name)
  const file = join(fixtures, 'broken', `${name}.json`)
  if (process.env['UPDATE_FIXTURES'] === '1') {
    writeFileSync(file, `${JSON.stringify(problems, null, 2)}\n`)
  }
  expect(problems).toEqual(JSON.parse(readFileSync(file, 'utf8')))
  expect(problems.length).toBeGreaterThan(0)
})
