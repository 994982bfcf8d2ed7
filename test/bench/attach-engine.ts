// An engine in a process of its own, to be killed: `attach-engine.ts HOME SPECS start|attach`. Starts a run of tasks that
// wait for a pipe, or goes on with it after a kill. Says `live COUNT` as attempts answer, and `ended STATE` at the end.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { openBlobFiles } from '../../electron/artifacts/blob-files.ts'
import { openEngine } from '../../electron/engine/loop.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { openFleet } from '../../electron/hosts/fleet.ts'
import { openSshConfig } from '../../electron/hosts/ssh-config.ts'
import { sshTransport } from '../../electron/hosts/ssh-transport.ts'
import { openTrust } from '../../electron/hosts/trust.ts'
import { openLogFiles } from '../../electron/logs/log-files.ts'
import { openStore } from '../../electron/store/open.ts'
import { makeRunStore } from '../../electron/store/run-store.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { systemDice } from '../../electron/system/dice.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import type { RunPlan } from '../../shared/run/plan.ts'
import { openPlacement } from '../helpers/open-placement.ts'

export interface AttachSpecs {
  hosts: HostSpec[]
  knownHostsFile: string
  plan: RunPlan
}

const [, , home = '', file = '', mode = ''] = process.argv
const specs = JSON.parse(readFileSync(file, 'utf8')) as AttachSpecs
const clock = systemClock
if (!existsSync(home)) mkdirSync(home)
const config = openSshConfig({ env: process.env, clock })
const trust = openTrust(specs.knownHostsFile)
const store = openStore(join(home, 'sluice.db'))
const fleet = openFleet({
  hosts: specs.hosts,
  transportOf: (spec) => sshTransport(spec, { config, trust, clock }),
  logs: openLogFiles(join(home, 'logs'), clock),
  blobs: openBlobFiles(join(home, 'blobs')),
  clock,
  dice: systemDice,
  client: 'bench',
  onError: (error) => console.error(error),
})
const engine = openEngine({
  store: makeRunStore(store),
  hosts: fleet,
  clock,
  dice: systemDice,
  evaluator: openEvaluator(),
  judgement: { matching: () => null, causeOf: () => 'unknown' },
  placement: openPlacement(specs.plan.tasks.length),
  onFatal: (error) => console.error(error),
})
// As the `sluice` command does when its engine is open.
flushCompileCache()
const live = new Set<string>()
fleet.onReport((report) => {
  if (report.kind !== 'started' || live.has(report.key)) return
  live.add(report.key)
  // A line for each would be what is measured.
  if (live.size === specs.plan.tasks.length) console.log(`live ${live.size}`)
})
engine.onEvents((events) => {
  for (const event of events) {
    if (event.kind === 'run.ended')
      void engine.whenReleased().then(() => console.log(`ended ${event.state}`))
  }
})
if (mode === 'start') engine.start({ plan: specs.plan, cause: { kind: 'person', by: 'bench' } })
else engine.recover()
