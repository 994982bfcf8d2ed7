// Makes a case smaller while the same promise is broken: lists lose their halves, then single entries; what is left gets
// plainer. Each round starts from what the last one left, until nothing more can go or the tries are used up.
import type { SimCase } from './sim-case.ts'
import { plainerTasks, withoutTask } from './smaller-graph.ts'

export interface Shrunk {
  sim: SimCase
  tries: number
}

/** `isBroken`: the smaller case breaks the same promise. */
export async function shrink(
  sim: SimCase,
  isBroken: (smaller: SimCase) => Promise<boolean>,
  triesMax: number,
): Promise<Shrunk> {
  let tries = 0
  let best = sim
  const tryOne = async (smaller: SimCase): Promise<boolean> => {
    if (tries >= triesMax) return false
    tries += 1
    if (!(await isBroken(smaller))) return false
    best = smaller
    return true
  }
  for (let before = -1; before !== sizeOf(best) && tries < triesMax;) {
    before = sizeOf(best)
    await shrinkList(
      () => best.deeds,
      (deeds) => tryOne({ ...best, deeds }),
    )
    await shrinkList(
      () => best.kills,
      (kills) => tryOne({ ...best, kills }),
    )
    for (const name of Object.keys(best.tasks).toReversed()) {
      const smaller = withoutTask(best, name)
      if (smaller !== null) await tryOne(smaller)
    }
    await shrinkOnce(() => best, plainerTasks, tryOne)
    await shrinkOnce(() => best, plainerLife, tryOne)
  }
  return { sim: best, tries }
}

async function shrinkList<Entry>(
  get: () => readonly Entry[],
  tryOne: (smaller: Entry[]) => Promise<boolean>,
): Promise<void> {
  for (let length = Math.ceil(get().length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = get().length - length; at > -length; at -= length) {
      const from = Math.max(0, at)
      await tryOne(get().filter((_, index) => index < from || index >= from + length))
    }
  }
}

/** Each way to make it plainer once; a way that worked is followed by what it has left to do. */
async function shrinkOnce(
  get: () => SimCase,
  waysOf: (sim: SimCase) => SimCase[],
  tryOne: (smaller: SimCase) => Promise<boolean>,
): Promise<void> {
  for (let at = 0, ways = waysOf(get()); at < ways.length;) {
    const smaller = ways[at]
    if (smaller !== undefined && (await tryOne(smaller))) ways = waysOf(get())
    else at += 1
  }
}

function plainerLife(sim: SimCase): SimCase[] {
  const { limits, network, disk, deeds } = sim
  const plain: SimCase[] = []
  const add = (change: Partial<SimCase>): void => void plain.push({ ...sim, ...change })
  if (sim.retryBudget !== null) add({ retryBudget: null })
  if (sim.verdict !== 'any') add({ verdict: 'any' })
  for (const name of ['pool', 'environment', 'pipeline', 'rate'] as const)
    if (limits[name] !== null) add({ limits: { ...limits, [name]: null } })
  if (limits.slots < 4) add({ limits: { ...limits, slots: 4 } })
  if (disk.slow > 0) add({ disk: { slow: 0, slowMsMax: 0 } })
  if (network.repeats > 0) add({ network: { ...network, repeats: 0 } })
  if (network.reportMsMax > 0) add({ network: { ...network, reportMsMax: 0 } })
  if (network.orderMsMax > 1) add({ network: { ...network, orderMsMax: 1 } })
  for (const [at, deed] of deeds.entries()) {
    const put = (smaller: typeof deed): void => add({ deeds: deeds.with(at, smaller) })
    for (const afterMs of [0, 1000]) if (deed.afterMs > afterMs) put({ ...deed, afterMs })
    if (deed.do !== 'resume') continue
    const { options, fix } = deed
    if (fix !== null) put({ ...deed, fix: null })
    if (fix?.added != null) put({ ...deed, fix: { ...fix, added: null } })
    if (fix?.removed != null) put({ ...deed, fix: { ...fix, removed: null } })
    for (const one of fix?.changed ?? [])
      if (fix !== null)
        put({ ...deed, fix: { ...fix, changed: fix.changed.filter((name) => name !== one) } })
    if (options.from.length > 0) put({ ...deed, options: { ...options, from: [] } })
    if (options.only) put({ ...deed, options: { ...options, only: false } })
    if (options.upstream) put({ ...deed, options: { ...options, upstream: false } })
    if (options.forced.length > 0) put({ ...deed, options: { ...options, forced: [] } })
  }
  return plain
}

function sizeOf(sim: SimCase): number {
  return JSON.stringify(sim).length
}
