// What the end of an attempt tells by itself: exit codes, signals, timeouts, attempts lost or never started.
import { expect, test } from 'vitest'
import type { RunFacts } from '../../electron/insight/facts.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { alone, caused } from './caused.ts'
import { exited, makeFacts, snapshotOf } from './make-facts.ts'
import type { EndSketch } from './make-facts.ts'

test('a timeout is a timeout, and the last line that good runs also reach is shown', () => {
  const answer = alone({ outcome: 'timed_out', signal: 'SIGTERM' }, 'start\nnoise 1\n', {
    timeoutMs: 600_000,
  })
  expect(answer.class).toBe('timeout')
  expect(answer.summary).toContain('10 min')
  expect(answer.evidence).toEqual([{ task: 'load', line: 1, text: 'start' }])
  expect(answer.exitWords).toBe('stopped at its timeout')
})

test('SIGKILL is out of memory only where the host counted such a kill', () => {
  const log = 'start\n./agg.sh: line 9: 31337 Killed                  python3 agg.py\n'
  const facts = (oomKills: number): RunFacts =>
    makeFacts(
      { agg: { end: { outcome: 'signalled', signal: 'SIGKILL' }, log, good: ['start\n'] } },
      { hosts: { edge: snapshotOf({ oomKills }) } },
    )
  expect(caused(facts(1)).class).toBe('out_of_memory')
  const spared = caused(facts(0))
  expect(spared.class).toBe('killed_by_signal')
  expect(spared.transient).toBe(true)
  const unasked = alone(exited(137), log)
  expect(unasked.class).toBe('killed_by_signal')
  expect(unasked.exitWords).toBe(
    "killed by SIGKILL (137), the kernel's OOM killer may have done it",
  )
  expect(unasked.evidenceGaps.join()).toContain('memory counters')
})

test('a kill whose log speaks of memory is out of memory', () => {
  const answer = alone(
    exited(137),
    'start\nContainer killed by YARN for exceeding memory limits. 5 GB of 5 GB\n',
  )
  expect(answer.class).toBe('out_of_memory')
  expect(answer.evidence[0]?.line).toBe(2)
})

test('an attempt that never started is judged by the transport, not by words', () => {
  const cases = [
    ['host_unreachable', 'host_unreachable', true],
    ['ssh_auth_failure', 'ssh_auth_failure', true],
    ['ssh_host_key_mismatch', 'ssh_host_key_mismatch', true],
    ['ssh_host_key_unknown', 'ssh_host_key_mismatch', true],
    ['dns_failure', 'dns_failure', true],
    ['input_missing', 'missing_input_file', false],
    ['secret_missing', 'config_missing', false],
  ] as const
  for (const [cause, wanted, hostLevel] of cases) {
    const answer = alone({ outcome: 'not_started', cause, message: `edge: ${cause}` }, '')
    expect([answer.class, answer.hostLevel, answer.confidence]).toEqual([wanted, hostLevel, 'high'])
    expect(answer.exitWords).toBe('never started')
    expect(answer.evidence).toEqual([])
    expect(answer.summary).toContain(`edge: ${cause}`)
  }
})

test('a host that could not set an attempt up says why in its own words', () => {
  const refused = (message: string): string =>
    alone({ outcome: 'not_started', cause: 'host_refused', message }, '').class
  expect(refused('mkdir: cannot create directory: No space left on device')).toBe('disk_full')
  expect(refused('mkdir: cannot create directory: Read-only file system')).toBe('read_only_fs')
  expect(refused('something else')).toBe('host_refused')
})

test('each way to lose an attempt is told apart', () => {
  const lost = (cause: Extract<EndSketch, { outcome: 'lost' }>['cause']): RootCause =>
    alone({ outcome: 'lost', cause }, 'start\n')
  const causes: (typeof lost extends (cause: infer One) => RootCause ? One : never)[] = [
    'host_rebooted',
    'supervisor_killed',
    'pid_reused',
    'record_lost',
    'attempt_vanished',
    'unknown_too_long',
    'lease_expired',
    'failed_over',
    'given_up',
  ]
  const answers = causes.map(lost)
  expect(answers.map((one) => one.class)).toEqual(causes)
  // Each has a message and a next step of its own.
  for (const part of [0, 1]) {
    const told = answers.map((one) => one.summary.split('. ')[part] ?? '')
    expect(told.every((text) => text.length > 15)).toBe(true)
    expect(new Set(told).size).toBeGreaterThanOrEqual(causes.length - 1)
  }
  expect(lost('host_rebooted').summary).toContain('restarted')
  expect(lost('unknown_too_long').exitWords).toContain('out of reach')
})

test('an exit of 0 without a declared output names the output', () => {
  const answer = alone({ outcome: 'exited', exit: 0, missingOutputs: ['daily'] }, 'start\n', {
    state: 'failed',
  })
  expect(answer.class).toBe('missing_output')
  expect(answer.summary).toContain('Missing: daily.')
})

test("two tasks that one host never started are the host's trouble", () => {
  const end: EndSketch = { outcome: 'not_started', cause: 'host_refused', message: 'no shell' }
  expect(caused(makeFacts({ a: { end }, b: { end } })).hostLevel).toBe(true)
})

test('an exit code that tells alone is said first, and the last line only as the place it came to', () => {
  const answer = alone(exited(127), 'start\n')
  expect(answer.class).toBe('command_not_found')
  expect(answer.summary).toBe(
    'A command does not exist on the host. The last line that it reached is line 1: "start"; good runs go on with "done".',
  )
})

test('the command that trusts a key can be copied from the summary', () => {
  const message = 'The key of edge is not known. sluice hosts trust edge SHA256:abc'
  const end = { outcome: 'not_started', cause: 'ssh_host_key_unknown', message } as const
  expect(alone(end, '').summary).toMatch(/sluice hosts trust edge SHA256:abc$/)
})
