// The judge must be able to say no: each of its rules is broken here once.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { newTaskView } from '../../shared/run/run-view.ts'
import type { AttemptView, RunView } from '../../shared/run/run-view.ts'
import type { RunId, VersionId } from '../../shared/run/ids.ts'
import { makeCase } from './cases.ts'
import { faultKinds } from './case-shape.ts'
import type { Case, TaskShape } from './case-shape.ts'
import { newDeeds } from './evidence.ts'
import type { Evidence, HostEvidence } from './evidence.ts'
import { judge } from './oracle.ts'
import { wholeLog } from './task-text.ts'

const run = '20260101-000000-abcdefgh' as RunId
const key = `${run}.load.x.1`

test('what went well is not complained about', () => {
  expect(judge(oneCase(), wentWell())).toEqual([])
})

test('O1: a second start of a key is seen, on the same host and on another', () => {
  expect(after(({ hosts }) => hosts[0]?.starts.push(key))).toContain('O1')
  expect(after(({ hosts }) => hosts[1]?.starts.push(key))).toContain('O1')
})

test('O1: a start that the store has never heard of is seen', () => {
  expect(after(({ hosts }) => hosts[1]?.starts.push(`${run}.load.x.2`))).toContain('O1')
})

test('O2: an end that the host did not witness is seen, and one that the store tells otherwise', () => {
  expect(after(({ hosts }) => hosts[0]?.ends.delete(key))).toContain('O2')
  expect(after(({ hosts }) => hosts[0]?.ends.set(key, 3))).toContain('O2')
})

test('O2: a loss, a signal or a start that failed needs a deed', () => {
  const ends: AttemptEnd[] = [
    { ...times, outcome: 'lost', cause: 'supervisor_killed' },
    { ...times, outcome: 'lost', cause: 'attempt_vanished' },
    { ...times, outcome: 'signalled', signal: 'SIGKILL' },
    { ...times, outcome: 'not_started', cause: 'host_unreachable', message: '' },
    { ...times, outcome: 'cancelled' },
  ]
  for (const end of ends) expect(after((evidence) => setEnd(evidence, end))).toContain('O2')
})

test('O2: a refusal is explained by a folder that was wiped at that moment, and not by one before', () => {
  const found = (at: number): string =>
    after((evidence) => {
      const end = { ...times, outcome: 'not_started', cause: 'host_refused', message: '' } as const
      evidence.hosts[0]?.starts.splice(0)
      evidence.hosts[0]?.ends.clear()
      evidence.deeds.wipes.push({ host: 'edge', at })
      setEnd(evidence, end)
    })
  expect(found(4)).not.toContain('nothing explains it')
  expect(found(-10_000)).toContain('nothing explains it')
})

test('O3: a task that failed with attempts to spare is seen, and a run that hides it', () => {
  const found = after((evidence) => {
    setEnd(evidence, { ...times, outcome: 'exited', exit: 3 })
    evidence.hosts[0]?.ends.set(key, 3)
  })
  expect(found).toContain('O3')
  expect(after((evidence) => (evidence.view.state = 'failed'))).toContain('O3')
})

test('O4: a log byte that is missing, doubled or other is seen, and a gap that nothing explains', () => {
  expect(after((evidence) => setLog(evidence, (text) => text.slice(0, -1)))).toContain('O4')
  expect(after((evidence) => setLog(evidence, (text) => text + text.slice(-10)))).toContain('O4')
  expect(after((evidence) => setLog(evidence, (text) => text.replace('3', '4')))).toContain('O4')
  expect(after((evidence) => evidence.logs.delete(key))).toContain('O4')
  expect(
    after((evidence) => {
      const attempt = evidence.view.tasks['load']?.attempts[0]
      if (attempt?.log != null)
        attempt.log = { ...attempt.log, gaps: [{ offset: 0, bytes: 1, why: '' }] }
    }),
  ).toContain('O4')
})

test('O5: a process that lives on is seen, and what is left on a host', () => {
  const other = { hostPid: 7, name: 'sh', attempt: `${run}.load.x.2` }
  expect(after(({ hosts }) => hosts[0]?.living.push(other))).toContain('O5')
  expect(after(({ hosts }) => hosts[0]?.living.push({ ...other, attempt: key }))).toBe('')
  expect(after(({ hosts }) => hosts[0]?.leftovers.push(`own/${key}`))).toContain('O5')
})

test('O5: a survivor is named by pid and command, in the attempt that it is of', () => {
  const found = (named: string): string =>
    after((evidence) => {
      setEnd(evidence, { ...times, outcome: 'timed_out', signal: 'SIGKILL', survivors: [named] })
      evidence.hosts[0]?.living.push({ hostPid: 7, name: 'sleep', attempt: key })
    })
  expect(found('7:sleep')).not.toContain('O5')
  for (const wrong of ['7:sh', '8:sleep']) expect(found(wrong)).toContain('O5')
})

test('O10: a step of the clock that gets into the times of an attempt is seen', () => {
  const hour = 3_600_000
  const found = (began: number, ended: number, off: number[]): string =>
    after((evidence) => {
      const { tasks } = evidence.view
      const attempt = tasks['load']?.attempts[0]
      if (attempt?.end == null) throw new Error('no attempt')
      evidence.hosts[0]?.lives.set(key, { fromMs: 1000, wroteMs: 4000, toMs: 4000 })
      evidence.deeds.clockOff.set('edge', off)
      attempt.hostStartedAt = began
      attempt.end = { ...attempt.end, hostStartedAt: began, hostEndedAt: ended, endedAt: 6000 }
    })
  expect(found(1000, 5000, [])).toBe('')
  expect(found(1000 + hour, 5000 + hour, [3600])).toBe('')
  expect(found(1000 + hour, 5000 + hour, [])).toContain('O10')
  expect(found(1000, 5000 + hour, [3600])).toContain('O10')
  expect(found(1000 + hour, 5000, [3600])).toContain('O10')
})

test('O6: a hole in the events is seen', () => {
  expect(after((evidence) => evidence.events.splice(1, 1))).toContain('O6')
})

test('O8: a canary is seen', () => {
  expect(after(({ canary }) => canary.push('in home/app.log'))).toContain('O8')
})

test('O9: two copies that live at once are seen, on whatever hosts', () => {
  const second = `${run}.load.x.2`
  const found = (fromMs: number): string =>
    after((evidence) => {
      setEnd(evidence, { ...times, outcome: 'lost', cause: 'failed_over' })
      evidence.hosts[0]?.lives.set(key, { fromMs: 0, wroteMs: 0, toMs: 100 })
      evidence.hosts[1]?.lives.set(second, { fromMs, wroteMs: fromMs, toMs: 200 })
    })
  expect(found(99)).toContain('O9')
  expect(found(100)).not.toContain('O9')
})

test('O7: a run without end is seen', () => {
  expect(after((evidence) => (evidence.ended = false))).toContain('O7')
})

test('a seed is the same case each time, and every kind of fault has its seeds', () => {
  expect(makeCase(77)).toEqual(makeCase(77))
  const kinds = new Set(Array.from({ length: 100 }, (_, seed) => makeCase(seed).kind))
  expect([...kinds].toSorted()).toEqual([...faultKinds].toSorted())
})

const times = {
  endedAt: 3,
  hostStartedAt: 1,
  hostEndedAt: 2,
  cpuMs: null,
  peakBytes: null,
} as const

function oneCase(): Case {
  const load: TaskShape = {
    name: 'load',
    host: 0,
    pool: false,
    needs: [],
    inputs: [],
    lines: 20,
    blockLines: 5,
    pauseMs: 0,
    outputLines: null,
    fails: 0,
    needsMending: false,
    lasts: false,
    leaves: 'nothing',
    timeoutMs: null,
    retriesMax: 1,
  }
  const machine = {
    shell: 'sh' as const,
    maxSessions: null,
    noisy: false,
    diskKb: null,
    stepsClock: false,
    hangs: false,
    otherUser: false,
  }
  const machines = ['edge', 'cloud'].map((name) => ({ ...machine, name }))
  const tasks = [load]
  return { seed: 1, kind: 'engine killed', machines, passphrase: false, tasks, faults: [] }
}

function wentWell(): Evidence {
  const bytes = Buffer.from(wholeLog(key, 20))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const attempt: AttemptView = {
    number: 1,
    host: 'edge',
    state: 'ended',
    startingAt: 0,
    hostStartedAt: 1,
    end: { ...times, outcome: 'exited', exit: 0 },
    unknownWhy: null,
    log: { bytes: bytes.length, sha256, gaps: [] },
  }
  const view: RunView = {
    run,
    pipeline: 'case',
    environment: 'field',
    version: 'v' as VersionId,
    params: {},
    logicalDate: null,
    cause: { kind: 'person', by: 'test' },
    state: 'succeeded',
    createdAt: 0,
    startedAt: 0,
    endedAt: 3,
    cancelAsked: null,
    resumes: 0,
    seq: 2,
    counts: {},
    tasks: {
      load: { ...newTaskView('load', null), state: 'succeeded', endedAt: 3, attempts: [attempt] },
    },
  }
  const host = { leftovers: [], ends: new Map(), written: new Map() }
  const life = (): Pick<HostEvidence, 'living' | 'lives'> => ({ living: [], lives: new Map() })
  return {
    view,
    events: [
      { run, seq: 1, at: 0, kind: 'run.started' },
      { run, seq: 2, at: 3, kind: 'run.ended', state: 'succeeded' },
    ],
    hosts: [
      { ...host, ...life(), name: 'edge', starts: [key], ends: new Map([[key, 0]]) },
      { ...host, ...life(), name: 'cloud', starts: [] },
    ],
    logs: new Map([[key, { bytes, sha256 }]]),
    deeds: newDeeds(),
    ended: true,
    canary: [],
    tookMs: 1000,
  }
}

/** The complaints about evidence that was changed, in one text. */
function after(change: (evidence: Evidence) => unknown): string {
  const evidence = wentWell()
  change(evidence)
  return judge(oneCase(), evidence).join('\n')
}

function setEnd(evidence: Evidence, end: AttemptEnd): void {
  const task = evidence.view.tasks['load']
  if (task?.attempts[0] === undefined) throw new Error('no attempt')
  task.attempts[0].end = end
  task.state = 'failed'
  evidence.view.state = 'failed'
}

function setLog(evidence: Evidence, change: (text: string) => string): void {
  const text = change(evidence.logs.get(key)?.bytes.toString('latin1') ?? '')
  const bytes = Buffer.from(text, 'latin1')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  evidence.logs.set(key, { bytes, sha256 })
  const attempt = evidence.view.tasks['load']?.attempts[0]
  if (attempt !== undefined) attempt.log = { bytes: bytes.length, sha256, gaps: [] }
}
