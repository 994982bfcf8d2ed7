import { expect, test } from 'vitest'
import {
  alarmCount,
  clockAlarm,
  diskAlarm,
  groupAlarm,
  loadAlarm,
  memoryAlarm,
} from '../../renderer/state/snapshot-alarms.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'

const quiet: HostSnapshot = {
  takenAt: 1_800_000_000_000,
  isPrompt: true,
  clockOffsetMs: 30,
  uptimeMs: 86_400_000,
  cores: 4,
  load: [1, 1, 1],
  memory: { totalBytes: 8e9, availableBytes: 4e9, swapFreeBytes: 0 },
  group: { limitBytes: null, peakBytes: 1e9, oomKills: 0 },
  oomKills: 0,
  disks: [
    {
      path: '/',
      totalBytes: 1e11,
      freeBytes: 5e10,
      inodes: 1000,
      inodesFree: 900,
      readOnly: false,
    },
  ],
  limits: {},
  processes: [],
  kernel: [],
  missing: [],
}
const unknown: HostSnapshot = {
  ...quiet,
  clockOffsetMs: null,
  uptimeMs: null,
  cores: null,
  load: null,
  memory: null,
  group: null,
  oomKills: null,
  disks: [],
}

test('H10: a quiet host raises no alarm, and neither does one that could tell nothing', () => {
  expect(alarmCount(quiet)).toBe(0)
  expect(alarmCount(unknown)).toBe(0)
})

test.each([
  ['full', { freeBytes: 0 }],
  ['nearly full', { freeBytes: 1e9 }],
  ['no inode is left', { inodesFree: 0 }],
  ['nearly out of inodes', { inodesFree: 3 }],
  ['read-only', { readOnly: true, freeBytes: 0 }],
])('H10: a disk that is %s says so', (words, part) => {
  expect(diskAlarm({ ...quiet.disks[0]!, ...part })).toBe(words)
})

test('H10: a file system without sizes or inodes, as /proc or btrfs, is no full disk', () => {
  expect(
    diskAlarm({ ...quiet.disks[0]!, totalBytes: 0, freeBytes: 0, inodes: 0, inodesFree: 0 }),
  ).toBeNull()
})

test('H10: memory, its group, load and clock are told apart', () => {
  const memory = { totalBytes: 8e9, availableBytes: 1e8, swapFreeBytes: null }
  expect(memoryAlarm({ ...quiet, memory })).toBe('nearly none is left')
  expect(groupAlarm({ ...quiet, group: { limitBytes: 100, peakBytes: 100, oomKills: 0 } })).toBe(
    'at its limit',
  )
  expect(groupAlarm({ ...quiet, group: { limitBytes: 100, peakBytes: 9, oomKills: 2 } })).toBe(
    'the kernel killed in it',
  )
  expect(loadAlarm({ ...quiet, load: [40, 1, 1] })).toBe('10 per core')
  expect(clockAlarm({ ...quiet, clockOffsetMs: -7_200_000 })).toBe('far off')
})
