// The hosts as the engine and the screens see them, while the workspace file may change under a running engine.
// A fleet is made of the hosts it is opened with; hosts that are new or say something else get a fleet of their own,
// and from then on their name means that one. What an older fleet still reports is passed on: keys name attempts, not links.
import type { HostsPart, WorkspaceNow } from './parts.ts'
import { poolRows, type PoolLoad } from './pool-rows.ts'
import type { Cordons } from '../store/cordons.ts'
import type { Fleet, FleetRow } from '../hosts/fleet.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { TransportError } from '../hosts/transport.ts'
import { workspaceFile } from '../pipeline/load.ts'
import { fingerprintOf } from '../hosts/known-hosts.ts'
import type { Trust } from '../hosts/trust.ts'
import type { HostReport, Hosts } from '../ports/hosts.ts'
import type { Clock } from '../ports/clock.ts'
import type { Placement } from '../ports/placement.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { HostCordon, HostRow } from '../../shared/api/views.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { HostSpec, WorkspaceSpec } from '../../shared/pipeline/spec.ts'

export interface HostFleets extends Hosts, HostsPart, Omit<Placement, 'drain'> {
  /** The hosts and pools of the workspace as it is now. */
  update(workspace: FleetWorkspace): void
  /** What the engine knows; once it is there. */
  useEngine(known: EngineKnowledge): void
  /** Tells those who watch rows what the engine holds there. */
  tellLoads(): void
  /** The machine slept or its network changed: every link is looked at, at once. */
  wake(): void
  close(): void
}

/** What the workspace file says about places and limits. */
export type FleetWorkspace = Pick<WorkspaceSpec, 'hosts' | 'pools' | 'semaphores' | 'environments'>

export interface EngineKnowledge {
  load(host: string): { used: number; queued: number }
  health(host: string): HostRow['health']
  poolLoad: PoolLoad
  /** Hosts have opened or closed: work that waits may start. */
  stir(): void
}

export interface HostFleetsOptions {
  workspace: FleetWorkspace
  cordons: Cordons
  clock: Clock
  openFleet: (specs: readonly HostSpec[]) => Fleet
  trust: Trust
}

/** A remedy is a short command; a person waits for it. */
const remedyTimeoutMs = 10 * 60_000

export function openHostFleets(options: HostFleetsOptions): HostFleets {
  const reportListeners = new Set<(report: HostReport) => void>()
  const rowListeners = new Set<(host: string) => void>()
  const all: Fleet[] = []
  const fleetOf = new Map<string, Fleet>()
  /** Who has an attempt keeps it: its host's name may mean another machine by now. */
  const fleetOfKey = new Map<AttemptKey, Fleet>()
  const closing = new AbortController()
  let specByName = new Map<string, HostSpec>()
  let { pools, semaphores = [], environments } = options.workspace
  let known: EngineKnowledge | null = null

  const add = (specs: readonly HostSpec[]): void => {
    const fleet = options.openFleet(specs)
    all.push(fleet)
    for (const { name } of specs) fleetOf.set(name, fleet)
    fleet.onReport((report) => {
      if (isForgotten(report)) fleetOfKey.delete(report.key)
      for (const listener of reportListeners) listener(report)
    })
    fleet.onRow(({ name }) => {
      for (const listener of rowListeners) listener(name)
    })
  }
  // The first fleet knows what to say about a host that no workspace has.
  const fleetFor = (host: string): Fleet => fleetOf.get(host) ?? (all[0] as Fleet)
  const keeperOf = (host: string, key: AttemptKey): Fleet => {
    const fleet = fleetOfKey.get(key) ?? fleetFor(host)
    fleetOfKey.set(key, fleet)
    return fleet
  }

  add(options.workspace.hosts)
  specByName = byName(options.workspace.hosts)

  const cordonOf = (row: FleetRow): HostCordon | null => {
    const cordon = options.cordons.get(row.name)
    if (cordon === null) return null
    return cordon.kind === 'draining' && row.used === 0 ? { ...cordon, kind: 'drained' } : cordon
  }
  const rowOf = (told: FleetRow): HostRow => {
    // What was told last may be old by now: who drains a host must not hear that nothing runs there while something does.
    const { labels, slots } = specByName.get(told.name) ?? told
    const row = { ...told, labels, slots, ...known?.load(told.name) }
    return {
      ...row,
      pools: pools.filter((pool) => pool.hosts.includes(row.name)).map((pool) => pool.name),
      cordon: cordonOf(row),
      health: healthWords(known?.health(row.name) ?? { score: 1, why: '' }),
    }
  }
  const check: HostsPart['check'] = async (host) => {
    fleetFor(host).retry(host)
    return rowOf(await fleetFor(host).check(host, closing.signal))
  }

  return {
    start: (host, order) => keeperOf(host, order.key).start(host, order),
    watch: (host, order) => keeperOf(host, order.key).watch(host, order),
    cancel: (host, key, graceMs) => keeperOf(host, key).cancel(host, key, graceMs),
    release: (host, key) => keeperOf(host, key).release(host, key),
    onReport(listener) {
      reportListeners.add(listener)
      return () => void reportListeners.delete(listener)
    },
    rows: () =>
      all
        .flatMap((fleet) =>
          fleet.rows().filter(({ name }) => specByName.has(name) && fleetOf.get(name) === fleet),
        )
        .map(rowOf),
    pools: () => poolRows(pools, known?.poolLoad ?? (() => ({ used: 0, queued: 0 }))),
    async cordon(host, state, by, reason) {
      const at = options.clock.now()
      options.cordons.set(host, state === 'open' ? null : { kind: state, by, reason, at })
      known?.stir()
      for (const listener of rowListeners) listener(host)
      const row = fleetFor(host)
        .rows()
        .find(({ name }) => name === host)
      if (row === undefined) throw new AppError('not-found', `There is no host "${host}".`)
      return rowOf(row)
    },
    useEngine(knowledge) {
      known = knowledge
    },
    check,
    async trust(host, fingerprint) {
      fleetFor(host).retry(host) // an unknown name is told before anything else
      try {
        await options.trust.accept(host, fingerprint)
      } catch (error) {
        // The key was shown to another process: look at it here, then decide.
        if (!(error instanceof AppError) || error.code !== 'not-found') throw error
        const row = await check(host)
        // A script may say it twice.
        const isLinked = row.link === 'linked' || row.link === 'idle'
        if (isLinked && (await isKnown(options.trust, fingerprint))) return row
        await options.trust.accept(host, fingerprint)
      }
      return await check(host)
    },
    async openShell(host, order, size, signal) {
      try {
        const until = AbortSignal.any([signal, closing.signal])
        return await fleetFor(host).openShell(host, order, size, until)
      } catch (error) {
        throw asAppError(host, error)
      }
    },
    async sweep(host, days, isPreview) {
      try {
        return await fleetFor(host).sweep(host, { days, isPreview }, closing.signal)
      } catch (error) {
        throw asAppError(host, error)
      }
    },
    async runOnce(host, command) {
      const order = { run: command, env: {}, timeoutMs: remedyTimeoutMs }
      try {
        return await fleetFor(host).runOnce(host, order, closing.signal)
      } catch (error) {
        throw asAppError(host, error)
      }
    },
    onChange(listener) {
      rowListeners.add(listener)
      return () => void rowListeners.delete(listener)
    },
    update(workspace) {
      const specs = workspace.hosts
      const changed = specs.filter((spec) => !isSameLink(specByName.get(spec.name), spec))
      specByName = byName(specs)
      ;({ pools, semaphores = [], environments } = workspace)
      if (changed.length > 0) add(changed)
      known?.stir()
    },
    slotsOf: (host) => specByName.get(host)?.slots ?? 1,
    poolSlotsOf: (name) => pools.find((pool) => pool.name === name)?.slots ?? null,
    environmentSlotsOf: (name) => environments.find((one) => one.name === name)?.slots ?? null,
    semaphoreOf: (name) => semaphores.find((one) => one.name === name) ?? null,
    hasHost: (host) => specByName.has(host),
    closedWhy(host) {
      const cordon = options.cordons.get(host)
      if (cordon === null) return null
      const why = cordon.reason === '' ? '' : `: ${cordon.reason}`
      return `${cordon.kind} by ${cordon.by}${why}`
    },
    tellLoads() {
      if (known === null) return
      for (const host of specByName.keys()) {
        const { used, queued } = known.load(host)
        fleetFor(host).setLoad(host, used, queued)
      }
    },
    wake() {
      for (const fleet of all) fleet.wake()
    },
    close() {
      closing.abort(new AppError('link-closed', 'Sluice is closing.'))
      for (const fleet of all) fleet.close()
    },
  }
}

/** While its own file has errors, what it said before stays: a slip of the pen must not lift every limit. */
export function followWorkspace(
  fleets: HostFleets,
  now: Pick<WorkspaceNow, 'spec' | 'problems'>,
): void {
  const ofOwnFile = now.problems.filter(({ file }) => file === workspaceFile)
  if (!hasErrors(ofOwnFile)) fleets.update(now.spec)
}

function asAppError(host: string, error: unknown): unknown {
  if (!(error instanceof TransportError)) return error
  const hint = `See: sluice hosts check ${host}`
  return new AppError('host-unreachable', error.message, { hint, cause: error })
}

/** Whether Sluice's own file has the key already. */
async function isKnown(trust: Trust, fingerprint: string): Promise<boolean> {
  return (await trust.ownLines()).some(({ key }) => fingerprintOf(key) === fingerprint)
}

// The engine keeps the end of the attempt, which alone reads as if it were the host's.
function healthWords({ score, why }: HostRow['health']): HostRow['health'] {
  return { score, why: why === '' ? '' : `an attempt on it went wrong: ${why}` }
}

function byName(specs: readonly HostSpec[]): Map<string, HostSpec> {
  return new Map(specs.map((spec) => [spec.name, spec]))
}

// Another link is wanted only where it leads elsewhere, or does otherwise.
function isSameLink(a: HostSpec | undefined, b: HostSpec): boolean {
  const linkOf = (spec: HostSpec): string => JSON.stringify({ ...spec, labels: [], slots: 0 })
  return a !== undefined && linkOf(a) === linkOf(b)
}

/** No more orders about it will come. */
function isForgotten(report: HostReport): report is HostReport & { key: AttemptKey } {
  if (report.kind !== 'ended') return report.kind === 'released'
  return report.end.outcome === 'not_started' && report.end.cause !== 'host_refused'
}
