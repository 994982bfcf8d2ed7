// An engine on a real SQLite file with nothing around it.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Engine } from '../../electron/engine/engine.ts'
import { openEngine } from '../../electron/engine/loop.ts'
import { openEvaluator } from '../../electron/pipeline/late-expressions.ts'
import { openStore } from '../../electron/store/open.ts'
import type { Store } from '../../electron/store/open.ts'
import { makeRunStore } from '../../electron/store/run-store.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { seededDice } from '../helpers/world.ts'
import type { InstantHosts } from './instant-hosts.ts'
import { openPlacement } from '../helpers/open-placement.ts'

export function openBare(file: string, hosts: InstantHosts): { engine: Engine; store: Store } {
  const store = openStore(file)
  const engine = openEngine({
    store: makeRunStore(store),
    hosts,
    clock: systemClock,
    dice: seededDice(1),
    evaluator: openEvaluator(),
    judgement: { matching: () => null, causeOf: () => 'unknown' },
    placement: openPlacement(1000),
    onFatal: (error) => {
      throw error
    },
  })
  return { engine, store }
}

export function endOf(engine: Engine, run: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = engine.onEvents((events) => {
      for (const event of events) {
        if (event.run !== run || event.kind !== 'run.ended') continue
        stop()
        if (event.state === 'succeeded') resolve()
        else reject(new Error(`The run ended ${event.state}`))
      }
    })
  })
}

/** After a collection. */
export function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
