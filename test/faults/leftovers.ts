// What a campaign leaves when it is killed: its folder, and on loopback its servers. The next one removes them, by the
// name that only a campaign gives, and only when the process that the name tells of is no more.
import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from './children.ts'

const prefix = 'sluice-faults-'

/** Process id and its start time: an id alone may belong to another by then. */
export function campaignFolder(): string {
  return join(tmpdir(), `${prefix}${process.pid}-${startTimeOf(process.pid)}`)
}

/** Evidence is a person's to remove: under another name no campaign touches it. */
export function keep(dir: string): string {
  const kept = dir.replace(prefix, 'sluice-violations-')
  renameSync(dir, kept)
  return kept
}

/** Gives what it has removed. */
export function removeLeftovers(): string[] {
  return readdirSync(tmpdir()).flatMap((name) => {
    const [, pid, startTime] = /^sluice-faults-(\d+)-(\d+)$/.exec(name) ?? []
    if (pid === undefined || startTimeOf(Number(pid)) === startTime) return []
    const dir = join(tmpdir(), name)
    for (const orphan of processesOf(dir)) kill(orphan, 'SIGKILL')
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
    return [dir]
  })
}

/** Those whose command line names the folder. */
function processesOf(dir: string): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry)
    if (!Number.isInteger(pid) || pid === process.pid) return []
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(`${dir}/`) ? [pid] : []
    } catch {
      return [] // it has ended
    }
  })
}

function startTimeOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}
