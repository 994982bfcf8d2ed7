// What a host's snapshot proves about a failure. Only what it says beyond doubt: a busy host, or one that is nearly full, is a fact
// to show and no cause.
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { HostDisk, HostSnapshot } from '../../shared/run/host-snapshot.ts'

export interface HostSigns {
  /** The kernel killed for want of memory while the attempt ran. `sure`: by a line of that time; `own`: in the task's control group. */
  memoryKill: { words: string; sure: boolean; own: boolean } | null
  /** False: the host counts such kills, and there was none. */
  mayMemoryKill: boolean
  /** A file system that the attempt writes to has no room: 'bytes' or 'inodes'. */
  full: { what: 'bytes' | 'inodes'; words: string } | null
  readOnly: string | null
  /** Host clock minus ours, where that's more than any network explains; else 0. */
  clockOffMs: number
  /** Limits of open files and of processes, in words; empty where they are not known. */
  filesLimit: string
  processesLimit: string
  /** Kernel lines of the attempt's time, newest last. */
  kernel: readonly string[]
}

export const noSigns: HostSigns = {
  memoryKill: null,
  mayMemoryKill: true,
  full: null,
  readOnly: null,
  clockOffMs: 0,
  filesLimit: '',
  processesLimit: '',
  kernel: [],
}

/** Certificates, tokens and signatures allow a few minutes. */
const clockOffMinMs = 240_000
/** Less than this is no room: file systems keep a little back. */
const roomBytesMin = 64 * 1024
/** Kernel stamps and the host's own clock differ a little. */
const stampSlackMs = 5_000

export function signsOf(snapshot: HostSnapshot | null, attempt: AttemptView): HostSigns {
  if (snapshot === null) return noSigns
  const kernel = kernelSince(snapshot, attempt.hostStartedAt ?? attempt.end?.hostStartedAt ?? null)
  const offset = snapshot.clockOffsetMs ?? 0
  return {
    memoryKill: memoryKill(snapshot, kernel),
    mayMemoryKill: snapshot.oomKills !== 0,
    full: fullDisk(snapshot.disks),
    readOnly: snapshot.disks.find((disk) => disk.readOnly)?.path ?? null,
    clockOffMs: Math.abs(offset) >= clockOffMinMs ? offset : 0,
    ...limitWords(snapshot.limits),
    kernel,
  }
}

const memoryLine =
  /(?:out of memory: kill(?:ed)? process|memory cgroup out of memory|oom-kill:|oom_reaper: reaped)/i

function memoryKill(snapshot: HostSnapshot, kernel: readonly string[]): HostSigns['memoryKill'] {
  const lines = kernel.filter((line) => memoryLine.test(line))
  // The line that names the process says more than the one that sums up the constraint.
  const line = lines.findLast((one) => /killed process/i.test(one)) ?? lines.at(-1)
  const { group } = snapshot
  const inGroup = (group?.oomKills ?? 0) > 0
  // The counters may be a minute older than the attempt; the kernel's own line tells whose time it was.
  if (line === undefined && snapshot.kernel.some((one) => memoryLine.test(one))) return null
  if (line !== undefined) {
    return { words: `The kernel says: ${unstamped(line)}`, sure: true, own: inGroup }
  }
  if (inGroup) {
    const limit = group?.limitBytes ?? null
    const of = limit === null ? '' : `, whose limit is ${roughSize(limit)},`
    return {
      words: `The kernel killed ${times(group?.oomKills ?? 0)} in the task's control group${of} for want of memory.`,
      sure: true,
      own: true,
    }
  }
  const kills = snapshot.oomKills ?? 0
  if (kills === 0) return null
  return {
    words: `The kernel killed ${times(kills)} on this host for want of memory around then.`,
    sure: false,
    own: false,
  }
}

function limitWords(
  limits: HostSnapshot['limits'],
): Pick<HostSigns, 'filesLimit' | 'processesLimit'> {
  const files = limits['open files']
  const group = limits['processes of the control group']
  const processes = limits['max user processes']
  return {
    filesLimit:
      files === undefined
        ? ''
        : `The limit there is ${files} open files, unless the task sets its own.`,
    processesLimit:
      group !== undefined
        ? `Its control group had ${group} processes that it may have.`
        : processes === undefined
          ? ''
          : `The limit there is ${processes} processes, unless the task sets its own.`,
  }
}

function fullDisk(disks: readonly HostDisk[]): HostSigns['full'] {
  for (const { path, totalBytes, freeBytes, inodes, inodesFree } of disks) {
    if (totalBytes > 0 && freeBytes < roomBytesMin) {
      return { what: 'bytes', words: `${path} is full: 0 of ${roughSize(totalBytes)} are free.` }
    }
    if (inodes !== null && inodes > 0 && inodesFree === 0) {
      const room = `${roughSize(freeBytes)} are free`
      return {
        what: 'inodes',
        words: `${path} has no inode left for another file, though ${room}.`,
      }
    }
  }
  return null
}

// Kernel lines carry seconds since the start of the machine. One without a stamp can't be placed, so it proves nothing.
function kernelSince(snapshot: HostSnapshot, since: number | null): string[] {
  const { uptimeMs, takenAt } = snapshot
  if (uptimeMs === null) return []
  const bootAt = takenAt - uptimeMs
  return snapshot.kernel.filter((line) => {
    const stamp = /\[ {0,12}(\d{1,10}\.\d{1,6})\]/.exec(line)?.[1]
    if (stamp === undefined) return false
    return since === null || bootAt + Number(stamp) * 1000 >= since - stampSlackMs
  })
}

export function unstamped(line: string): string {
  return line.replace(/^.{0,80}?\[ {0,12}\d{1,10}\.\d{1,6}\]\s*/, '').slice(0, 200)
}

function times(count: number): string {
  return count === 1 ? 'a process' : `${count} processes`
}

/** For people: `3.9 GB`, `512 MB`, `0 B`. */
export function roughSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
