import { expect, test } from 'vitest'
import {
  hashOf,
  parseRoute,
  pipelineRoute,
  runRoute,
  type Route,
} from '../../renderer/state/route.ts'

const routes: Route[] = [
  { page: 'now' },
  { page: 'pipelines' },
  pipelineRoute('orders', 'history'),
  pipelineRoute('a/b ?#%'),
  { page: 'runs', pipeline: null, state: null },
  { page: 'runs', pipeline: 'orders', state: 'failed' },
  runRoute('20260112-021500-a1b2c3d4'),
  runRoute('latest', { tab: 'timeline', task: 'load & go', item: 3, attempt: 2, line: 40 }),
  { page: 'hosts', tab: 'hosts', host: null, pool: null },
  { page: 'hosts', tab: 'pools', host: 'edge 1', pool: 'gpu' },
  runRoute('latest', { task: 'load', attempt: 2, show: 'shell' }),
  { page: 'wave', wave: null, like: 'f41lq7zx', days: 30 },
  { page: 'wave', wave: '20260112-021500-a1b2c3d4', like: null, days: null },
  { page: 'incidents', signature: null, days: 1 },
  { page: 'incidents', signature: 'oom_kill-3fc13633fe', days: null },
  { page: 'audit' },
  { page: 'schedule' },
  { page: 'settings' },
]

test.each(routes)('a link to $page leads back to the same place', (route) => {
  expect(parseRoute(hashOf(route))).toEqual(route)
})

test('a deep link opens the task of a run', () => {
  expect(parseRoute('#/runs/20260112-021500-a1b2c3d4?task=load')).toEqual(
    runRoute('20260112-021500-a1b2c3d4', { task: 'load' }),
  )
})

test.each(['', '#', '#/', '#/nowhere', '#/%E0%A4%A', 'nonsense?x=1'])(
  '%j is no page, so it is Now',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ page: 'now' })
  },
)

test('a tab or number that cannot be is left out', () => {
  expect(parseRoute('#/runs/x?tab=evil&attempt=-1&line=1e9')).toEqual(runRoute('x'))
})
