import { expect, test } from 'vitest'
import { choiceLines, placementLines, runNotes, waitWords } from '../../electron/cli/run-notes.ts'
import type { GraphNode, UnknownRule } from '../../shared/api/views.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView, TaskView } from '../../shared/run/run-view.ts'

const plain = (_ink: string, text: string): string => text
const minute = 60_000

function attemptOf(fields: Partial<AttemptView>): AttemptView {
  return {
    number: 1,
    host: 'c1',
    state: 'running',
    startingAt: 0,
    hostStartedAt: 0,
    end: null,
    unknownWhy: null,
    log: null,
    ...fields,
  } as AttemptView
}

function notes(task: Partial<TaskView>, rule?: UnknownRule): string[] {
  const view = { ...newTaskView('load', null), ...task }
  const node = { name: 'load', unknown: rule } as unknown as GraphNode
  const run = { run: '20260101-000000-abcdefgh', tasks: { load: view } } as unknown as RunView
  return runNotes(run, { paint: plain, now: 10 * minute, graph: [node] })
}

const unknown = {
  state: 'unknown' as const,
  attempts: [attemptOf({ unknownWhy: 'the link is gone', unknownAt: 8 * minute })],
}

test.each<[UnknownRule, string, string, string]>([
  [
    { then: 'fail', actsAfterMs: 5 * minute, failoverNo: null },
    '  In 3 min 00 s it is called lost. Until then:',
    'Its wait starts anew: in 5 min 00 s it is called lost.',
    '    sluice settle abcdefgh load failover  let another host of the pool have it',
  ],
  [
    { then: 'failover', actsAfterMs: 90_000, failoverNo: null },
    '  Its time is over, and another host of its pool takes over. Until then:',
    'Its wait starts anew: in 1 min 30 s another host of its pool takes over.',
    '    sluice settle abcdefgh load failover  let another host of the pool have it',
  ],
  [
    { then: 'ask', actsAfterMs: null, failoverNo: 'its effect is external' },
    '  It waits for a person, without end:',
    'It is noted; nothing else changes. It waits for its host or for you, without end.',
    '  No other host can have it: its effect is external.',
  ],
])(
  'an unknown outcome with %j says when what is done, and what can be done',
  (rule, when, waiting, last) => {
    const lines = notes(unknown, rule)
    expect(lines[0]).toBe('? load is unknown for 2 min 00 s: the link is gone')
    expect(lines).toContain(when)
    expect(waitWords(rule)).toBe(waiting)
    expect(lines.at(-1)).toBe(last)
    // Fits a terminal of 80 columns, so that a command can be copied whole.
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  },
)

test('what could not be ended is named, one to a line, whatever it calls itself', () => {
  const survivors = ['123 sleep 1000', '124 \u001b[2Jevil\nload succeeded']
  const end = { outcome: 'cancelled', survivors } as unknown as AttemptEnd
  expect(notes({ state: 'cancelled', attempts: [attemptOf({ end })] })).toEqual([
    '! load, attempt 1 on c1: 2 processes could not be ended:',
    '    123 sleep 1000',
    '    124 evil load succeeded',
  ])
})

test('a copy that was given up is named until it is proved gone', () => {
  const end = { outcome: 'lost', cause: 'failed_over' } as unknown as AttemptEnd
  const open = notes({ state: 'running', attempts: [attemptOf({ end, fenced: null })] })
  expect(open.join()).toContain('its copy is not proved gone yet; that is done when c1 is back')
  const gone = { outcome: 'cancelled' } as unknown as AttemptEnd
  expect(notes({ state: 'running', attempts: [attemptOf({ end, fenced: gone })] })).toEqual([])
})

test('nothing is said of a run that needs nobody', () => {
  expect(notes({ state: 'succeeded', attempts: [attemptOf({})] })).toEqual([])
})

test('a placement says what each host says; a choice why the others were passed over', () => {
  const hosts = [
    { host: 'c1', verdict: 'busy' as const, why: '2 of 2 slots in use' },
    { host: 'crunch-2', verdict: 'closed' as const, why: 'cordoned by ana: new disk' },
  ]
  expect(placementLines(plain, { why: 'It waits for a slot.', hosts })).toEqual([
    'It waits for a slot.',
    '  c1        ◦ busy    2 of 2 slots in use',
    '  crunch-2  ■ closed  cordoned by ana: new disk',
  ])
  const chosen = { why: 'the first that can', passedOver: [{ host: 'c2', why: 'it is down' }] }
  expect(choiceLines(attemptOf({ chosen }))).toEqual([
    'Attempt 1 is on c1: the first that can',
    '  not on c2: it is down',
  ])
  expect(choiceLines(attemptOf({}))).toEqual([])
})
