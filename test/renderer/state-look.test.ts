import { expect, test } from 'vitest'
import {
  CHECK_LOOK,
  CORDON_LOOK,
  DECISION_LOOK,
  LINK_LOOK,
  OCCURRENCE_LOOK,
  TASK_LOOK,
  TASK_STATE_ORDER,
  VERDICT_LOOK,
  type Look,
} from '../../renderer/ui/state-look.ts'
import { TASK_MOVES } from '../../shared/run/states.ts'

const tables: [string, Readonly<Record<string, Look>>][] = [
  ['tasks', TASK_LOOK],
  ['links', LINK_LOOK],
  ['decisions', DECISION_LOOK],
  ['occurrences', OCCURRENCE_LOOK],
  ['cordons', CORDON_LOOK],
  ['checks', CHECK_LOOK],
  ['verdicts', VERDICT_LOOK],
]

test.each(tables)(
  '%s: no two states share their drawing, so colour is never the only sign',
  (_, table) => {
    const drawings = Object.values(table).map((look) => `${look.disc} ${look.mark}`)
    expect(new Set(drawings).size).toBe(drawings.length)
  },
)

test.each(tables)('%s: no two states share their word', (_, table) => {
  const words = Object.values(table).map((look) => look.word)
  expect(new Set(words).size).toBe(words.length)
})

test('every task state has a look and a place in the order', () => {
  const states = Object.keys(TASK_MOVES).sort()
  expect(Object.keys(TASK_LOOK).sort()).toEqual(states)
  expect([...TASK_STATE_ORDER].sort()).toEqual(states)
})
