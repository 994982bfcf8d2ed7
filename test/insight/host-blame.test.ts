// H10: what a host's snapshot makes of a failure, and what it must not make of one.
import { expect, test } from 'vitest'
import { explain } from '../../electron/insight/explain.ts'
import type { HostDisk, HostSnapshot } from '../../shared/run/host-snapshot.ts'
import type { RootCause } from '../../shared/api/views.ts'
import { exited, makeFacts, snapshotOf, type EndSketch, type TaskSketch } from './make-facts.ts'

const good = ['start\ndone\n', 'start\ndone\n']

function onHost(
  odd: Partial<HostSnapshot>,
  end: EndSketch,
  log: string,
  more: { before?: Partial<HostSnapshot>; task?: Partial<TaskSketch> } = {},
): RootCause {
  const facts = makeFacts(
    { load: { end, log, good, ...more.task } },
    {
      hosts: { edge: snapshotOf(odd) },
      ...(more.before === undefined ? {} : { hostsBefore: { edge: snapshotOf(more.before) } }),
    },
  )
  // It began two minutes before the snapshot: kernel lines from before are not its own.
  for (const attempt of facts.view.tasks['load']?.attempts ?? []) {
    attempt.hostStartedAt = snapshotOf().takenAt - 120_000
  }
  const answer = explain(facts)
  if (answer === null) throw new Error('No cause where one is due')
  return answer
}

const killed: EndSketch = { outcome: 'signalled', signal: 'SIGKILL' }
/** Seconds since the start of the machine, at the time of the snapshot. */
const stampNow = 900_000
const killLine = `[${stampNow - 10}.123456] Out of memory: Killed process 77 (python3) total-vm:9kB`
const disk = (odd: Partial<HostDisk>): HostDisk => ({ ...snapshotOf().disks[0]!, ...odd })
const alarming = (answer: RootCause): string[] =>
  answer.hostFacts.filter((one) => one.isAlarming).map((one) => `${one.label}: ${one.value}`)

test('a SIGKILL is told by the kernel line of its time, not by one from before', () => {
  const now = onHost({ oomKills: 1, kernel: [killLine] }, killed, 'start\n')
  expect([now.class, now.confidence]).toEqual(['out_of_memory', 'high'])
  expect(now.summary).toContain('The kernel says: Out of memory: Killed process 77 (python3)')
  expect(alarming(now)[0]).toContain('kernel: Out of memory')
  const old = killLine.replace(String(stampNow - 10), String(stampNow - 9_000))
  const before = onHost({ oomKills: 0, kernel: [old] }, killed, 'start\n')
  expect(before.class).toBe('killed_by_signal')
  expect(before.exitWords).toContain('not by the kernel')
  expect(alarming(before)).toEqual([])
  // A counter that is a minute older than the attempt counted that one.
  const late = onHost({ oomKills: 1, kernel: [old] }, killed, 'start\n')
  expect(late.class).toBe('killed_by_signal')
})

test('a kill in the control group of the task names its limit; a counter of the whole host is less sure', () => {
  const group = { limitBytes: 2e9, peakBytes: 2e9, oomKills: 1 }
  const own = onHost({ oomKills: 1, group }, killed, 'start\n')
  expect([own.class, own.confidence]).toEqual(['out_of_memory', 'high'])
  expect(own.summary).toContain('limit is 2.0 GB')
  const host = onHost({ oomKills: 2 }, killed, 'start\n')
  expect([host.class, host.confidence]).toEqual(['out_of_memory', 'medium'])
  // A worker that vanished is the same death, one process further down.
  const pool =
    'concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly\n'
  expect(onHost({ oomKills: 1, group }, exited(1), `start\n${pool}`).class).toBe('out_of_memory')
  expect(onHost({ oomKills: 1, group }, exited(1), 'start\nTypeError: bad operand\n').class).toBe(
    'code_runtime_error',
  )
})

test('no space is told with the disk that has none, and no inodes with their number', () => {
  const log = "start\ncp: error writing 'x': No space left on device\n"
  const full = onHost(
    { disks: [disk({}), disk({ path: '/data', freeBytes: 0 })] },
    exited(1),
    log,
    { before: { disks: [disk({ path: '/data', freeBytes: 9e9 })] } },
  )
  expect(full.class).toBe('disk_full')
  expect(full.summary).toBe(
    "cp: error writing 'x': No space left on device. /data is full: 0 of 40 GB are free.",
  )
  expect(alarming(full)).toEqual(['disk /data: 0 B of 40 GB free; 9.0 GB in a good run'])
  const inodes = onHost({ disks: [disk({ inodesFree: 0 })] }, exited(1), log)
  expect(inodes.summary).toContain('/ has no inode left for another file, though 12 GB are free.')
})

test('a full or read-only disk explains an exit without words, and leaves a wording that names its cause alone', () => {
  const disks = [disk({ freeBytes: 4096 })]
  expect(onHost({ disks }, exited(2), 'start\n').class).toBe('disk_full')
  expect(onHost({ disks }, exited(1), 'start\nKeyError: amount\n').class).not.toBe('disk_full')
  const auth = 'start\npsql: FATAL:  password authentication failed for user "etl"\n'
  expect(onHost({ disks }, exited(2), auth).class).toBe('db_auth_failure')
  const bus: EndSketch = { outcome: 'signalled', signal: 'SIGBUS' }
  expect(onHost({ disks }, bus, 'start\n').class).toBe('disk_full')
  const readOnly = [disk({ readOnly: true })]
  expect(onHost({ disks: readOnly }, exited(1), 'start\n').class).toBe('read_only_fs')
  // A host with room explains nothing.
  expect(onHost({}, exited(2), 'start\n').class).toBe('unknown')
})

test('a clock that is off explains certificates and tokens, in the direction that it is off', () => {
  const expired = 'start\ncurl: (60) SSL certificate problem: certificate has expired\n'
  const ahead = onHost({ clockOffsetMs: 3 * 3_600_000 }, exited(60), expired)
  expect(ahead.class).toBe('clock_skew')
  expect(ahead.summary).toContain("The host's clock is 3 h ahead of ours.")
  expect(alarming(ahead)).toContain('clock: 3 h ahead of ours')
  expect(onHost({ clockOffsetMs: -3 * 3_600_000 }, exited(60), expired).class).toBe(
    'tls_certificate_error',
  )
  const unsigned = 'start\ncurl: (60) SSL certificate problem: self-signed certificate\n'
  expect(onHost({ clockOffsetMs: 3 * 3_600_000 }, exited(60), unsigned).class).toBe(
    'tls_certificate_error',
  )
})

test('limits are told where a task ran into them', () => {
  const files = onHost(
    { limits: { 'open files': '64' } },
    exited(1),
    "start\nOSError: [Errno 24] Too many open files: '/data/x'\n",
    { before: { limits: { 'open files': '1024' } } },
  )
  expect(files.summary).toContain('limit there is 64 open files')
  expect(alarming(files)).toEqual(['limit of open files: 64; 1024 in a good run'])
  const forks = onHost(
    { limits: { 'max user processes': '4096', 'processes of the control group': '63 of 64' } },
    exited(1),
    'start\nsh: 1: Cannot fork\n',
  )
  expect(forks.summary).toContain('63 of 64')
})

test('a process that survived its timeout is named in the summary', () => {
  const answer = onHost(
    { load: [48, 40, 30] },
    { outcome: 'timed_out', signal: 'SIGKILL', survivors: ['4711:java', '12:dd'] },
    'start\n',
    { task: { timeoutMs: 60_000 } },
  )
  expect(answer.class).toBe('timeout')
  expect(answer.summary).toBe(
    'The task ran into its timeout of 1 min. Still alive on the host: 4711 (java), 12 (dd).',
  )
  expect(alarming(answer)).toEqual(['load: 48 on 4 cores (5 min: 40)'])
})

test('a supervisor that the kernel killed is memory, and a record without room says which disk', () => {
  const dead: EndSketch = { outcome: 'lost', cause: 'supervisor_killed' }
  const kill = onHost({ oomKills: 1, kernel: [killLine], isPrompt: false }, dead, 'start\n')
  expect(kill.class).toBe('out_of_memory')
  expect(kill.hostFacts.some((one) => one.label === 'taken')).toBe(true)
  expect(onHost({}, dead, 'start\n').class).toBe('supervisor_killed')
  const lost: EndSketch = { outcome: 'lost', cause: 'record_lost' }
  const full = onHost({ disks: [disk({ path: '/home', freeBytes: 0 })] }, lost, 'start\n')
  expect(full.class).toBe('record_lost')
  expect(full.summary).toContain('/home is full')
})

test('a host that refuses in a short word is explained by its disk', () => {
  const refused: EndSketch = {
    outcome: 'not_started',
    cause: 'host_refused',
    message: 'The host cannot write',
  }
  expect(onHost({ disks: [disk({ freeBytes: 0 })] }, refused, '').class).toBe('disk_full')
  expect(onHost({ disks: [disk({ readOnly: true })] }, refused, '').class).toBe('read_only_fs')
  expect(onHost({}, refused, '').class).toBe('host_refused')
})

test('a copy that was failed over is said to be gone only once it is', () => {
  const facts = makeFacts({ load: { end: { outcome: 'lost', cause: 'failed_over' }, log: '' } })
  const attempt = facts.view.tasks['load']?.attempts[0]
  if (attempt?.end == null) throw new Error('No attempt')
  expect(explain(facts)?.summary).toContain('as soon as the host is back')
  attempt.fenced = { ...attempt.end, outcome: 'cancelled', survivors: ['9:dd'] }
  expect(explain(facts)?.summary).toContain('Still alive on the host: 9 (dd)')
  attempt.fenced = { ...attempt.end, outcome: 'cancelled' }
  expect(explain(facts)?.summary).toContain('proved gone')
})

test('remedies for the wider class are offered for each way to lose an attempt', () => {
  const remedies = [{ title: 'Look', cause: 'connection_lost_midrun', host: 'edge', run: 'true' }]
  const lost: EndSketch = { outcome: 'lost', cause: 'host_rebooted' }
  expect(onHost({}, lost, '', { task: { remedies } }).remedies.length).toBe(1)
})

test('a healthy host has nothing alarming, and a host that was not asked nothing at all', () => {
  expect(alarming(onHost({}, exited(1), 'start\n'))).toEqual([])
  const unasked = explain(makeFacts({ load: { end: exited(1), log: 'x' } }))
  expect(unasked?.hostFacts).toEqual([])
})
