// Whether the bytes here are those at the host. Small logs by sha256, many in one request. Large ones, and what is kept of
// one with a limit, by the fastest way that both ends have: a GMAC under a key that is chosen after the log was written
// finds a difference as surely as a hash does, and takes a tenth of its time. Here it is made while the bytes come, under a
// key that is chosen ahead and told to the host at the end.
import type { Dice } from '../ports/dice.ts'
import type { DigestWay, LogClosing, LogStore } from '../ports/logs.ts'
import type { Channel } from './channel.ts'
import type { LogFlow } from './log-flow.ts'

export type Found = Pick<LogClosing, 'sha256' | 'verified'>

export interface LogCheck {
  /** Their sizes at the host are known: lets the store begin with what will be long. */
  prepare(flows: readonly LogFlow[]): void
  /** Lets the host begin with what takes long, while bytes are still on their way. */
  begin(main: Channel, flows: readonly LogFlow[]): void
  /** The bytes are here. `differs`: the host's are others. Without a digest of the host nothing is said. */
  end(main: Channel, flows: readonly LogFlow[]): Promise<Map<LogFlow, Found | 'differs'>>
  /** What was begun for a log that is not wanted any more; for all: over a channel that is gone. */
  forget(flow?: LogFlow): void
}

interface HostDigest {
  way: DigestWay
  hex: string
}

/** A smaller one is done before the difference could be felt. */
const bigBytes = 64 * 1024 * 1024
/** From here on it may become a big one. */
const aheadBytes = 16 * 1024 * 1024
/** Each is a process that reads a large file. */
const begunMax = 4
const keysPerLine = 40
const nothing: Found = { sha256: null, verified: null }

export function openLogCheck(logs: LogStore, dice: Dice): LogCheck {
  const begun = new Map<LogFlow, Promise<HostDigest | null>>()
  /** null: it was told to the host. */
  const aheadByFlow = new WeakMap<LogFlow, DigestWay | null>()
  const newMac = (): DigestWay => `gmac:${Buffer.from(dice.tail(16)).toString('hex')}`
  const isWhole = (flow: LogFlow): boolean =>
    flow.halves === null || flow.hostBytes <= flow.halves.headBytes + flow.halves.tailBytes
  const isSimple = (flow: LogFlow): boolean => flow.hostBytes < bigBytes && isWhole(flow)

  const askDigest = async (
    main: Channel,
    flow: LogFlow,
    range: { from: number; to: number } | null,
  ): Promise<HostDigest | null> => {
    const ahead = range === null ? aheadByFlow.get(flow) : undefined
    const gmac = ahead ?? newMac()
    if (ahead !== undefined) aheadByFlow.set(flow, null)
    const place = range === null ? '0 -' : `${range.from} ${range.to - range.from}`
    const { parts } = await main.ask(`digest ${flow.key} ${gmac},blake2b512,sha256 ${place}`)
    const [, name = '', hex = ''] = parts[0] ?? []
    const way = ([gmac, 'blake2b512', 'sha256'] as const).find((one) => one.split(':')[0] === name)
    return way === undefined ? null : { way, hex: hex.toLowerCase() }
  }

  const whole = (main: Channel, flow: LogFlow): Promise<HostDigest | null> => {
    const known = begun.get(flow)
    if (known !== undefined) return known
    const asked = askDigest(main, flow, null)
    asked.catch(() => undefined)
    begun.set(flow, asked)
    return asked
  }

  const compare = async (flow: LogFlow, host: HostDigest, from: number, to: number) =>
    (await logs.digest(flow.key, host.way, from, to)) === host.hex

  const endWhole = async (main: Channel, flow: LogFlow): Promise<Found | 'differs'> => {
    const host = await whole(main, flow)
    begun.delete(flow)
    if (host === null) return nothing
    if (!(await compare(flow, host, 0, flow.hostBytes))) return 'differs'
    return { sha256: host.way === 'sha256' ? host.hex : null, verified: nameOf(host.way) }
  }

  // What is kept is compared piece by piece; what is missing is missing.
  const endParts = async (main: Channel, flow: LogFlow): Promise<Found | 'differs'> => {
    let found = nothing
    for (const range of keptOf(flow, logs)) {
      const host = await askDigest(main, flow, range)
      if (host === null) return nothing
      if (!(await compare(flow, host, range.from, range.to))) return 'differs'
      found = { sha256: null, verified: nameOf(host.way) }
    }
    return found
  }

  const endSimple = async (
    main: Channel,
    flows: readonly LogFlow[],
    found: Map<LogFlow, Found | 'differs'>,
  ): Promise<void> => {
    for (let at = 0; at < flows.length; at += keysPerLine) {
      const some = flows.slice(at, at + keysPerLine)
      const { parts } = await main.ask(`hash ${some.map((flow) => flow.key).join(' ')}`)
      const hexByKey = new Map(parts.map((words) => [words[0], words[1]]))
      for (const flow of some) {
        const hex = hexByKey.get(flow.key)
        if (hex === undefined) continue
        const isSame = (await logs.hash(flow.key)) === hex
        found.set(flow, isSame ? { sha256: hex, verified: 'sha256' } : 'differs')
      }
    }
  }

  return {
    prepare(flows) {
      for (const flow of flows) {
        const isBig = flow.hostBytes >= aheadBytes && isWhole(flow) && !flow.isBroken
        if (!isBig || aheadByFlow.has(flow)) continue
        const way = newMac()
        aheadByFlow.set(flow, way)
        logs.digestAhead(flow.key, way)
      }
    },
    begin(main, flows) {
      if (!main.hello.canHash) return
      for (const flow of flows) {
        if (begun.size >= begunMax) return
        if (isWhole(flow) && !flow.isBroken && flow.isSized && !isSimple(flow))
          void whole(main, flow)
      }
    },
    async end(main, flows) {
      const found = new Map<LogFlow, Found | 'differs'>()
      if (!main.hello.canHash) return found
      const able = flows.filter((flow) => !flow.isBroken && flow.hostBytes > 0)
      const simple = able.filter(isSimple)
      await endSimple(main, simple, found)
      for (const flow of able) {
        if (simple.includes(flow)) continue
        found.set(flow, await (isWhole(flow) ? endWhole : endParts)(main, flow))
      }
      return found
    },
    forget(flow) {
      if (flow === undefined) return begun.clear()
      begun.delete(flow)
      aheadByFlow.delete(flow)
    },
  }
}

function nameOf(way: DigestWay): Found['verified'] {
  return way === 'sha256' || way === 'blake2b512' ? way : 'gmac'
}

function keptOf(flow: LogFlow, logs: LogStore): { from: number; to: number }[] {
  const kept: { from: number; to: number }[] = []
  let from = 0
  for (const { offset, bytes } of logs.gaps(flow.key)) {
    if (offset > from) kept.push({ from, to: offset })
    from = offset + (bytes ?? 0)
  }
  if (flow.offset > from) kept.push({ from, to: flow.offset })
  return kept
}
