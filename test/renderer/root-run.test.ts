import { expect, test } from 'vitest'
import { deepRootOf, rootRunOf } from '../../renderer/state/root-run.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import type { RunId } from '../../shared/run/ids.ts'

const evidence = [{ task: 'load[4]', line: 1, text: 'no such file' }]

test('a cause in a run below is shown at the task that is that run, and leads to the item that failed there', () => {
  const below = '20260101-000000-bbbbbbbb' as RunId
  const cause = { rootTask: 'load', evidence, via: [{ task: 'part[2]', run: below }] }
  expect(rootRunOf(cause, {})).toEqual({ task: 'part', item: 2 })
  expect(deepRootOf(cause)).toEqual({ task: 'load', item: 4 })
  expect(deepRootOf({ ...cause, evidence: [] })).toEqual({ task: 'load', item: null })
})

test('a cause in this run is shown at its task, of a fan-out at the item that the evidence is from', () => {
  const load = { ...newTaskView('load', null), fan: { list: [1], counts: {} } }
  expect(rootRunOf({ rootTask: 'load', evidence }, { load })).toEqual({ task: 'load', item: 4 })
  expect(rootRunOf({ rootTask: 'other', evidence }, { load })).toEqual({
    task: 'other',
    item: null,
  })
})
