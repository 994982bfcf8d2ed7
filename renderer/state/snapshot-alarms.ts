// Which numbers of a host snapshot a person should see first, and why, in words. Pure.
import type { HostDisk, HostSnapshot } from '../../shared/run/host-snapshot.ts'
import { byteWords } from '../../shared/run/byte-words.ts'
import { durationWords } from '../ui/time-words.ts'

const diskShareMin = 0.05
const inodeShareMin = 0.02
const memoryShareMin = 0.05
/** Tasks that wait for a core, per core. */
const loadPerCoreMax = 3
const clockOffsetMsMax = 60_000
const freshBootMs = 10 * 60_000
const groupShareMin = 0.97

/** null: nothing is wrong with it. */
export function diskAlarm(disk: HostDisk): string | null {
  if (disk.readOnly) return 'read-only'
  if (disk.totalBytes > 0 && disk.freeBytes / disk.totalBytes < diskShareMin)
    return disk.freeBytes === 0 ? 'full' : 'nearly full'
  if (disk.inodes !== null && disk.inodes > 0 && disk.inodesFree !== null)
    if (disk.inodesFree / disk.inodes < inodeShareMin)
      return disk.inodesFree === 0 ? 'no inode is left' : 'nearly out of inodes'
  return null
}

export function memoryAlarm({ memory }: HostSnapshot): string | null {
  if (memory === null || memory.totalBytes === 0) return null
  return memory.availableBytes / memory.totalBytes < memoryShareMin ? 'nearly none is left' : null
}

export function groupAlarm({ group }: HostSnapshot): string | null {
  if (group === null) return null
  if ((group.oomKills ?? 0) > 0) return 'the kernel killed in it'
  const { limitBytes, peakBytes } = group
  if (limitBytes !== null && peakBytes !== null && peakBytes >= limitBytes * groupShareMin)
    return 'at its limit'
  return null
}

export function loadAlarm({ load, cores }: HostSnapshot): string | null {
  if (load === null || cores === null || cores === 0) return null
  return load[0] / cores > loadPerCoreMax ? `${Math.round(load[0] / cores)} per core` : null
}

export function clockAlarm({ clockOffsetMs }: HostSnapshot): string | null {
  if (clockOffsetMs === null || Math.abs(clockOffsetMs) < clockOffsetMsMax) return null
  return 'far off'
}

export function uptimeAlarm({ uptimeMs }: HostSnapshot): string | null {
  return uptimeMs !== null && uptimeMs < freshBootMs ? 'it started a moment ago' : null
}

export function oomAlarm({ oomKills }: HostSnapshot): string | null {
  return oomKills !== null && oomKills > 0 ? 'the kernel killed for want of memory' : null
}

/** Of all of it, for a heading. */
export function alarmCount(snapshot: HostSnapshot): number {
  const own = [memoryAlarm, groupAlarm, loadAlarm, clockAlarm, uptimeAlarm, oomAlarm]
  return (
    own.filter((alarm) => alarm(snapshot) !== null).length +
    snapshot.disks.filter((disk) => diskAlarm(disk) !== null).length
  )
}

/** `3 GB of 250 GB free`. */
export function freeWords(free: number, total: number): string {
  return `${byteWords(free)} of ${byteWords(total)} free`
}

export function offsetWords(ms: number): string {
  if (Math.abs(ms) < 1000) return 'right'
  return `${durationWords(Math.abs(ms))} ${ms > 0 ? 'ahead' : 'behind'}`
}
