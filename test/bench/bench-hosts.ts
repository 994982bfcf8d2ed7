// The whole engine over real sshd on loopback, with everything that a user's run has: store, logs, blobs, trust.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import type { Engine } from '../../electron/engine/engine.ts'
import { openEngine } from '../../electron/engine/loop.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { openFleet } from '../../electron/hosts/fleet.ts'
import type { Fleet } from '../../electron/hosts/fleet.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import type { Transport } from '../../electron/hosts/transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import type { LogFiles } from '../../electron/logs/log-files.ts'
import type { Hosts } from '../../electron/ports/hosts.ts'
import { openStore } from '../../electron/store/open.ts'
import { makeRunStore } from '../../electron/store/run-store.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import { soon } from '../../electron/system/soon.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunId } from '../../shared/run/ids.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { skipReason, startSshd } from '../helpers/sshd.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { openPlacement } from '../helpers/open-placement.ts'

export interface BenchHosts {
  servers: readonly TestSshd[]
  engine: Engine
  fleet: Fleet
  logs: LogFiles
  transportOf(server: TestSshd): Transport
  /** Resolves with its events when the run has ended; rejects when it did not succeed. */
  run(plan: RunPlan): Promise<{ run: RunId; events: readonly RunEvent[] }>
  close(): Promise<void>
}

export interface BenchHostsOptions {
  dir: string
  names: readonly string[]
  slots: number
  /** Called as the engine's decision goes out to a host. */
  onStart?: () => void
}

export async function openBenchHosts(options: BenchHostsOptions): Promise<BenchHosts> {
  if (skipReason !== null) throw new Error(skipReason)
  const { dir, names, slots } = options
  const servers: TestSshd[] = []
  for (const name of names) servers.push(await startSshd({ dir, name }))
  const home = join(dir, 'sluice-home')
  mkdirSync(home)
  const config = openSshConfig({ env: process.env, clock: systemClock })
  const trust = openTrust(servers[0]?.knownHostsFile ?? '')
  const transportOf = (spec: HostSpec): Transport =>
    sshTransport(spec, { config, trust, clock: systemClock })
  const logs = openLogFiles(join(home, 'logs'), systemClock)
  const fleet = openFleet({
    hosts: servers.map((server) => ({ ...server.spec, slots })),
    transportOf,
    logs,
    blobs: openBlobFiles(join(home, 'blobs')),
    clock: systemClock,
    dice: systemDice,
    onError: (error) => console.error(error),
  })
  const store = openStore(join(home, 'sluice.db'))
  const hosts: Hosts = {
    ...fleet,
    start(host, order) {
      options.onStart?.()
      fleet.start(host, order)
    },
  }
  const engine = openEngine({
    store: makeRunStore(store),
    hosts,
    clock: systemClock,
    dice: systemDice,
    evaluator: openEvaluator(),
    judgement: { matching: () => null, causeOf: () => 'unknown' },
    placement: openPlacement(slots),
    soon,
    onFatal: (error) => console.error(error),
  })
  for (const name of names) await fleet.check(name, AbortSignal.timeout(30_000))
  return {
    servers,
    engine,
    fleet,
    logs,
    transportOf: (server) => transportOf(server.spec),
    run: (plan) => runToEnd(engine, plan),
    async close() {
      engine.close()
      fleet.close()
      await logs.closeFiles()
      store.close()
      for (const server of servers) await server.stop()
    },
  }
}

function runToEnd(
  engine: Engine,
  plan: RunPlan,
): Promise<{ run: RunId; events: readonly RunEvent[] }> {
  const seen: RunEvent[] = []
  return new Promise((resolve, reject) => {
    const stop = engine.onEvents((events) => {
      for (const event of events) {
        seen.push(event)
        if (event.kind !== 'run.ended') continue
        stop()
        if (event.state === 'succeeded') resolve({ run: event.run, events: seen })
        else reject(new Error(`The run ended ${event.state}: ${JSON.stringify(badEnds(seen))}`))
      }
    })
    engine.start({ plan, cause: { kind: 'person', by: 'bench' } })
  })
}

/** What a run that did not succeed should be asked about. */
function badEnds(events: readonly RunEvent[]): RunEvent[] {
  return events
    .filter(
      (event) =>
        (event.kind === 'task.ended' && event.state !== 'succeeded') ||
        (event.kind === 'attempt.ended' &&
          (event.end.outcome !== 'exited' || event.end.exit !== 0)),
    )
    .slice(0, 5)
}
