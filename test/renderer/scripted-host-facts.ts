// What scripted hosts tell of themselves: a key as it is drawn, what a check found, a snapshot of a failure.
import type { HostCheck } from '../../shared/api/views.ts'
import type { HostSnapshot } from '../../shared/run/host-snapshot.ts'

export const randomart = `+--[ED25519 256]--+
|        .o+.     |
|       . ++o     |
|      . +.=..    |
|     . = B.o     |
|      = S Bo     |
|     + = *.o.    |
|    . B = +..    |
|     = E.+ o     |
|    ..+=o.o      |
+----[SHA256]-----+`

export const checks: readonly HostCheck[] = [
  {
    id: 'login_shell',
    level: 'note',
    found: 'fish 3.7, prints 2 lines before our marker, takes 1.8 s',
    cost: 'Each new connection waits for it. Move what is slow in ~/.config/fish/config.fish under "if status is-interactive".',
  },
  { id: 'setsid', level: 'good', found: 'util-linux 2.36', cost: '' },
  { id: 'sha256', level: 'good', found: 'sha256sum, 1.4 GB/s', cost: '' },
  { id: 'proc', level: 'good', found: '/proc is readable', cost: '' },
  { id: 'folder', level: 'good', found: '/home/etl/.sluice, mode 700', cost: '' },
  {
    id: 'disk',
    level: 'bad',
    found: '212 MB of 31 GB free under /home',
    cost: 'Tasks with larger outputs fail there. Make room, or set folder: to a larger disk.',
  },
  {
    id: 'tmp',
    level: 'note',
    found: '/tmp is mounted noexec',
    cost: 'Nothing of Sluice runs from there; scripts of yours that do will fail.',
  },
  { id: 'clock', level: 'good', found: '14 ms ahead', cost: '' },
  {
    id: 'sftp',
    level: 'note',
    found: 'no SFTP subsystem',
    cost: 'Files travel through the shell instead: about a third slower.',
  },
  { id: 'sessions', level: 'good', found: 'MaxSessions 10, learned 8 at once', cost: '' },
]

export const snapshot = (takenAt: number): HostSnapshot => ({
  takenAt,
  isPrompt: true,
  clockOffsetMs: 14,
  uptimeMs: 41 * 86_400_000,
  cores: 8,
  load: [31.22, 12.4, 6.1],
  memory: { totalBytes: 16_600_000_000, availableBytes: 412_000_000, swapFreeBytes: 0 },
  group: { limitBytes: 2_147_483_648, peakBytes: 2_147_100_000, oomKills: 1 },
  oomKills: 1,
  disks: [
    {
      path: '/data',
      totalBytes: 250_000_000_000,
      freeBytes: 0,
      inodes: 15_000_000,
      inodesFree: 14_201_113,
      readOnly: false,
    },
    {
      path: '/home/etl',
      totalBytes: 31_000_000_000,
      freeBytes: 9_200_000_000,
      inodes: 2_000_000,
      inodesFree: 4,
      readOnly: false,
    },
    {
      path: '/tmp',
      totalBytes: 4_000_000_000,
      freeBytes: 3_900_000_000,
      inodes: null,
      inodesFree: null,
      readOnly: false,
    },
  ],
  limits: { 'open files': '1024', 'max user processes': '63422', 'stack size (kbytes)': '8192' },
  processes: [
    {
      pid: 22_114,
      user: 'etl',
      cpu: 188.4,
      residentBytes: 9_812_000_000,
      command: 'python3 join.py --left orders.parquet --right customers.parquet --memory 12g',
    },
    {
      pid: 901,
      user: 'postgres',
      cpu: 41.2,
      residentBytes: 3_120_000_000,
      command: 'postgres: warehouse etl 10.2.0.4(51320) INSERT',
    },
    { pid: 1, user: 'root', cpu: 0, residentBytes: 11_000_000, command: '/sbin/init' },
  ],
  kernel: [
    '[3554021.112] python3 invoked oom-killer: gfp_mask=0x100cca, order=0, oom_score_adj=0',
    '[3554021.118] Memory cgroup out of memory: Killed process 22114 (python3) total-vm:11822340kB, anon-rss:9581200kB',
  ],
  missing: ['limits of the account: not permitted'],
})
