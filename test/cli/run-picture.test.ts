import { expect, test } from 'vitest'
import type { CliContext, Terminal } from '../../electron/cli/context.ts'
import { paintFor } from '../../electron/cli/paint.ts'
import { personNotes } from '../../electron/cli/person-notes.ts'
import { plainProgress } from '../../electron/cli/plain-progress.ts'
import { countWords, planLines } from '../../electron/cli/plan-lines.ts'
import { runNotes } from '../../electron/cli/run-notes.ts'
import { pictureOf } from '../../electron/cli/run-picture.ts'
import type { GraphNode, ResumePreview } from '../../shared/api/views.ts'
import type { ResumeDecision, RunEvent, RunEventBody } from '../../shared/run/events.ts'
import { foldEvent, newRunView } from '../../shared/run/fold.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const run = '20260101-000000-aaaaaaaa' as RunId
const plain = paintFor({ color: false })

const eventOf = (body: RunEventBody, seq = 1): RunEvent =>
  ({ run, seq, at: 0, ...body }) as RunEvent

function fold(view: RunView, ...bodies: RunEventBody[]): RunEvent[] {
  return bodies.map((body) => {
    const event = eventOf(body, view.seq + 1)
    foldEvent(view, event)
    return event
  })
}

/** A run of these tasks, after these events. */
function viewAfter(tasks: readonly string[], bodies: readonly RunEventBody[]): RunView {
  const created = eventOf({
    kind: 'run.created',
    pipeline: 'p',
    environment: 'dev',
    version: 'v' as VersionId,
    params: {},
    logicalDate: null,
    cause: { kind: 'person', by: 'ana' },
  }) as Extract<RunEvent, { kind: 'run.created' }>
  const view = newRunView(created, [...tasks])
  fold(view, ...bodies)
  return view
}

const of = (task: string, item: number | null = null) => ({ task, item })
const ended = (item: number, state: 'succeeded' | 'failed', why = ''): RunEventBody => ({
  kind: 'task.ended',
  ...of('load', item),
  state,
  why,
})
const expanded = (count: number): RunEventBody => ({
  kind: 'task.expanded',
  task: 'load',
  item: null,
  items: Array.from({ length: count }, (_, index) => `f${index}`),
})

test('a fan-out is one row with its counts; of 10,000 items only those that failed stand below it, twenty at most', () => {
  const bodies: RunEventBody[] = [{ kind: 'run.started' }, expanded(10_000)]
  for (let item = 0; item < 47; item += 1) bodies.push(ended(item, 'succeeded'))
  for (const item of [47, 48]) bodies.push(ended(item, 'failed', 'exit 3'))
  const view = viewAfter(['load', 'after'], bodies)
  const options = { paint: plain, now: 1000, rows: Number.POSITIVE_INFINITY }
  expect(pictureOf(view, options)).toEqual([
    '▶ running  load            49 of 10000, 2 failed',
    '✗ failed     load[47]      f47  exit 3',
    '✗ failed     load[48]      f48  exit 3',
    '· waiting  after',
    '▶ running  49 of 10001 tasks  1.0 s',
  ])
  for (let item = 49; item < 100; item += 1) fold(view, ended(item, 'failed'))
  const lines = pictureOf(view, options)
  expect(lines).toHaveLength(24)
  expect(lines.at(-2)).toBe('… and 33 more items that failed or run')
  expect(pictureOf(view, { ...options, items: 'all' })).toHaveLength(10_003)
})

test('a log of a long list has a line per tenth, and one per item that failed', () => {
  const written: string[] = []
  const out = { color: false, write: (text: string) => written.push(text) } as unknown as Terminal
  const context = { out, clock: virtualClock() } as unknown as CliContext
  const progress = plainProgress(context, 0)
  const view = viewAfter(['load'], [{ kind: 'run.started' }])
  const tell = (...bodies: RunEventBody[]): void => {
    progress.show({ view, graph: [] }, fold(view, ...bodies))
  }
  progress.show({ view, graph: [] }, [])
  tell(expanded(100))
  for (let item = 0; item < 30; item += 1)
    tell(item === 7 ? ended(item, 'failed', 'exit 3') : ended(item, 'succeeded'))
  expect(
    written
      .join('')
      .replace(/\d\d:\d\d:\d\d/g, 'T')
      .split('\n'),
  ).toEqual([
    'T  ▶ running  load  0 of 100',
    'T  ✗ failed  load[7]  f7  exit 3',
    'T  ▶ running  load  10 of 100, 1 failed',
    'T  ▶ running  load  20 of 100, 1 failed',
    'T  ▶ running  load  30 of 100, 1 failed',
    '',
  ])
})

test('who paused it, and who is asked what, with the time left and the commands that answer', () => {
  const view = viewAfter(
    ['go live', 'b'],
    [
      { kind: 'run.started' },
      { kind: 'approval.asked', ...of('go live'), message: 'Go live?\nfake line', dueAt: 90_000 },
      { kind: 'run.paused', by: 'ana', reason: 'the window is closed' },
      { kind: 'run.stop_asked', by: 'bob', reason: '', after: 'b' },
      { kind: 'task.held', ...of('b'), by: 'bob', reason: 'a look' },
    ],
  )
  const field = { name: 'ticket', type: 'string', default: null, choices: [] } as const
  const form = [{ ...field, description: 'Change request' }]
  const approval = { message: '', form, timeoutMs: 90_000, onTimeout: 'approve' as const }
  const graph = [{ name: 'go live', approval } as unknown as GraphNode]
  expect(personNotes(view, { paint: plain, now: 30_000, graph })).toEqual([
    '‖ Paused by ana 30 s ago: the window is closed',
    '    sluice unpause aaaaaaaa',
    '■ To stop after b, said by bob 30 s ago',
    '? go live waits for an answer: Go live? fake line',
    '    ticket  string  Change request',
    '  Without an answer it is approved in 1 min 00 s.',
    "    sluice approve aaaaaaaa 'go live' --set ticket=STRING",
    "    sluice reject aaaaaaaa 'go live' --reason TEXT",
  ])
  const rows = pictureOf(view, { paint: plain, now: 30_000, rows: 24 })
  expect(rows.slice(1)).toEqual([
    '· waiting  b            held by bob: a look',
    '‖ paused  0 of 2 tasks  30 s',
  ])
  fold(view, { kind: 'run.ended', state: 'cancelled' })
  expect(personNotes(view, { paint: plain, now: 30_000, graph })).toEqual([])
})

test('what a task saved stands beside it, and from where its next attempt resumes', () => {
  const starting = (number: number): RunEventBody => ({
    kind: 'attempt.starting',
    ...of('load'),
    number,
    host: 'a',
  })
  const checkpoint = { savedAt: 0, values: { offset: '48', total: '96' }, folder: null }
  const view = viewAfter(
    ['load'],
    [starting(1), { kind: 'attempt.checkpoint', ...of('load'), number: 1, checkpoint }],
  )
  const rowOf = (): string | undefined => pictureOf(view, { paint: plain, now: 0, rows: 24 })[0]
  expect(rowOf()).toBe('▶ running  load  a  0.0 s  has saved offset 48 of 96')
  fold(view, { kind: 'task.retrying', ...of('load'), dueAt: 5000 })
  expect(rowOf()).toMatch(/attempt 2 in 5\.0 s, resumes from offset 48 of 96$/)
  fold(view, starting(2))
  expect(rowOf()).toMatch(/attempt 2, resumes from offset 48 of 96$/)
  const why = '$SLUICE_CHECKPOINT is 70000 bytes large, and 65536 are the most.'
  fold(view, { kind: 'attempt.checkpoint_refused', ...of('load'), number: 2, why })
  expect(runNotes(view, { paint: plain, now: 0, graph: [] })).toEqual([
    `! load: The checkpoint of attempt 2 cannot be saved: ${why} The checkpoint before it stays.`,
  ])
  fold(view, { kind: 'task.ended', ...of('load'), state: 'failed', why: 'exit 1' })
  expect(rowOf()).toMatch(/exit 1, a resume goes on from offset 48 of 96$/)
})

test('a plan has its items below their task, fifty at most, its counts, and what is other than before', () => {
  const decide = (
    task: string,
    item: number | null,
    decision: ResumeDecision['decision'],
  ): ResumeDecision => ({ task, item, decision, reason: 'why' })
  const items = Array.from({ length: 80 }, (_, item) => decide('load', item, 'run'))
  const plan = [decide('list', null, 'run'), decide('load', null, 'run'), ...items]
  const before = [decide('list', null, 'reuse'), ...plan.slice(1, -1)]
  const preview = { run, plan, counts: { run: 81 } } as unknown as ResumePreview
  const lines = planLines(plain, preview, before)
  expect(lines.slice(0, 4)).toEqual([
    `Recovery plan of ${run}: 81 to run`,
    '  ▶ run  list        why (was reuse)',
    '  ▶ run  load        why',
    '  ▶ run    load[0]   why',
  ])
  expect(lines.slice(-2)).toEqual([
    '  ▶ run    load[49]  why',
    '  … and 30 more items of load; all of them: --plan --json',
  ])
  expect(planLines(plain, preview)[1]).toBe('  ▶ run  list        why')
  expect(countWords({ refuse: 1, attach: 3, reuse: 2 })).toBe('2 reused, 3 attached to, 1 refused')
})
