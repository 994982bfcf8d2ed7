import { describe, expect, test } from 'vitest'
import { agentText } from '../../electron/hosts/agent-text.ts'
import { parseSnapshot } from '../../electron/hosts/snapshot.ts'

const now = 1_800_000_002_000

test('no part of the agent takes the name of a function of another part', () => {
  const names = [...agentText().text.matchAll(/^([a-z_]+)\(\)/gm)].map((found) => found[1] ?? '')
  expect(names.length).toBeGreaterThan(40)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

/** A Linux host under a systemd slice, its home on a full disk of its own. */
const linux = `@sluice told prompt 1800000002
@sluice snapshot 1 1800000000
@sluice kills 12 10
@sluice load 9.81 4.20 1.10 3/145 4321
@sluice uptime 5000.25 9000.10
@sluice cores 2
@sluice memory MemTotal: 2000
@sluice memory MemFree: 10
@sluice memory MemAvailable: 40
@sluice memory Buffers: 5
@sluice memory Cached: 20
@sluice memory SwapFree: 0
@sluice group 3 1
@sluice level memory.max max
@sluice level memory.peak 900000
@sluice level pids.max 64
@sluice level pids.current 63
@sluice level above
@sluice level memory.max 1048576
@sluice level memory.peak 1048576
@sluice limits
Max processes             96365                96365                processes 
Max open files            256                  4096                 files     
Max core file size        0                    unlimited            bytes     
@sluice pagesize 4096
@sluice processes
99.9 400 4711 R 1000 python3
0.0 20 12 S 0 my daemon
99.9 400 4711 R 1000 python3
@sluice users
1000 etl
@sluice kernel
[ 4999.10] Out of memory: Killed process 4711 (python3) total-vm:1kB
@sluice kernel-from dmesg
@sluice df -Pk
/dev/sda1            1000      900       100      90% /
@sluice df -Pi
/dev/sda1             100       10        90      10% /
@sluice df -Pk
nas:/home/x           500      500         0     100% /home dir
@sluice df -Pi
nas:/home/x             0        0         0        - /home dir
@sluice mounts
ro /
rw /home dir
@sluice end`.split('\n')

test('H10: what a Linux host says is read as numbers', () => {
  expect(parseSnapshot(linux, now)).toEqual({
    takenAt: 1_800_000_000_000,
    isPrompt: true,
    clockOffsetMs: 1000,
    uptimeMs: 5_000_250,
    cores: 2,
    load: [9.81, 4.2, 1.1],
    memory: { totalBytes: 2_048_000, availableBytes: 40_960, swapFreeBytes: 0 },
    // The limit that an attempt meets is the tightest of the groups above it.
    group: { limitBytes: 1_048_576, peakBytes: 1_048_576, oomKills: 2 },
    oomKills: 2,
    disks: [
      {
        path: '/',
        totalBytes: 1_024_000,
        freeBytes: 102_400,
        inodes: 100,
        inodesFree: 90,
        readOnly: true,
      },
      {
        path: '/home dir',
        totalBytes: 512_000,
        freeBytes: 0,
        inodes: null,
        inodesFree: null,
        readOnly: false,
      },
    ],
    limits: {
      'max user processes': '96365',
      'open files': '256',
      'core file size': '0',
      'processes of the control group': '63 of 64',
    },
    processes: [
      { pid: 4711, user: 'etl', cpu: 99.9, residentBytes: 1_638_400, command: 'python3' },
      { pid: 12, user: '0', cpu: 0, residentBytes: 81_920, command: 'my daemon' },
    ],
    kernel: ['[ 4999.10] Out of memory: Killed process 4711 (python3) total-vm:1kB'],
    missing: [],
  })
})

test('H10: a Mac, which has no /proc, tells what it can, and what it cannot is named', () => {
  const mac = `@sluice told late 1800000002
@sluice snapshot 1 1800000001
@sluice kills - -
@sluice load 1.20 1.30 1.40
@sluice boot { sec = 1799999001, usec = 5 } Mon Jan  1 00:00:00 2027
@sluice cores 8
@sluice memsize 17179869184
@sluice vm_stat
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                    1000.
Pages active:                                 90000.
Pages inactive:                                2000.
Pages speculative:                              100.
@sluice limits
open files                      (-n) 256
max user processes              (-u) 2666
cpu time               (seconds, -t) unlimited
@sluice ps
 12.5 204800   501 anna             /Applications/X.app/Contents/MacOS/X helper
@sluice users
@sluice kernel
@sluice df -Pk
/dev/disk3s1s1  1000 100 800    12% /
@sluice df -Pi
/dev/disk3s1s1  2000 200 1600    12% 400 600   40%   /
@sluice mounts
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
@sluice end`.split('\n')
  const found = parseSnapshot(mac, now)
  expect(found).toMatchObject({
    isPrompt: false,
    uptimeMs: 1_000_000,
    load: [1.2, 1.3, 1.4],
    memory: { totalBytes: 17_179_869_184, availableBytes: 3100 * 16_384 },
    group: null,
    oomKills: null,
    disks: [{ path: '/', inodes: 1000, inodesFree: 600, readOnly: true }],
    limits: { 'open files': '256', 'max user processes': '2666' },
    processes: [{ pid: 501, user: 'anna', residentBytes: 209_715_200, command: 'X helper' }],
  })
  expect(found?.missing).toEqual([
    'memory kills: the kernel does not count them there',
    'kernel: not permitted',
  ])
})

test.each([
  [
    'dash',
    'process              96365\nnofiles              20000\ntime(seconds)        unlimited',
  ],
  [
    'busybox',
    'open files                      (-n) 20000\nmax user processes              (-u) 96365',
  ],
  ['zsh', '-n: file descriptors                20000\n-u: processes                       96365'],
])('limits as %s words them have one name', (_shell, text) => {
  const found = parseSnapshot(
    ['@sluice snapshot 1 1800000000', '@sluice limits', ...text.split('\n')],
    now,
  )
  expect(found?.limits).toEqual({ 'open files': '20000', 'max user processes': '96365' })
})

test('H10: what hung is named, and what came before it stays', () => {
  const at = linux.findIndex((line) => line.startsWith('nas:')) - 1
  const cut = [...linux.slice(0, at), '@sluice df -Pk', '', '@sluice cut', '@sluice end']
  const found = parseSnapshot(cut, now)
  expect(found?.disks.map((disk) => disk.path)).toEqual(['/'])
  expect(found?.missing).toEqual(['other disks: took longer than 2 s'])
  const early = parseSnapshot([...linux.slice(0, 20), '@sluice cut', '@sluice end'], now)
  expect(early?.missing.filter((one) => one.includes('2 s'))).toEqual([
    'limits: took longer than 2 s',
    'processes: took longer than 2 s',
    'kernel: took longer than 2 s',
    'disks: took longer than 2 s',
  ])
})

describe('a hostile host', () => {
  test('is no snapshot where it does not say one', () => {
    expect(parseSnapshot([], now)).toBeNull()
    expect(parseSnapshot(['@sluice snapshot 2 1800000000'], now)).toBeNull()
    expect(parseSnapshot(['@sluice snapshot 1 -5'], now)).toBeNull()
    expect(parseSnapshot(['@sluice snapshot 1 1e99'], now)).toBeNull()
  })

  test('cannot make it large, act on a terminal, or put in what is no number', () => {
    const many = (line: (index: number) => string): string[] =>
      Array.from({ length: 30 }, (_, index) => line(index))
    const text = [
      '@sluice snapshot 1 1800000000',
      '@sluice load NaN Infinity 1',
      '@sluice uptime 99999999999999999999',
      '@sluice cores -1',
      '@sluice memory MemTotal: 99999999999999999999',
      '@sluice limits',
      'Max __proto__             5                    5                    files     ',
      'Max open files            \u001b[31mred\u001b[0m           5                    files     ',
      '@sluice processes',
      ...many((index) => `1.0 10 ${index + 1} S 0 ${'x'.repeat(400)}`),
      '5.0 10 77777777777777 S 0 too-large-a-pid',
      '@sluice kernel',
      ...many(
        (index) => `[1.0] segfault ${index} \u001b]0;title\u0007 \u009b31m ${'y'.repeat(500)}`,
      ),
      '@sluice df -Pk',
      '/dev/x 10 5 5 50% relative',
      ...many((index) => `@sluice df -Pk\n/dev/${index} 10 5 5 50% /${index}`)
        .join('\n')
        .split('\n'),
    ]
    const found = parseSnapshot(text, now)
    expect(found).toMatchObject({ load: null, uptimeMs: null, cores: null, memory: null })
    expect(found?.limits).toEqual({})
    expect(found?.processes.length).toBe(12)
    expect(found?.kernel.length).toBe(12)
    expect(found?.disks.length).toBe(8)
    const json = JSON.stringify(found)
    expect(json.length).toBeLessThan(16_384)
    // oxlint-disable-next-line no-control-regex
    expect(json).not.toMatch(/\\u00[01]|\\u009b|[\u0000-\u001f\u0080-\u009f]/)
  })

  test('of 18,000 random changes none makes it throw', () => {
    let seed = 7
    const next = (max: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % max
    }
    for (let round = 0; round < 3000; round++) {
      const text = [...linux]
      for (let change = 0; change < 6; change++) {
        const at = next(text.length)
        const line = text[at] ?? ''
        const cut = next(line.length + 1)
        const moves = [
          () => (text[at] = line.slice(0, cut)),
          () => (text[at] = line.slice(cut)),
          () =>
            (text[at] = `${line.slice(0, cut)}${String.fromCharCode(next(256))}${line.slice(cut)}`),
          () => text.splice(at, 1),
          () => text.splice(at, 0, text[next(text.length)] ?? ''),
        ]
        moves[next(moves.length)]!()
      }
      const found = parseSnapshot(text, now)
      for (const disk of found?.disks ?? []) expect(disk.freeBytes).toBeGreaterThanOrEqual(0)
    }
  })
})
