// What every past says about a resume, row by row and word for word: the plan alone, without an engine.
import { expect, test } from 'vitest'
import type { RunId } from '../../shared/run/ids.ts'
import {
  bad,
  better,
  child,
  exited,
  failed,
  fan,
  force,
  from,
  good,
  inWords,
  list,
  made,
  pay,
  said,
  t,
  unstarted,
} from './past-kit.ts'
import type { Case, Tasks } from './past-kit.ts'

const ofOne: [why: string, one: Omit<Case, 'tasks'> & { tasks?: Tasks }, words: string][] = [
  ['new', { past: {} }, 'run: is new in this version'],
  ['back again', { tasks: {}, after: t, past: { t: good } }, 'run: is new in this version'],
  [
    'running',
    { past: { t: { state: 'running', ...made(null, 2) } } },
    'attach: is running on a (attempt 2)',
  ],
  ['queued', { past: { t: { state: 'queued' } } }, 'attach: is queued'],
  [
    'retrying',
    { past: { t: { state: 'retrying', ...exited(1) } } },
    'attach: is retrying on a (attempt 1)',
  ],
  [
    'a sub-pipeline that lives',
    { past: { t: { state: 'running', child: 'r-2' as RunId } } },
    'attach: is running as run r-2',
  ],
  [
    'unknown',
    { past: { t: { state: 'unknown', ...made(null) } } },
    'attach: may still run on a (attempt 1): its outcome is not known',
  ],
  [
    'lives and is asked for',
    { past: { t: { state: 'queued' } }, options: from('t') },
    'attach: is queued',
  ],
  ['succeeded', { past: { t: good } }, 'reuse: succeeded on a (attempt 1)'],
  ['reused', { past: { t: { state: 'reused' } } }, 'reuse: succeeded'],
  ['asked for', { past: { t: good }, options: from('t') }, 'run: was asked for'],
  ['changed', { after: better, past: { t: good } }, 'run: succeeded, but its command changed'],
  [
    'marked as good',
    { past: { t: { ...good, marked: { ...said, state: 'succeeded' }, why: 'marked by ana' } } },
    'reuse: marked by ana',
  ],
  ['failed', { past: { t: bad } }, 'run: failed: exit 1'],
  [
    'failed by itself',
    { past: { t: { state: 'failed', why: 'rejected by ana' } } },
    'run: failed: rejected by ana',
  ],
  [
    'failed, in these words',
    { past: { t: { state: 'failed', why: 'failed to be made' } } },
    'run: failed to be made',
  ],
  [
    'failed with an end to come',
    { past: { t: { state: 'failed', why: 'given up', ...made(null) } } },
    'run: failed: given up',
  ],
  [
    'cancelled',
    { past: { t: { state: 'cancelled', ...made({ outcome: 'cancelled' }) } } },
    'run: cancelled',
  ],
  [
    'cancelled as it failed',
    { past: { t: { state: 'cancelled', ...exited(3) } } },
    'run: cancelled: exit 3',
  ],
  [
    'cancelled before',
    { past: { t: { state: 'cancelled', why: 'the run was cancelled' } } },
    'run: was cancelled before it started',
  ],
  [
    'held up',
    { past: { t: { state: 'upstream_failed', why: 'needs a' } } },
    'run: was held up: needs a',
  ],
  [
    'skipped',
    { past: { t: { state: 'skipped', why: 'its condition is false' } } },
    'reuse: was skipped: its condition is false',
  ],
  [
    'skipped by a person',
    {
      past: {
        t: { state: 'skipped', marked: { ...said, state: 'skipped' }, why: 'marked by ana' },
      },
    },
    'reuse: marked by ana',
  ],
  [
    'skipped, asked for',
    { past: { t: { state: 'skipped' } }, options: from('t') },
    'run: was asked for',
  ],
  [
    'skipped, changed',
    { after: better, past: { t: { state: 'skipped' } } },
    'run: was skipped, but its command changed',
  ],
  [
    'skipped, its condition changed',
    {
      tasks: { t: { when: '${{ params.day == "1" }}' } },
      after: { t: { when: '${{ params.day == "2" }}' } },
      past: { t: { state: 'skipped' } },
    },
    'run: was skipped, but its condition changed',
  ],
  [
    'skipped, its rule changed',
    { after: { t: { trigger: 'all_done' } }, past: { t: { state: 'skipped' } } },
    'run: was skipped, but its trigger rule changed',
  ],
  [
    'skipped, with other params for its condition',
    {
      tasks: { t: { when: '${{ params.day == "1" }}' } },
      params: { day: '2' },
      past: { t: { state: 'skipped' } },
    },
    'run: was skipped, but the params of its condition changed',
  ],
  [
    'skipped, with other params but no condition',
    { params: { day: '2' }, past: { t: { state: 'skipped', why: 'needs a' } } },
    'reuse: was skipped: needs a',
  ],
  [
    'skipped by a person, its condition changed',
    {
      after: { t: { when: 'true' } },
      past: { t: { state: 'skipped', marked: { ...said, state: 'skipped' }, why: 'by ana' } },
    },
    'reuse: by ana',
  ],
  ['waits', { past: { t: { state: 'waiting' } }, isLive: true }, 'attach: has not begun yet'],
  ['waited', { past: { t: { state: 'waiting' } } }, 'run: has not run yet'],
  [
    'failed, not asked for',
    { past: { t: bad }, options: { only: true } },
    'refuse: failed: exit 1; not asked for',
  ],
  [
    'failed, asked for',
    { past: { t: bad }, options: { only: true, ...from('t') } },
    'run: failed: exit 1',
  ],
  [
    'rule 4: irreversible',
    { tasks: pay, past: { t: bad } },
    'refuse: failed: exit 1; its effect is irreversible and it may have begun',
  ],
  [
    'rule 4: its end is not here',
    { tasks: pay, past: { t: { state: 'failed', why: 'given up', ...made(null) } } },
    'refuse: failed: given up; its effect is irreversible and it may have begun',
  ],
  [
    'rule 4: begun, then not started',
    {
      tasks: pay,
      past: { t: { state: 'failed', attempts: [...exited(1).attempts, ...unstarted.attempts] } },
    },
    'refuse: failed: not started: no route; its effect is irreversible and it may have begun',
  ],
  [
    'rule 4: asked for',
    { tasks: pay, past: { t: good }, options: from('t') },
    'refuse: was asked for; its effect is irreversible and it may have begun',
  ],
  [
    'rule 4: never begun',
    { tasks: pay, past: { t: { state: 'failed', ...unstarted } } },
    'run: failed: not started: no route',
  ],
  ['forced', { tasks: pay, past: { t: bad }, options: force('t', 'run') }, 'run: forced: so'],
  ['forced without a word', { past: { t: good }, options: force('t', 'run', '') }, 'run: forced'],
  ['left', { past: { t: bad }, options: force('t', 'leave') }, 'refuse: left as it is: so'],
  ['left, being new', { past: {}, options: force('t', 'leave', '') }, 'refuse: left as it is'],
  [
    'kept',
    { past: { t: good }, options: { ...from('t'), ...force('t', 'leave') } },
    'reuse: left as it is: so',
  ],
  [
    'forced while it lives',
    { past: { t: { state: 'queued' } }, options: force('t', 'run') },
    'attach: is queued',
  ],
  [
    'a sub-pipeline goes on in the run it had',
    { tasks: { t: { child } }, past: { t: { state: 'failed', why: 'its run failed' } } },
    'run: failed: its run failed',
  ],
  [
    'a sub-pipeline forced',
    { tasks: { t: { child } }, past: { t: { state: 'failed' } }, options: force('t', 'run') },
    'run anew: forced: so',
  ],
]

test.each(ofOne)('a task run that is %s', (_, { tasks = t, ...one }, words) => {
  expect(inWords({ tasks, ...one })).toEqual({ t: words })
})

const ofItems: [
  why: string,
  one: Omit<Case, 'tasks'> & { tasks?: Tasks },
  words: Record<string, string>,
][] = [
  ['new', { tasks: {}, after: t, past: { t: failed } }, { t: 'run: is new in this version' }],
  [
    'good',
    { past: { t: { ...good, ...list }, 't[0]': good } },
    { t: 'reuse: succeeded on a (attempt 1)' },
  ],
  [
    'skipped',
    { past: { t: { state: 'skipped', why: 'no files', ...fan() } } },
    { t: 'reuse: was skipped: no files' },
  ],
  [
    'marked as a whole',
    {
      past: {
        t: { ...good, ...list, marked: { ...said, state: 'succeeded' }, why: 'marked by ana' },
        't[0]': bad,
      },
    },
    { t: 'reuse: marked by ana' },
  ],
  [
    'marked as a whole, and asked for in part',
    {
      past: {
        t: { state: 'skipped', ...list, marked: { ...said, state: 'skipped' }, why: 'by ana' },
        't[0]': bad,
      },
      options: from('t[0]'),
    },
    { t: 'run: 1 of 3 items run again', 't[0]': 'run: failed: exit 1' },
  ],
  [
    'asked for',
    { past: { t: failed, 't[0]': bad }, options: from('t') },
    { t: 'run anew: was asked for' },
  ],
  [
    'changed',
    { after: better, past: { t: failed, 't[0]': bad } },
    { t: 'run anew: failed, but its command changed' },
  ],
  [
    'rule 4: asked for',
    { tasks: pay, past: { t: failed, 't[0]': good }, options: from('t') },
    { t: 'refuse: was asked for; its effect is irreversible and it may have begun' },
  ],
  [
    'rule 4: asked for, never begun',
    {
      tasks: pay,
      past: { t: failed, 't[0]': { state: 'failed', ...unstarted } },
      options: from('t'),
    },
    { t: 'run anew: was asked for' },
  ],
  [
    'rule 5: one failed',
    { past: { t: failed, 't[0]': good, 't[1]': bad, 't[2]': { state: 'waiting' } } },
    { t: 'run: 1 of 3 items run again', 't[1]': 'run: failed: exit 1' },
  ],
  [
    'rule 5: all may not',
    { tasks: pay, past: { t: failed, 't[1]': bad } },
    {
      t: 'refuse: none of its items may run again',
      't[1]': 'refuse: failed: exit 1; its effect is irreversible and it may have begun',
    },
  ],
  [
    'seen to since',
    { past: { t: failed, 't[0]': good } },
    { t: 'run: its items have been seen to since' },
  ],
  [
    'live',
    {
      past: {
        t: { state: 'running', ...list },
        't[0]': { state: 'running', ...made(null) },
        't[1]': bad,
        't[2]': { state: 'waiting' },
      },
      isLive: true,
    },
    { t: 'attach: is running with 3 items', 't[1]': 'run: failed: exit 1' },
  ],
  [
    'live and changed',
    { after: better, past: { t: { state: 'running', ...list } }, isLive: true, options: from('t') },
    { t: 'attach: is running with 3 items' },
  ],
  [
    'one forced',
    {
      past: { t: { ...good, ...list }, 't[0]': good, 't[1]': good },
      options: force('t[1]', 'run'),
    },
    { t: 'run: 1 of 3 items run again', 't[1]': 'run: forced: so' },
  ],
  [
    'one forced without a word',
    { past: { t: { ...good, ...list }, 't[1]': good }, options: force('t[1]', 'run', '') },
    { t: 'run: 1 of 3 items run again', 't[1]': 'run: forced' },
  ],
  [
    'one forced that lives',
    {
      past: { t: { state: 'running', ...list }, 't[0]': { state: 'queued' } },
      isLive: true,
      options: force('t[0]', 'run'),
    },
    { t: 'attach: is running with 3 items' },
  ],
  [
    'one left',
    { past: { t: failed, 't[0]': bad, 't[1]': bad }, options: force('t[0]', 'leave') },
    {
      t: 'run: 1 of 3 items run again',
      't[0]': 'refuse: left as it is: so',
      't[1]': 'run: failed: exit 1',
    },
  ],
  [
    'a good one left',
    { past: { t: failed, 't[0]': good, 't[1]': bad }, options: force('t[0]', 'leave', '') },
    { t: 'run: 1 of 3 items run again', 't[1]': 'run: failed: exit 1' },
  ],
  [
    'all forced',
    { past: { t: failed, 't[0]': bad }, options: force('t', 'run') },
    { t: 'run anew: forced: so' },
  ],
  [
    'all left',
    { past: { t: failed, 't[0]': bad }, options: force('t', 'leave') },
    { t: 'refuse: left as it is: so' },
  ],
]

test.each(ofItems)('a fan-out that is %s', (_, { tasks = t, ...one }, words) => {
  expect(inWords({ tasks, ...one })).toEqual(words)
})
