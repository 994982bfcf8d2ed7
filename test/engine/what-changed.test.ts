// The first thing that differs between the work of a task in two versions, as a person reads it.
import { expect, test } from 'vitest'
import { whatChanged } from '../../electron/engine/what-changed.ts'
import type { PlannedChild, PlannedTask } from '../../shared/run/plan.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'

const file = (path: string, sha256: string) => ({ path, sha256, bytes: 1, mode: 0o644 })
const child = (version: string, params: Record<string, string> = {}): PlannedChild => ({
  plan: { ...sketchPlan({}, version), pipeline: 'inner', params },
  late: {},
})
const fanOut = {
  over: '${{ params.days }}',
  maxParallel: null,
  join: 'all' as const,
  failFast: false,
}

function task(sketch: TaskSketch, codeHash: string): PlannedTask {
  const [planned] = sketchPlan({ t: sketch }).tasks
  if (planned === undefined) throw new Error('The sketch has no task')
  return { ...planned, codeHash }
}

const rows: [before: TaskSketch, after: TaskSketch, words: string][] = [
  [{}, { run: 'true # better' }, 'its command changed'],
  [{ files: [] }, { files: [file('a.sql', '1')] }, 'a.sql changed'],
  [
    { files: [file('a.sql', '1'), file('b.sql', '1')] },
    { files: [file('a.sql', '1'), file('b.sql', '2')] },
    'b.sql changed',
  ],
  [{ files: [file('a.sql', '1')] }, { files: [] }, 'its definition changed'],
  [
    { files: [file('a.sql', '1'), file('b.sql', '2')] },
    { files: [file('b.sql', '2'), file('a.sql', '1')] },
    'its definition changed',
  ],
  [{ env: { A: '1' } }, { env: { A: '1', B: '1' } }, 'its variable B changed'],
  [{ env: { A: '1' } }, { env: { A: '2' } }, 'its variable A changed'],
  [{ lateEnv: { A: 'x' } }, { lateEnv: { A: 'y' } }, 'its variable A changed'],
  [{}, { lateEnv: { A: 'y' } }, 'its variable A changed'],
  [{ env: { A: 'x' } }, { lateEnv: { A: 'x' } }, 'its definition changed'],
  [{ lateEnv: { A: 'x' } }, { lateEnv: { A: 'x' } }, 'its definition changed'],
  [{ hosts: ['a', 'b'] }, { hosts: ['a', 'c'] }, 'its host changed to a, c'],
  [{}, { inputs: { rows: { task: 'u', output: 'rows' } } }, 'its inputs changed'],
  [{ fanOut }, { fanOut: { ...fanOut, maxParallel: 2 } }, 'its list changed'],
  [{}, { fanOut }, 'its list changed'],
  [{ child: child('v1') }, { child: child('v2') }, 'its pipeline inner changed'],
  [{}, { child: child('v1') }, 'its pipeline inner changed'],
  [{ child: child('v1') }, { child: child('v1', { day: '2' }) }, 'its params changed'],
  [{ child: child('v1') }, { child: child('v1') }, 'its definition changed'],
]

test.each(rows)('%j made %j: %s', (before, after, words) => {
  expect(whatChanged(task(before, 'old'), task(after, 'new'))).toBe(words)
})

test('an equal hash is equal work', () => {
  expect(whatChanged(task({}, 'same'), task({ run: 'false' }, 'same'))).toBe('')
})
