// H10: the agent's text about its host, read as facts. Pure. The text is the host's: lengths are bounded, numbers are checked,
// what does not fit is left out, and what is not there is named in `missing`.
import type { HostDisk, HostProcess, HostSnapshot } from '../../shared/run/host-snapshot.ts'
import { printable } from '../../shared/pipeline/printable.ts'

const linesMax = 200
const lineCharsMax = 300
const disksMax = 8
const limitsMax = 32
const processesMax = 12
const kernelMax = 12
const missingMax = 12

/** `lines` as they came over the wire, one character per byte. `now`: our clock. null: there is no snapshot in them. */
export function parseSnapshot(lines: readonly string[], now: number): HostSnapshot | null {
  const text = readParts(lines)
  const [, version, taken] = text.word('snapshot')
  const takenAt = seconds(taken)
  if (version !== '1' || takenAt === null) return null
  const [how, told] = text.word('told')
  const toldAt = seconds(told)
  const memory = memoryOf(text)
  const disks = disksOf(text)
  const snapshot = {
    takenAt,
    isPrompt: how === 'prompt',
    // The host tells whole seconds, so no more is claimed.
    clockOffsetMs: toldAt === null ? null : Math.round((toldAt + 500 - now) / 1000) * 1000,
    uptimeMs: uptimeOf(text, takenAt),
    cores: whole(text.word('cores')[0], 65_536),
    load: loadOf(text),
    memory,
    group: groupOf(text, memory?.totalBytes ?? null),
    oomKills: added(text.word('kills')),
    disks,
    limits: limitsOf(text),
    processes: processesOf(text),
    kernel: kernelOf(text),
  }
  return { ...snapshot, missing: missingOf(text, snapshot) }
}

interface Parts {
  /** Words after `@sluice NAME` of its last line; empty where there is none. */
  word(name: string): readonly string[]
  words(name: string): readonly (readonly string[])[]
  /** Lines between `@sluice NAME` and the next such line, for each of its lines. */
  lines(name: string): readonly (readonly string[])[]
  has(name: string): boolean
}

function readParts(lines: readonly string[]): Parts {
  const parts: { name: string; words: string[]; lines: string[] }[] = []
  for (const raw of lines.slice(0, linesMax)) {
    const line = cleaned(raw)
    const words = line.split(' ').filter((word) => word !== '')
    if (words[0] === '@sluice') {
      const name = words[1] ?? ''
      parts.push({ name, words: words.slice(name === 'snapshot' ? 1 : 2), lines: [] })
    } else if (line.trim() !== '') parts.at(-1)?.lines.push(line)
  }
  const all = (name: string): typeof parts => parts.filter((part) => part.name === name)
  return {
    word: (name) => all(name).at(-1)?.words ?? [],
    words: (name) => all(name).map((part) => part.words),
    lines: (name) => all(name).map((part) => part.lines),
    has: (name) => all(name).length > 0,
  }
}

function cleaned(raw: string): string {
  const bytes = Buffer.from(raw.slice(0, lineCharsMax), 'latin1')
  return printable(bytes.toString('utf8')).trimEnd()
}

function whole(word: string | undefined, max = Number.MAX_SAFE_INTEGER): number | null {
  if (word === undefined || !/^\d{1,16}$/.test(word)) return null
  const value = Number(word)
  return value <= max ? value : null
}

function decimal(word: string | undefined, max: number): number | null {
  if (word === undefined || !/^\d{1,12}(?:[.,]\d{1,9})?$/.test(word)) return null
  const value = Number(word.replace(',', '.'))
  return value <= max ? value : null
}

function seconds(word: string | undefined): number | null {
  const value = whole(word, 1e11)
  return value === null ? null : value * 1000
}

function added([total, base]: readonly string[]): number | null {
  const [after, before] = [whole(total), whole(base)]
  return after === null || before === null ? null : Math.max(0, after - before)
}

function uptimeOf(text: Parts, takenAt: number): number | null {
  const up = decimal(text.word('uptime')[0], 1e11)
  if (up !== null) return Math.round(up * 1000)
  // BSD tells when it came up: `{ sec = 1700000000, usec = 0 }`.
  const boot = seconds(/sec = (\d{1,11})/.exec(text.word('boot').join(' '))?.[1])
  return boot === null || boot > takenAt ? null : takenAt - boot
}

function loadOf(text: Parts): HostSnapshot['load'] {
  const [one, five, fifteen] = text.word('load').map((word) => decimal(word, 1e6))
  if (one == null || five == null || fifteen == null) return null
  return [one, five, fifteen]
}

const kB = 1024
const bytesMax = 2 ** 52

function memoryOf(text: Parts): HostSnapshot['memory'] {
  const values = new Map<string, number>()
  for (const [name = '', value] of text.words('memory')) {
    const found = whole(value, bytesMax / kB)
    if (found !== null) values.set(name.replace(':', ''), found * kB)
  }
  const total = values.get('MemTotal')
  if (total === undefined) return macMemory(text)
  const free = values.get('MemFree')
  const available =
    values.get('MemAvailable') ??
    (free === undefined
      ? undefined
      : free + (values.get('Buffers') ?? 0) + (values.get('Cached') ?? 0))
  if (available === undefined) return null
  return {
    totalBytes: total,
    availableBytes: available,
    swapFreeBytes: values.get('SwapFree') ?? null,
  }
}

function macMemory(text: Parts): HostSnapshot['memory'] {
  const total = whole(text.word('memsize')[0], bytesMax)
  const lines = text.lines('vm_stat')[0] ?? []
  const page = whole(/page size of (\d{1,7}) bytes/.exec(lines[0] ?? '')?.[1])
  if (total === null || page === null) return null
  const pages = (name: string): number =>
    whole(
      lines
        .find((line) => line.startsWith(`Pages ${name}:`))
        ?.split(' ')
        .at(-1)
        ?.replace('.', ''),
    ) ?? 0
  const free = pages('free') + pages('inactive') + pages('speculative')
  return { totalBytes: total, availableBytes: Math.min(total, free * page), swapFreeBytes: null }
}

interface Level {
  limit: number | null
  peak: number | null
  processesMax: number | null
  processes: number | null
}

function levelsOf(text: Parts): Level[] {
  const fresh = (): Level => ({ limit: null, peak: null, processesMax: null, processes: null })
  const levels = [fresh()]
  for (const [name, value] of text.words('level').slice(0, 100)) {
    const level = levels.at(-1)!
    const number = whole(value, bytesMax)
    if (name === 'above') levels.push(fresh())
    else if (name === 'memory.max' || name === 'memory.limit_in_bytes') level.limit = number
    else if (name === 'memory.peak' || name === 'memory.max_usage_in_bytes') level.peak = number
    else if (name === 'memory.current') level.peak ??= number
    else if (name === 'pids.max') level.processesMax = number
    else if (name === 'pids.current') level.processes = number
  }
  return levels
}

function groupOf(text: Parts, totalBytes: number | null): HostSnapshot['group'] {
  if (!text.has('group')) return null
  const oomKills = added(text.word('group'))
  const levels = levelsOf(text)
  // A limit above the machine's memory, or the kernel's word for none, limits nothing.
  const limits = levels.filter(
    ({ limit }) => limit !== null && limit < (totalBytes ?? Number.POSITIVE_INFINITY),
  )
  const tightest = limits.toSorted((a, b) => a.limit! - b.limit!)[0]
  if (tightest === undefined && (oomKills ?? 0) === 0) return null
  const { limit, peak } = tightest ?? levels[0]!
  return { limitBytes: tightest === undefined ? null : limit, peakBytes: peak, oomKills }
}

/** Names of one limit by different shells. */
const limitNames: readonly [RegExp, string][] = [
  [/^(?:open files|nofiles?\b.*|(?:file )?descriptors)$/i, 'open files'],
  [/^(?:max user processes|process(?:es)?|maxproc)$/i, 'max user processes'],
]

function limitsOf(text: Parts): Record<string, string> {
  const limits: Record<string, string> = {}
  const add = (name: string, value: string): void => {
    if (value === 'unlimited' || !/^[A-Za-z][A-Za-z0-9 /-]{0,50}$/.test(name)) return
    if (!/^-?\d{1,20}$/.test(value) || Object.keys(limits).length >= limitsMax) return
    limits[limitNames.find(([form]) => form.test(name))?.[1] ?? name] = value
  }
  for (const line of text.lines('limits').flat()) {
    if (line.startsWith('Limit ')) continue
    // /proc tells columns: name, soft, hard, unit. `ulimit -a`: a name, perhaps `(unit, -n)`, the value last.
    if (line.startsWith('Max ')) {
      add(line.slice(4, 26).trim(), line.slice(26, 47).trim())
      continue
    }
    const [, name = '', value = ''] = /^(?:-\w:? )?(.*?)\s+(\S+)$/.exec(line.trim()) ?? []
    add(name.replace(/\s*\(.*$/, '').trim(), value)
  }
  const groups = levelsOf(text).filter((one) => one.processesMax !== null && one.processes !== null)
  const tightest = groups.toSorted((a, b) => a.processesMax! - b.processesMax!)[0]
  if (tightest !== undefined) {
    limits['processes of the control group'] = `${tightest.processes} of ${tightest.processesMax}`
  }
  return limits
}

function processesOf(text: Parts): HostProcess[] {
  const pageBytes = whole(text.word('pagesize')[0], 1 << 20) ?? 4096
  const users = new Map<string, string>()
  for (const line of text.lines('users').flat()) {
    const [id = '', name = ''] = line.split(' ')
    if (name !== '') users.set(id, name)
  }
  const found = new Map<number, HostProcess>()
  const add = (
    cpu: string | undefined,
    resident: number | null,
    pid: string | undefined,
    user: string,
    command: string,
  ): void => {
    const [percent, number] = [decimal(cpu, 1e7), whole(pid, 2 ** 31)]
    if (percent === null || number === null || resident === null || found.size >= processesMax)
      return
    const short = command.slice(command.lastIndexOf('/') + 1).slice(0, 80)
    if (short !== '')
      found.set(number, {
        pid: number,
        user: user.slice(0, 40),
        cpu: percent,
        residentBytes: resident,
        command: short,
      })
  }
  for (const line of text.lines('processes').flat()) {
    const [cpu, pages, pid, , owner = ''] = line.split(' ', 5)
    const count = whole(pages, bytesMax / pageBytes)
    add(
      cpu,
      count === null ? null : count * pageBytes,
      pid,
      users.get(owner) ?? owner,
      after(line, 5),
    )
  }
  for (const line of text.lines('ps').flat()) {
    const words = line.trim().split(/ +/)
    const count = whole(words[1], bytesMax / kB)
    const command = words.slice(4).join(' ')
    add(words[0], count === null ? null : count * kB, words[2], words[3] ?? '', command)
  }
  return [...found.values()]
}

/** What follows the first `count` words. */
function after(line: string, count: number): string {
  return line.split(' ').slice(count).join(' ')
}

function kernelOf(text: Parts): string[] {
  return text
    .lines('kernel')
    .flat()
    .slice(-kernelMax)
    .map((line) => line.trim().slice(0, lineCharsMax))
}

const dfLine = /^(.*?)\s+(\d{1,18})\s+(\d{1,18})\s+(-?\d{1,18})\s+(?:\d{1,4}%|-)\s+(.*)$/

function disksOf(text: Parts): HostDisk[] {
  const disks = new Map<string, HostDisk>()
  const options = text.words('df')
  const lines = text.lines('df')
  for (const [index, [option]] of options.entries()) {
    const parts = dfLine.exec(lines[index]?.at(-1) ?? '')
    if (parts === null) continue
    const [total, free] = [whole(parts[2]), whole(parts[4]?.replace(/^-\d+$/, '0'))]
    // BSD puts used and free inodes before the place: `12 34 5% /`.
    const [, used, left, place] = /^(\d{1,16})\s+(\d{1,16})\s+\d{1,4}%\s+(.*)$/.exec(
      parts[5] ?? '',
    ) ?? [null, null, null, parts[5] ?? '']
    const path = (place ?? '').slice(0, 200)
    if (total === null || free === null || !path.startsWith('/')) continue
    const disk = disks.get(path)
    if (option === '-Pk' && disk === undefined && disks.size < disksMax) {
      if (total > bytesMax / kB || free > bytesMax / kB) continue
      disks.set(path, {
        path,
        totalBytes: total * kB,
        freeBytes: free * kB,
        inodes: null,
        inodesFree: null,
        readOnly: false,
      })
    } else if (option === '-Pi' && disk !== undefined) {
      const [usedInodes, leftInodes] = [whole(used ?? undefined), whole(left ?? undefined)]
      const has = usedInodes !== null && leftInodes !== null
      // File systems that make inodes as they need them tell 0.
      disk.inodes = has ? usedInodes + leftInodes : total === 0 ? null : total
      disk.inodesFree = has ? leftInodes : total === 0 ? null : free
    }
  }
  for (const line of text.lines('mounts').flat()) {
    const [, path] = /^ro (\/.*)$/.exec(line) ?? /^.* on (\/.*?) \(.*read-only/.exec(line) ?? []
    const disk = disks.get(path ?? '')
    if (disk !== undefined) disk.readOnly = true
  }
  return [...disks.values()]
}

function missingOf(text: Parts, found: Omit<HostSnapshot, 'missing'>): string[] {
  const isCut = text.has('cut')
  const late = 'took longer than 2 s'
  const missing: string[] = []
  const name = (what: string, isThere: boolean, part: string, why: string): void => {
    if (!isThere) missing.push(`${what}: ${isCut && !text.has(part) ? late : why}`)
  }
  name('memory', found.memory !== null, 'memory', 'not readable there')
  name('load', found.load !== null, 'load', 'not readable there')
  name('memory kills', found.oomKills !== null, 'kills', 'the kernel does not count them there')
  name('limits', text.has('limits'), 'limits', 'not readable there')
  name('processes', found.processes.length > 0, 'users', 'not readable there')
  name('kernel', text.has('kernel-from'), 'kernel-from', 'not permitted')
  name('disks', found.disks.length > 0, 'mounts', 'not readable there')
  // The working folder's came, then one hung.
  if (isCut && found.disks.length > 0) missing.push(`other disks: ${late}`)
  return missing.slice(0, missingMax)
}
