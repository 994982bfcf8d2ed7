import { expect, test } from 'vitest'
import { barsOf, byStart, ticks, tickWords } from '../../renderer/state/timeline.ts'
import { eventWords } from '../../renderer/state/run-words.ts'
import { endWords, taskDetail } from '../../renderer/state/task-facts.ts'
import { byteWords } from '../../shared/run/byte-words.ts'
import {
  countWords,
  dateWords,
  dayWords,
  distanceWords,
  durationWords,
} from '../../renderer/ui/time-words.ts'
import { hostsOf } from '../../renderer/views/pipeline/hosts-of-plan.ts'
import { sureWords } from '../../renderer/views/run/sure-words.ts'
import { tintYaml } from '../../renderer/views/pipeline/tint-yaml.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import { demoWorld } from './scripted-world.ts'

const now = Date.UTC(2026, 0, 12, 3)

test.each([
  [0, '0.0 s'],
  [9_990, '9.9 s'],
  [59_999, '59 s'],
  [60_000, '1m 00s'],
  [3_725_000, '1h 02m'],
  [200_000_000, '2d 7h'],
  [-5, '0 s'],
])('%i ms reads %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})

test('a moment is told from where the reader stands', () => {
  expect(distanceWords(now + 90_000, now)).toBe('in 1 min')
  expect(distanceWords(now - 7_200_000, now)).toBe('2 h ago')
  expect(distanceWords(now + 1000, now)).toBe('now')
})

test('a time is shown in the zone that is asked for', () => {
  expect(dateWords(now, 'Europe/Berlin')).toBe('Mon 12 Jan 04:00')
  expect(dateWords(now, 'America/New_York')).toBe('Sun 11 Jan 22:00')
})

test('amounts are short', () => {
  expect(byteWords(999)).toBe('999 B')
  expect(byteWords(1_240)).toBe('1.2 kB')
  expect(byteWords(999_999)).toBe('1.0 MB')
  expect(byteWords(1_200_000_000)).toBe('1.2 GB')
  expect(countWords(1, 'task')).toBe('1 task')
  expect(countWords(10_000, 'task')).toBe('10,000 tasks')
})

const ended: Pick<AttemptEnd, 'endedAt' | 'hostStartedAt' | 'hostEndedAt' | 'cpuMs' | 'peakBytes'> =
  {
    endedAt: now,
    hostStartedAt: null,
    hostEndedAt: null,
    cpuMs: null,
    peakBytes: null,
  }

test.each([
  [{ ...ended, outcome: 'exited', exit: 65 }, 'exit 65'],
  [{ ...ended, outcome: 'exited', exit: 0, missingOutputs: ['rows'] }, 'no output rows'],
  [{ ...ended, outcome: 'signalled', signal: 'KILL' }, 'SIGKILL'],
  [{ ...ended, outcome: 'timed_out', signal: null }, 'timed out'],
  [{ ...ended, outcome: 'lost', cause: 'host_rebooted' }, 'lost: host rebooted'],
] as [AttemptEnd, string][])('an end reads in words: %o', (end, words) => {
  expect(endWords(end)).toBe(words)
})

test('every event of a run that failed reads as a sentence', () => {
  const run = demoWorld(now).runs.at(-2)!
  for (const event of run.events) expect(eventWords(event).words).toMatch(/^\S.{3,}/)
})

test('a node says where it ran, what came of it, and for how long', () => {
  const run = demoWorld(now).runs.at(-2)!
  expect(taskDetail(run.view.tasks['validate_orders'], 'onprem', now)).toBe(
    'onprem · exit 65 · 2.3 s',
  )
  expect(taskDetail(run.view.tasks['join'], 'onprem', now)).toBe('onprem')
  expect(taskDetail(undefined, 'edge', now)).toBe('edge')
})

test('the timeline has a bar per attempt and a line for each wait', () => {
  const run = demoWorld(now).runs.at(-2)!
  const bars = barsOf(run.view.tasks['validate_orders']!, now)
  expect(bars.map((bar) => bar.kind)).toEqual(['attempt', 'retry', 'attempt'])
  for (const bar of bars) expect(bar.to).toBeGreaterThanOrEqual(bar.from)
  const order = byStart(Object.values(run.view.tasks)).map((task) => task.task)
  expect(order[0]).toBe('land_orders')
  expect(order.at(-1)).toBe('publish_report')
})

test('ticks are round and few, whatever the span', () => {
  for (const length of [900, 12_700, 3_600_000, 90_000_000]) {
    const marks = ticks({ from: 0, to: length }, 8)
    expect(marks.length).toBeLessThanOrEqual(9)
    expect(marks.length).toBeGreaterThan(1)
  }
  expect([0, 2000, 90_000].map(tickWords)).toEqual(['0', '+2 s', '+1m 30s'])
})

test.each([
  ['a: b # note', ['key', 'plain', 'note']],
  ['  run: "x # y"', ['plain', 'key', 'plain', 'text']],
  ['- ${{ params.day }}', ['plain', 'mark']],
  ['', []],
])('YAML %j is tinted and keeps its text', (line, kinds) => {
  const parts = tintYaml(line)
  expect(parts.map((part) => part.text).join('')).toBe(line)
  expect(parts.map((part) => part.kind)).toEqual(kinds)
})

test('a day is said so that nobody takes its month for its day', () => {
  expect(dayWords('2026-03-04')).toBe('Wed 4 Mar 2026')
  expect(dayWords('2026-02-30x')).toBe('')
  expect(dayWords('')).toBe('')
})

test('the hosts of a plan are named once each, and counted when they are many', () => {
  const planOn = (...hosts: string[]) => ({
    tasks: hosts.map((host) => ({ task: host, needs: [], hosts: [host], why: '' })),
  })
  expect(hostsOf(planOn('edge'))).toBe('edge')
  expect(hostsOf(planOn('edge', 'edge', 'onprem', 'cloud'))).toBe('edge, onprem and cloud')
  expect(hostsOf(planOn('a', 'b', 'c', 'd', 'e'))).toBe('5 hosts')
})

test('how sure a cause is depends on whether there was a good run to compare with', () => {
  const first = sureWords({ confidence: 'medium', lastGoodRun: null })
  expect(first).toMatchObject({ word: 'Very likely', why: expect.stringMatching(/no good run/) })
  const words = (['high', 'medium', 'low'] as const).map(
    (confidence) => sureWords({ confidence, lastGoodRun: null }).word,
  )
  expect(new Set(words).size).toBe(3)
})
