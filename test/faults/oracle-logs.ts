// O4: the log here is the log there, byte for byte, with its hash; a gap needs a deed that destroyed the host's file.
import type { Judged, OnHost } from './judged.ts'
import { wholeLog } from './task-text.ts'

export function judgeLog({ evidence, shape }: Judged, { key, attempt, host }: OnHost): string[] {
  const { deeds } = evidence
  const { log, end } = attempt
  const here = evidence.logs.get(key)
  const all = here?.bytes.toString('latin1') ?? ''
  // What a shell says about a child that was stopped before it is the shell's own, and no loss.
  const bytes =
    end?.outcome === 'exited' ? all : all.replace(/(?:(?:Terminated|Killed|Hangup)\n)+$/, '')
  if (log === null) return evidence.ended ? ['O4: its log was never closed'] : []
  const wrongs: string[] = []
  const wrote = shape.fails >= 0 ? wholeLog(key, shape.lines) : ''
  const isDiskFull = deeds.diskFull.has(host.name)
  // A host that was given up may have come back too late to hand it over.
  const isGivenUp = end?.outcome === 'lost' && end.cause === 'failed_over'
  const isWiped = deeds.wiped.has(key)
  if (log.gaps.length > 0 && !isGivenUp && !isWiped)
    wrongs.push(`O4: a gap, and nothing destroyed the log: ${JSON.stringify(log.gaps)}`)
  if (log.gaps.length === 0 && log.bytes !== all.length)
    wrongs.push(`O4: the store says ${log.bytes} bytes, the file has ${all.length}`)
  if (log.sha256 !== null && log.sha256 !== here?.sha256 && bytes.length > 0)
    wrongs.push('O4: the hash in the store is not that of the file')
  if (log.sha256 === null && bytes.length > 0 && log.gaps.length === 0)
    wrongs.push('O4: it was closed without the hash of the host')
  if (isDiskFull || (isWiped && !host.starts.includes(key))) return wrongs
  if (!wrote.startsWith(bytes)) wrongs.push(`O4: ${firstDifference(bytes, wrote)}`)
  const isWhole = end?.outcome === 'exited' && log.gaps.length === 0
  if (isWhole && host.ends.get(key) !== 9 && bytes.length < wrote.length)
    wrongs.push(
      `O4: ${wrote.length - bytes.length} bytes of ${wrote.length} are missing at its end`,
    )
  const known = host.written.get(key) ?? 0
  if (bytes.length < known && log.gaps.length === 0)
    wrongs.push(`O4: the task had written ${known} bytes, and ${bytes.length} are here`)
  return wrongs
}

function firstDifference(ours: string, theirs: string): string {
  let at = 0
  while (at < ours.length && ours[at] === theirs[at]) at += 1
  return `byte ${at} is wrong: ${JSON.stringify(ours.slice(at, at + 60))} in place of ${JSON.stringify(theirs.slice(at, at + 60))}`
}
