// A fleet of one host for a test: real agent, real log and blob files, every report kept.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openFleet, type Fleet } from '../../electron/hosts/fleet.ts'
import { openKnownFolders } from '../../electron/hosts/known-folders.ts'
import type { Connection, Transport } from '../../electron/hosts/transport.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import type { HostReport, StartOrder } from '../../electron/ports/hosts.ts'
import type { BlobStore, LogStore } from '../../electron/ports/logs.ts'
import type { Secrets } from '../../electron/ports/secrets.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { AttemptEnd } from '../../shared/run/events.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'

export interface HostKit {
  fleet: Fleet
  logs: LogStore
  blobs: BlobStore
  /** Of this fleet and those before it, in order. */
  reports: HostReport[]
  errors: unknown[]
  /** Resolves with the first report, past or to come, that fits. */
  report<Kind extends HostReport['kind']>(
    kind: Kind,
    key?: AttemptKey,
  ): Promise<Extract<HostReport, { kind: Kind }>>
  /** From now on only: forgets what was reported. */
  forget(): void
  /** Starts and waits for the end and the closed log. */
  run(order: StartOrder): Promise<{ end: AttemptEnd; log: Buffer; sha256: string | null }>
  start(order: StartOrder): void
  wholeLog(key: AttemptKey): Promise<Buffer>
  link: CuttableLink
  /** As after a crash: another fleet on the same stores. */
  reopen(): void
  close(): Promise<void>
}

export interface CuttableLink {
  connects: number
  /** Every connection ends now; new ones are made. */
  cut(): void
  /** New connections are refused as long as it is set. */
  refuse: Error | null
}

export const hostName = 'h'

/** One secret is there, in a variable of its own name. */
function secretOf(name = ''): Awaited<ReturnType<Secrets['read']>> {
  return name === 'TOKEN' ? { ok: true, value: `it's $(me)` } : { ok: false, why: 'nobody has it' }
}

export async function openHostKit(options: {
  transport: Transport
  /** Folder on the host. */
  folder: string | null
  /** Another home's name: agents of one name end each other. */
  client?: string
  keepFailedDays?: number
  /** Its own name for the host. */
  name?: string
}): Promise<HostKit> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-kit-'))
  const logs = openLogFiles(join(dir, 'logs'), systemClock)
  const blobs = openBlobFiles(join(dir, 'blobs'))
  const { transport, link } = cuttable(options.transport)
  const reports: HostReport[] = []
  const errors: unknown[] = []
  const waiters = new Set<() => void>()
  const spec: HostSpec = {
    name: options.name ?? hostName,
    kind: 'local',
    ssh: null,
    address: null,
    port: null,
    user: null,
    key: null,
    labels: [],
    slots: 100,
    folder: options.folder,
    ...(options.keepFailedDays === undefined ? {} : { keepFailedDays: options.keepFailedDays }),
  }
  const open = (): Fleet => {
    const fleet = openFleet({
      hosts: [spec],
      transportOf: () => transport,
      logs,
      blobs,
      clock: systemClock,
      dice: systemDice,
      client: options.client ?? 'kit',
      secrets: { read: async ({ env }) => secretOf(env) },
      knownFolders: openKnownFolders(join(dir, 'host-folders.json')),
      onError: (error) => errors.push(error),
    })
    fleet.onReport((report) => {
      reports.push(report)
      for (const wake of waiters) wake()
    })
    return fleet
  }
  const kit: HostKit = {
    fleet: open(),
    logs,
    blobs,
    reports,
    errors,
    report(kind, key) {
      type Wanted = Extract<HostReport, { kind: typeof kind }>
      const find = (): Wanted | undefined =>
        reports.find(
          (one): one is Wanted =>
            one.kind === kind && (key === undefined || ('key' in one && one.key === key)),
        )
      return new Promise((resolve) => {
        const look = (): void => {
          const found = find()
          if (found === undefined) return
          waiters.delete(look)
          resolve(found)
        }
        waiters.add(look)
        look()
      })
    },
    forget: () => void (reports.length = 0),
    start: (order) => kit.fleet.start(spec.name, order),
    async run(order) {
      kit.start(order)
      const { end } = await kit.report('ended', order.key)
      const { sha256 } = await kit.report('log_closed', order.key)
      return { end, sha256, log: await kit.wholeLog(order.key) }
    },
    async wholeLog(key) {
      return Buffer.from(await logs.read(key, 0, await logs.size(key)))
    },
    link,
    reopen() {
      kit.fleet.close()
      reports.length = 0
      kit.fleet = open()
    },
    async close() {
      kit.fleet.close()
      await logs.closeFiles()
      await rm(dir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
  return kit
}

let orders = 0
/** Of this process alone: an agent finds processes by their key, over all that runs on a machine. */
const ownRun = `20260101-000000-${systemDice.tail(8)}`

export function order(run: string, more: Partial<StartOrder> = {}): StartOrder {
  const key = `${ownRun}.task.x.${++orders}` as AttemptKey
  return {
    key,
    run,
    env: {},
    timeoutMs: null,
    graceMs: 2000,
    leaseMs: null,
    logLimitBytes: null,
    files: [],
    outputs: {},
    ...more,
  }
}

function cuttable(inner: Transport): { transport: Transport; link: CuttableLink } {
  const open = new Set<Connection>()
  const link: CuttableLink = {
    connects: 0,
    refuse: null,
    cut() {
      for (const connection of open) connection.close()
      open.clear()
    },
  }
  const transport: Transport = {
    get address() {
      return inner.address
    },
    async connect(signal) {
      if (link.refuse !== null) throw link.refuse
      const connection = await inner.connect(signal)
      link.connects++
      open.add(connection)
      connection.onClose(() => open.delete(connection))
      return connection
    },
  }
  return { transport, link }
}
