// What the host said about itself when the attempt failed, in words: alarming things first, each against what it was before where
// that is known. Numbers are judged here alone, so that every face calls the same things alarming.
import type { HostFact } from '../../shared/api/views.ts'
import type { HostDisk, HostSnapshot } from '../../shared/run/host-snapshot.ts'
import { roughSize, unstamped, type HostSigns } from './host-signs.ts'

const factsMax = 24
const kernelShown = 3
const processesShown = 3
/** A tenth of a percent of a large disk is room enough; of a small one, this is not. */
const nearlyFullShare = 0.02
const nearlyFullBytes = 1e9
const scarceMemoryShare = 0.05
const busyPerCore = 4
/** Less, and a pipeline of a dozen tools runs into it. */
const fewFiles = 256
/** A limit that the cause is about is the trouble itself only where it is tight. */
const tightLimit = 4096

/** `before`: the latest snapshot of the same host from a good run; null: there is none. */
export function hostFactsOf(
  snapshot: HostSnapshot | null,
  signs: HostSigns,
  { before, cause }: { before: HostSnapshot | null; cause: string },
): HostFact[] {
  if (snapshot === null) return []
  const facts = [
    ...kernelFacts(signs),
    ...memoryFacts(snapshot, before),
    ...snapshot.disks.flatMap((disk) => diskFacts(disk, before)),
    ...clockFacts(snapshot, signs),
    ...loadFacts(snapshot),
    ...limitFacts(snapshot, before, cause),
    ...uptimeFacts(snapshot),
    ...processFacts(snapshot),
    ...lateFacts(snapshot),
  ]
  const distinct = [...new Map(facts.map((one) => [`${one.label} ${one.value}`, one])).values()]
  return distinct.toSorted((a, b) => Number(b.isAlarming) - Number(a.isAlarming)).slice(0, factsMax)
}

function fact(label: string, value: string, isAlarming: boolean): HostFact {
  return { label, value, isAlarming }
}

function kernelFacts({ kernel }: HostSigns): HostFact[] {
  return kernel.slice(-kernelShown).map((line) => fact('kernel', unstamped(line), true))
}

function memoryFacts(snapshot: HostSnapshot, before: HostSnapshot | null): HostFact[] {
  const facts: HostFact[] = []
  const { memory, group, oomKills } = snapshot
  if (memory !== null && memory.totalBytes > 0) {
    const { totalBytes, availableBytes } = memory
    const isScarce = availableBytes < totalBytes * scarceMemoryShare
    const swap = memory.swapFreeBytes === null ? '' : `, ${roughSize(memory.swapFreeBytes)} of swap`
    const was =
      before?.memory == null || before.memory.totalBytes === totalBytes
        ? ''
        : `; the host had ${roughSize(before.memory.totalBytes)} in a good run`
    facts.push(
      fact(
        'memory',
        `${roughSize(availableBytes)} of ${roughSize(totalBytes)} available${swap}${was}`,
        isScarce,
      ),
    )
  }
  if (group !== null) {
    const { limitBytes, peakBytes } = group
    const kills = group.oomKills ?? 0
    const parts = [
      ...(limitBytes === null ? [] : [`limit ${roughSize(limitBytes)}`]),
      ...(peakBytes === null ? [] : [`peak ${roughSize(peakBytes)}`]),
      ...(kills === 0 ? [] : [`${kills} killed for want of memory`]),
    ]
    const isAtLimit = limitBytes !== null && peakBytes !== null && peakBytes >= limitBytes * 0.98
    if (parts.length > 0)
      facts.push(fact('control group', parts.join(', '), kills > 0 || isAtLimit))
  }
  if ((oomKills ?? 0) > 0)
    facts.push(fact('memory kills', `${oomKills} on this host around then`, true))
  return facts
}

function diskFacts(disk: HostDisk, before: HostSnapshot | null): HostFact[] {
  const { path, totalBytes, freeBytes, inodes, inodesFree, readOnly } = disk
  const was = before?.disks.find((one) => one.path === path)
  const facts: HostFact[] = []
  const label = `disk ${path}`
  if (readOnly) {
    const since = was?.readOnly === false ? '; it was not in a good run' : ''
    facts.push(fact(label, `mounted read-only${since}`, true))
  }
  if (totalBytes > 0) {
    const isAlarming =
      freeBytes < totalBytes * nearlyFullShare && freeBytes < nearlyFullBytes && !readOnly
    const then = was === undefined ? '' : `; ${roughSize(was.freeBytes)} in a good run`
    facts.push(
      fact(label, `${roughSize(freeBytes)} of ${roughSize(totalBytes)} free${then}`, isAlarming),
    )
  }
  if (inodes !== null && inodesFree !== null && inodesFree < inodes * nearlyFullShare) {
    facts.push(fact(label, `${inodesFree} of ${inodes} inodes free`, true))
  }
  return facts
}

function clockFacts({ clockOffsetMs }: HostSnapshot, { clockOffMs }: HostSigns): HostFact[] {
  if (clockOffsetMs === null || Math.abs(clockOffsetMs) < 10_000) return []
  return [fact('clock', clockWords(clockOffsetMs), clockOffMs !== 0)]
}

/** `3 h ahead of ours`. */
export function clockWords(offsetMs: number): string {
  const size = Math.abs(offsetMs)
  const span =
    size >= 172_800_000
      ? `${Math.round(size / 86_400_000)} days`
      : size >= 5_400_000
        ? `${Math.round(size / 3_600_000)} h`
        : size >= 90_000
          ? `${Math.round(size / 60_000)} min`
          : `${Math.round(size / 1000)} s`
  return `${span} ${offsetMs > 0 ? 'ahead of' : 'behind'} ours`
}

function loadFacts({ load, cores }: HostSnapshot): HostFact[] {
  if (load === null) return []
  const on = cores === null ? '' : ` on ${cores} ${cores === 1 ? 'core' : 'cores'}`
  const isBusy = cores !== null && load[0] > cores * busyPerCore
  return [fact('load', `${load[0]}${on} (5 min: ${load[1]})`, isBusy)]
}

/** Limits that a cause is about, or that are low, or that are others than in a good run. */
function limitFacts(
  { limits }: HostSnapshot,
  before: HostSnapshot | null,
  cause: string,
): HostFact[] {
  const isAbout: Readonly<Record<string, string>> = {
    'open files': 'too_many_open_files',
    'max user processes': 'process_limit',
    'processes of the control group': 'process_limit',
  }
  return Object.entries(limits).flatMap(([name, value]) => {
    const was = before === null ? value : (before.limits[name] ?? 'unlimited')
    const hasChanged = was !== value && name !== 'processes of the control group'
    const isLow = name === 'open files' && Number(value) < fewFiles
    const isBlamed = isAbout[name] === cause
    if (!hasChanged && !isLow && !isBlamed && !isFullGroup(name, value)) return []
    const isAlarming =
      isLow || isFullGroup(name, value) || (isBlamed && Number(value) <= tightLimit)
    const then = hasChanged ? `; ${was} in a good run` : ''
    return [fact(`limit of ${name}`, `${value}${then}`, isAlarming)]
  })
}

function isFullGroup(name: string, value: string): boolean {
  if (name !== 'processes of the control group') return false
  const [used, most] = value.split(' of ').map(Number)
  return used !== undefined && most !== undefined && used >= most * 0.95
}

function uptimeFacts({ uptimeMs }: HostSnapshot): HostFact[] {
  const isFresh = uptimeMs !== null && uptimeMs < 600_000
  if (!isFresh) return []
  return [fact('uptime', `${Math.max(1, Math.round(uptimeMs / 60_000))} min: it restarted`, true)]
}

function processFacts({ processes }: HostSnapshot): HostFact[] {
  return processes
    .toSorted((a, b) => b.residentBytes - a.residentBytes)
    .slice(0, processesShown)
    .map((one) => {
      const value = `${one.command} (pid ${one.pid}, ${one.user}): ${roughSize(one.residentBytes)}, ${Math.round(one.cpu)} % of a core`
      return fact('process', value, false)
    })
}

function lateFacts({ isPrompt }: HostSnapshot): HostFact[] {
  if (isPrompt) return []
  return [fact('taken', 'after the end was known: the host may have recovered since', false)]
}
