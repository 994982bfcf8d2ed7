// All hosts of a workspace behind one face: the engine's `Hosts` port, and the rows of the Hosts page.
import { createHash } from 'node:crypto'
import type { Clock } from '../ports/clock.ts'
import type { Dice } from '../ports/dice.ts'
import type { HostReport, Hosts, StartOrder } from '../ports/hosts.ts'
import type { BlobStore, LogStore } from '../ports/logs.ts'
import { noSecrets, type Secrets } from '../ports/secrets.ts'
import type { TerminalSize } from '../ports/terminal.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { HostRow, HostSweep } from '../../shared/api/views.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { nothingRan } from './attempt-record.ts'
import { openConnectBudget, type ConnectBudget } from './connect-budget.ts'
import { Host, type SweepWish } from './host.ts'
import type { OpenedShell } from './shell-desk.ts'
import type { KnownFolders } from './known-folders.ts'
import type { Transport } from './transport.ts'
import { watchForSleep } from './wake-watch.ts'

export interface FleetOptions {
  hosts: readonly HostSpec[]
  transportOf: (spec: HostSpec) => Transport
  logs: LogStore
  blobs: BlobStore
  clock: Clock
  dice: Dice
  /** `[0-9a-z]`, the same over restarts of one home, so that a host can end what an earlier process left connected. */
  client?: string
  /** Shared with other fleets of this process. */
  budget?: ConnectBudget
  /** Without it: no order may name any. */
  secrets?: Secrets
  /** Which folders of the hosts orders may have gone to, over restarts; null: nobody remembers. */
  knownFolders?: KnownFolders | null
  /** What the fleet cannot report as an end: a full local disk, a bug. */
  onError?: (error: unknown) => void
}

export interface OnceOrder {
  run: string
  env: Readonly<Record<string, string>>
  timeoutMs: number | null
}

/** What the fleet knows of a host; pools, cordons and health are the business of those above. */
export type FleetRow = Omit<HostRow, 'pools' | 'cordon' | 'health'>

export interface Fleet extends Hosts {
  rows(): FleetRow[]
  onRow(listener: (row: FleetRow) => void): () => void
  /** Connects if need be and asks for a sign of life. Resolves also when the host is down: the row says why. */
  check(name: string, signal: AbortSignal): Promise<FleetRow>
  /** Forgets a refusal: a person has trusted the key or mended the account. */
  retry(name: string): void
  /** Removes what a lost Sluice left there, or names it. Rejects with a TransportError, or the signal's reason. */
  sweep(name: string, wish: SweepWish, signal: AbortSignal): Promise<HostSweep>
  /** The machine slept or its network changed: every link is looked at, at once. A sleep is noticed without being told. */
  wake(): void
  /** A command outside any run. `exit` is null when it had none. Output: the last 64 KB. */
  runOnce(
    host: string,
    order: OnceOrder,
    signal: AbortSignal,
  ): Promise<{ exit: number | null; output: string }>
  /** A debug shell where the attempt of `order` ran. Rejects with a TransportError, or the signal's reason. */
  openShell(
    host: string,
    order: StartOrder,
    size: TerminalSize,
    signal: AbortSignal,
  ): Promise<OpenedShell>
  /** What the engine knows about a host's slots; for the rows. */
  setLoad(host: string, used: number, queued: number): void
  /** Attempts go on at the hosts. */
  close(): void
}

interface Member {
  spec: HostSpec
  transport: Transport
  host: Host
  used: number
  queued: number
}

const checkLimitMs = 45_000
const onceGraceMs = 5000

export function openFleet(options: FleetOptions): Fleet {
  const { clock, dice, logs, blobs } = options
  const reportListeners = new Set<(report: HostReport) => void>()
  const rowListeners = new Set<(row: FleetRow) => void>()
  const members = new Map<string, Member>()
  const client = options.client ?? dice.tail(12)
  const onError = options.onError ?? (() => undefined)
  const budget = options.budget ?? openConnectBudget({ clock, dice })
  const secrets = options.secrets ?? noSecrets

  const report = (one: HostReport): void => {
    for (const listener of reportListeners) listener(one)
  }
  const rowOf = ({ spec, transport, host, used, queued }: Member): FleetRow => {
    const { state, ...link } = host.link()
    const { name, kind, labels, slots } = spec
    const { address } = transport
    return {
      name,
      kind,
      address,
      labels,
      slots,
      used,
      queued,
      link: state,
      ...link,
      transfers: host.transfers(),
    }
  }
  const publish = (member: Member): void => {
    const row = rowOf(member)
    for (const listener of rowListeners) listener(row)
  }
  for (const spec of options.hosts) {
    const transport = options.transportOf(spec)
    const host = new Host({
      spec,
      transport,
      logs,
      blobs,
      clock,
      dice,
      client: clientAt(client, spec),
      budget,
      secrets,
      knownFolders: options.knownFolders ?? null,
      onError,
      onReport: report,
      onLink: () => {
        const member = members.get(spec.name)
        if (member !== undefined) publish(member)
      },
    })
    members.set(spec.name, { spec, transport, host, used: 0, queued: 0 })
  }

  const need = (name: string): Member => {
    const member = members.get(name)
    if (member !== undefined) return member
    throw new AppError('not-found', `There is no host "${name}" in this workspace.`, {
      hint: 'Look at the hosts in sluice.yaml.',
    })
  }
  // An order for a host that the workspace has lost since: the engine must hear an end, not an exception.
  const strange = (name: string, key: AttemptKey): void => {
    const message = `There is no host "${name}" in this workspace.`
    const end = { ...nothingRan, endedAt: clock.now(), message }
    queueMicrotask(() =>
      report({
        kind: 'ended',
        host: name,
        key,
        end: { ...end, outcome: 'not_started', cause: 'host_unreachable' },
      }),
    )
  }

  const wake = (): void => {
    for (const { host } of members.values()) host.wake()
  }
  const stopSleepWatch = watchForSleep(clock, wake)

  return {
    start(name, order) {
      const member = members.get(name)
      if (member === undefined) strange(name, order.key)
      else member.host.start(order)
    },
    watch(name, order) {
      const member = members.get(name)
      // The attempt may well run on a host that was only renamed: nobody here can know.
      const why = `There is no host "${name}" in this workspace.`
      if (member === undefined) queueMicrotask(() => report({ kind: 'unlinked', host: name, why }))
      else member.host.watch(order)
    },
    cancel(name, key, graceMs) {
      members.get(name)?.host.cancel(key, graceMs)
    },
    release(name, key) {
      members.get(name)?.host.release(key)
    },
    onReport(listener) {
      reportListeners.add(listener)
      return () => void reportListeners.delete(listener)
    },
    rows: () => [...members.values()].map(rowOf),
    onRow(listener) {
      rowListeners.add(listener)
      return () => void rowListeners.delete(listener)
    },
    async check(name, signal) {
      const member = need(name)
      const limit = new AbortController()
      const stop = clock.after(checkLimitMs, () => limit.abort(new Error('It did not answer.')))
      try {
        const either = AbortSignal.any([signal, limit.signal])
        await member.host.ping(either)
        await member.host.look(either)
      } catch (error) {
        signal.throwIfAborted()
        if (member.host.link().state === 'linked') throw error
      } finally {
        stop()
      }
      return rowOf(member)
    },
    sweep: async (name, wish, signal) => await need(name).host.sweep(wish, signal),
    retry(name) {
      need(name).host.retry()
    },
    async runOnce(name, order, signal) {
      const key = `once.${dice.tail(16)}.0` as AttemptKey
      return await need(name).host.runOnce(
        {
          key,
          ...order,
          graceMs: onceGraceMs,
          leaseMs: null,
          logLimitBytes: null,
          files: [],
          outputs: {},
        },
        signal,
      )
    },
    openShell: async (name, order, size, signal) =>
      await need(name).host.openShell(order, size, signal),
    setLoad(name, used, queued) {
      const member = members.get(name)
      if (member === undefined || (member.used === used && member.queued === queued)) return
      member.used = used
      member.queued = queued
      publish(member)
    },
    wake,
    close() {
      stopSleepWatch()
      for (const { host } of members.values()) host.close()
      reportListeners.clear()
      rowListeners.clear()
    },
  }
}

// Two names of one machine, or two ways to it, are two clients there: neither ends the other's agents, nor renews the
// other's leases.
function clientAt(client: string, { name, ssh, address, port, user, folder }: HostSpec): string {
  const words = JSON.stringify([client, name, ssh, address, port, user, folder])
  return createHash('sha256').update(words).digest('hex').slice(0, 12)
}
