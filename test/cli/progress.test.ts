import { expect, test } from 'vitest'
import type { CliContext, Terminal } from '../../electron/cli/context.ts'
import { paintFor } from '../../electron/cli/paint.ts'
import { openProgress } from '../../electron/cli/progress.ts'
import { pictureOf } from '../../electron/cli/run-picture.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
import { newRunView } from '../../shared/run/fold.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import type { TaskState } from '../../shared/run/states.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const run = '20260101-000000-aaaaaaaa' as RunId
const created: Extract<RunEvent, { kind: 'run.created' }> = {
  run,
  seq: 1,
  at: 0,
  kind: 'run.created',
  pipeline: 'p',
  environment: 'dev',
  version: 'v' as VersionId,
  params: {},
  logicalDate: null,
  cause: { kind: 'person', by: 'ana' },
}

function viewOf(states: Record<string, TaskState>): RunView {
  const view = newRunView(created, [])
  for (const [name, state] of Object.entries(states)) {
    view.tasks[name] = { ...newTaskView(name, null), state }
  }
  view.state = 'running'
  return view
}

const plain = paintFor({ color: false })

test('the picture has a row per task and a line of counts', () => {
  const view = viewOf({ a: 'succeeded', b: 'waiting' })
  expect(pictureOf(view, { paint: plain, now: 61_000, rows: 24 })).toEqual([
    '✓ succeeded  a',
    '· waiting    b',
    '▶ running  1 of 2 tasks  1 min 01 s',
  ])
})

test('with more tasks than rows, those that matter stay: what failed and what runs', () => {
  const states: Record<string, TaskState> = {}
  for (let i = 0; i < 1000; i += 1) states[`t${i}`] = 'succeeded'
  states['t700'] = 'failed'
  states['t900'] = 'running'
  const lines = pictureOf(viewOf(states), { paint: plain, now: 1000, rows: 14 })
  expect(lines).toHaveLength(11)
  expect(lines.join('\n')).toMatch(/✗ failed +t700[^]*▶ running +t900/)
  expect(lines.at(-2)).toBe('… and 991 more tasks')
})

test('a task whose host does not answer says so instead of only running', () => {
  const view = viewOf({ a: 'running' })
  const attempt: AttemptView = {
    number: 1,
    host: 'edge',
    state: 'starting',
    startingAt: 0,
    hostStartedAt: null,
    end: null,
    unknownWhy: null,
    log: null,
  }
  view.tasks['a']?.attempts.push(attempt)
  const rowAt = (now: number): string | undefined =>
    pictureOf(view, { paint: plain, now, rows: 24 })[0]
  expect(rowAt(1000)).not.toContain('waits')
  expect(rowAt(5000)).toMatch(/▶ running {2}a {2}edge {2}5\.0 s {2}not started yet: waits for edge/)
  attempt.hostStartedAt = 4000
  expect(rowAt(5000)).not.toContain('waits')
})

interface Screen {
  context: CliContext
  text: () => string
  clock: ReturnType<typeof virtualClock>
}

function screen(isTTY: boolean): Screen {
  const written: string[] = []
  const out: Terminal = {
    outlivesReader: false,
    isLost: false,
    write: (text) => written.push(text),
    writeBytes: () => Promise.resolve(),
    isTTY,
    columns: 30,
    rows: 20,
    color: false,
    onResize: () => () => {},
  }
  const clock = virtualClock()
  return {
    context: { out, clock, env: {} } as unknown as CliContext,
    text: () => written.join(''),
    clock,
  }
}

test('without a terminal there is one line per change, and none for what was so before', () => {
  const { context, text } = screen(false)
  const progress = openProgress(context, 1)
  const view = viewOf({ a: 'succeeded', b: 'queued', c: 'waiting' })
  progress.show({ view, graph: [] }, [])
  const c = view.tasks['c']
  if (c !== undefined) c.state = 'running'
  const event = { run, seq: 2, at: 0, kind: 'task.queued', task: 'c', item: null } as RunEvent
  progress.show({ view, graph: [] }, [event])
  progress.show({ view, graph: [] }, [event])
  progress.close()
  expect(text().replace(/\d\d:\d\d:\d\d/g, 'T')).toBe('T  ◦ queued  b\nT  ▶ running  c\n')
})

test('what ended between the begin of a run and the first look at it, or while the engine changed, is told', () => {
  const { context, text } = screen(false)
  const progress = openProgress(context, 100)
  const view = viewOf({ before: 'succeeded', quick: 'failed', later: 'running' })
  const endAt = (name: string, state: TaskState, endedAt: number): void => {
    const task = view.tasks[name]
    if (task !== undefined) Object.assign(task, { state, endedAt })
  }
  endAt('before', 'succeeded', 99)
  endAt('quick', 'failed', 100)
  progress.show({ view, graph: [] }, [])
  endAt('later', 'succeeded', 200)
  progress.show({ view, graph: [] }, [])
  progress.close()
  const lines = text().replace(/\d\d:\d\d:\d\d/g, 'T')
  expect(lines).toBe('T  ✗ failed  quick\nT  ▶ running  later\nT  ✓ succeeded  later\n')
})

test('on a terminal the picture is drawn over itself, cut to the width, and left at the end', async () => {
  const { context, text, clock } = screen(true)
  const progress = openProgress(context, 0)
  const view = viewOf({ ['a'.repeat(40)]: 'running' })
  progress.show({ view, graph: [] }, [])
  await clock.flow(250)
  progress.close()
  const before = text()
  progress.close()
  expect(text()).toBe(before)
  expect(clock.pending()).toBe(0)
  const pictures = before.split('\u001b[2A\u001b[J')
  expect(pictures.length).toBeGreaterThanOrEqual(3)
  for (const line of before.replaceAll('\u001b[2A\u001b[J', '').split('\n')) {
    expect(line.length).toBeLessThanOrEqual(29)
  }
})

test('files on their way stand below the table, three at most, and are gone at its end', async () => {
  const { context, text, clock } = screen(true)
  const progress = openProgress(context, 0)
  const view = viewOf({ a: 'running' })
  progress.show({ view, graph: [] }, [])
  const transfers = ['w', 'x', 'y', 'z'].map((path) => ({
    host: 'edge',
    transfer: { path, direction: 'to' as const, bytes: 300, totalBytes: 1000 },
  }))
  progress.showTransfers?.(transfers)
  await clock.flow(250)
  expect(text()).toContain('→ w to edge, 30% of 1.0 kB\n→ x to')
  expect(text()).not.toContain('→ z')
  view.state = 'succeeded'
  progress.close()
  const last = text().slice(text().lastIndexOf('\u001b[J'))
  expect(last).not.toContain('→')
})
