import { expect, test } from 'vitest'
import { planWords } from '../../electron/api/plan-words.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'

const plain: PlannedTask = {
  name: 'load',
  needs: [],
  hosts: ['local'],
  run: 'ls',
  env: {},
  timeoutMs: null,
  graceMs: 0,
  retries: { max: 0, delayMs: 0, backoff: 'fixed', capMs: 0, jitter: 0 },
  effect: 'pure',
  files: [],
  inputs: {},
  outputs: {},
  remedies: [],
  codeHash: '',
}

test.each<[Partial<PlannedTask>, string]>([
  [{}, 'starts at once'],
  [{ needs: ['a', 'b'] }, 'after a, b'],
  [{ needs: ['a'], trigger: 'none_failed' }, 'after a (none_failed)'],
  [
    {
      needs: ['a', 'b'],
      trigger: {
        op: 'all',
        of: [
          { op: 'is', task: 'a', state: 'succeeded' },
          {
            op: 'any',
            of: [
              { op: 'is', task: 'b', state: 'failed' },
              { op: 'not', of: { op: 'is', task: 'b', state: 'done' } },
            ],
          },
        ],
      },
    },
    'after a, b (succeeded(a) && (failed(b) || !done(b)))',
  ],
  [{ when: '${{ run.id == "x" }}' }, 'starts at once, if ${{ run.id == "x" }}'],
  [
    { fanOut: { over: [1, 2, 3], maxParallel: 2, join: 0.8, failFast: false } },
    'starts at once, for each of 3 items, 2 at once, 80% must succeed',
  ],
  [
    { needs: ['a'], teardown: { of: ['a'], failsRun: false } },
    'after a, however they end, tears down a',
  ],
  [{ isFinal: true, lateEnv: { STATE: '' } }, 'at the end, STATE known when it starts'],
])('%j reads %s', (rules, words) => {
  expect(planWords({ ...plain, ...rules })).toBe(words)
})
