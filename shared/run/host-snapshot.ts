// H10: what a host was like at the moment an attempt failed. Everything in it comes from the host, so every field may be
// missing and every text is bounded and printable; numbers are bytes, ms or plain counts.

export interface HostSnapshot {
  /** Host clock when it was taken, ms since 1970 UTC. */
  takenAt: number
  /** Ran on the host when the attempt failed; false: taken later, over a new link, so it may show a host that has recovered. */
  isPrompt: boolean
  /** Host clock minus ours; null where it was not measured. */
  clockOffsetMs: number | null
  uptimeMs: number | null
  cores: number | null
  /** Over 1, 5 and 15 minutes. */
  load: readonly [number, number, number] | null
  memory: { totalBytes: number; availableBytes: number; swapFreeBytes: number | null } | null
  /** Of the control group the attempt ran in, where it has a limit or has killed. */
  group: { limitBytes: number | null; peakBytes: number | null; oomKills: number | null } | null
  /** Kills by the kernel for want of memory since the agent came up; null where it cannot be read. */
  oomKills: number | null
  /** The working folder's, the home's and the temporary folder's file systems, each once. 8 at most. */
  disks: readonly HostDisk[]
  /** Limits of the attempt's shell that are not `unlimited`, by the names of `ulimit -a`; 32 at most. */
  limits: Readonly<Record<string, string>>
  /** The largest by memory, then by processor; 12 at most. */
  processes: readonly HostProcess[]
  /** The latest kernel lines that may explain a death, newest last; 12 at most, 300 characters each. */
  kernel: readonly string[]
  /** What could not be had, and why: `kernel: not permitted`. */
  missing: readonly string[]
}

export interface HostDisk {
  path: string
  totalBytes: number
  freeBytes: number
  inodes: number | null
  inodesFree: number | null
  readOnly: boolean
}

export interface HostProcess {
  pid: number
  user: string
  /** Percent of one core, as `ps` gives it. */
  cpu: number
  residentBytes: number
  command: string
}
