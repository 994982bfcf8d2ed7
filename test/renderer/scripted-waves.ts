// Runs that failed alike and the wave that recovers them, for tests and for looking at the screens.
import { AppError } from '../../shared/api/app-error.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import type {
  Failure,
  Incident,
  IncidentList,
  Wave,
  WaveHead,
  WavePlan,
  WavePlanRun,
  WaveRun,
  WaveWatch,
} from '../../shared/run/wave.ts'
import type { Answers } from './scripted-api.ts'
import type { Feeds } from './scripted-feeds.ts'
import type { ScriptedRun } from './scripted-run.ts'
import type { World } from './scripted-world.ts'

const words = 'cat: /mnt/share/rates/#.csv: No such file or directory'
const signature = 'missing_input_file-3fc13633fe'
const id = '20260112-061500-3a98c09e'

/** `find`: by a reference. */
export function waveAnswers(
  world: World,
  feeds: Feeds,
  find: (ref: string) => ScriptedRun,
): Answers {
  let wave: Wave | null = null
  const change = (state: Wave['state'], why: string, next: (one: WaveRun) => WaveRun): void => {
    if (wave === null) return
    const runs = wave.runs.map(next)
    const changed = runs.filter((one, at) => one !== wave?.runs[at])
    const counts: Record<string, number> = {}
    for (const one of runs) counts[one.state] = (counts[one.state] ?? 0) + 1
    const head = headOf({ ...wave, state, why, counts })
    wave = { ...head, runs }
    feeds.tell('waves', { kind: 'change', head, runs: changed } satisfies WaveWatch)
  }
  return {
    'incident.of'({ run }) {
      const runs = failuresOf(world, find(run))
      const incident = incidentOf(runs)[0] ?? null
      return { incident, unexplained: 0, wave: wave === null ? null : id }
    },
    'incident.list': () => incidentsOf(world),
    'wave.list': () => (wave === null ? [] : [headOf(wave)]),
    'wave.plan': (input) => planOf(failuresOf(world, find(input.like ?? 'latest')), input),
    'wave.start'({ planId, ...input }) {
      const plan = planOf(failuresOf(world, find(input.like ?? 'latest')), input)
      if (plan.planId !== planId) throw new AppError('conflict', 'The plan is another by now.')
      wave = waveOf(plan, input.reason)
      change('canary', '', (one) => (one.batch === 0 ? { ...one, state: 'going' } : one))
      return { wave: id }
    },
    'wave.stop'() {
      change('cancelled', 'mara stopped it', (one) =>
        one.state === 'waiting'
          ? { ...one, state: 'skipped', why: 'a person stopped the wave' }
          : one,
      )
      return { wave: id }
    },
    async *'wave.watch'(_input, signal) {
      // Drawn without a start, it stands in its midst.
      wave ??= inItsMidst(
        waveOf(
          planOf(failuresOf(world, find('f41lq7zx')), { canary: 1, batch: 5 }),
          'The share is mounted again',
        ),
      )
      yield* feeds.open<WaveWatch>('waves', signal, [{ kind: 'snapshot', wave }])
    },
  }
}

function headOf({ runs: _runs, ...head }: Wave): WaveHead {
  return head
}

const classes = ['oom_kill', 'disk_full', 'schema_drift', 'dns_failure', 'unknown'] as const

/** What `incident.of` tells of, and `world.incidents` others. */
function incidentsOf(world: World): IncidentList {
  const first = world.runs.findLast(({ view }) => view.state === 'failed')
  const failures = first === undefined ? [] : failuresOf(world, first)
  const others = Array.from({ length: world.incidents }, (_, index): Incident[] => {
    const one = failures[0]
    const cause = classes[index % classes.length] ?? 'unknown'
    if (one === undefined) return []
    const own = `${cause}-${String(index).padStart(10, '0')}`
    const runs = failures.slice(0, 1 + (index % 7)).map((each, at) => ({
      ...each,
      run: runIdAt(each.failedAt - index * 60_000, `o${String(index * 7 + at).padStart(7, '0')}`),
      failedAt: each.failedAt - index * 60_000,
      pipeline: `store_${String(index).padStart(5, '0')}_of_a_rather_long_name`,
      class: cause,
      signature: own,
      words: `table stage_${index} of warehouse # has no column "customer_id_of_the_loyalty_programme"`,
    }))
    return incidentOf(runs)
  })
  const incidents = [...incidentOf(failures), ...others.flat()]
  const unlike = failures.slice(0, world.incidents > 0 ? 3 : 0)
  return { incidents, unlike, unexplained: 0, older: 0, since: 0 }
}

function incidentOf(runs: readonly Failure[]): Incident[] {
  const [last] = runs
  if (last?.signature == null) return []
  const { signature: own, class: cause, words: said, failedAt } = last
  const firstAt = runs.at(-1)?.failedAt ?? failedAt
  return [{ signature: own, class: cause, words: said, firstAt, lastAt: failedAt, runs }]
}

function failuresOf(world: World, first: ScriptedRun): Failure[] {
  const at = first.view.endedAt ?? first.view.createdAt
  return Array.from({ length: world.alike }, (_, index) => ({
    run:
      index === 0
        ? first.view.run
        : runIdAt(at - index * 900_000, `al1k${String(index).padStart(4, '0')}`),
    pipeline: index % 3 === 2 ? 'sensor_rollup' : 'orders',
    environment: 'dev',
    task: index % 3 === 2 ? 'read_rates' : 'land_prices',
    host: 'edge',
    failedAt: at - index * 900_000,
    signature,
    class: 'missing_input_file',
    words,
  }))
}

function planOf(
  failures: readonly Failure[],
  { canary, batch, first = [] }: { canary: number; batch: number; first?: readonly string[] },
): WavePlan {
  if (failures.length === 0) throw new AppError('not-found', 'No other run failed like this one.')
  let turn = 0
  const heads = first.flatMap((run) => failures.filter((one) => one.run === run))
  const inOrder = [...heads, ...failures.filter((one) => !heads.includes(one))]
  const runs = inOrder.map((one): WavePlanRun => {
    const index = failures.indexOf(one)
    if (index % 7 === 5) {
      const why = `Nothing of run ${one.run} may run again: publish is irreversible and its outcome is not known.`
      return { ...one, batch: null, planId: '', counts: {}, refusals: [], why }
    }
    const at = turn++
    const refusals = index % 7 === 3 ? [{ task: 'publish', reason: 'is irreversible' }] : []
    const counts = { run: 6, reuse: 5, ...(refusals.length > 0 && { refuse: 1 }) }
    return {
      ...one,
      batch: at < canary ? 0 : 1 + Math.floor((at - canary) / batch),
      planId: `plan${index}`,
      counts,
      refusals,
      why: '',
    }
  })
  const sizes = { canary, batch, otherMax: 1 }
  const planId = `${canary} ${batch} ${runs.length}`
  return {
    signature,
    class: 'missing_input_file',
    words,
    sizes,
    version: 'pinned',
    runs,
    unexplained: 0,
    planId,
  }
}

function waveOf(plan: WavePlan, reason: string): Wave {
  const runs = plan.runs.flatMap(({ run, pipeline, environment, task, host, batch }): WaveRun[] =>
    batch === null
      ? []
      : [{ run, pipeline, environment, task, host, batch, state: 'waiting', why: '' }],
  )
  const { sizes, version, planId } = plan
  return {
    wave: id,
    signature,
    class: plan.class,
    words,
    sizes,
    version,
    state: 'canary',
    why: '',
    by: 'mara',
    reason,
    planId,
    createdAt: Date.now() - 240_000,
    endedAt: null,
    counts: { waiting: runs.length },
    runs,
  }
}

function inItsMidst(wave: Wave): Wave {
  const runs = wave.runs.map((one, at): WaveRun => {
    if (at < 4) return { ...one, state: 'recovered' }
    if (at === 4) return { ...one, state: 'skipped', why: 'somebody has resumed it' }
    return at < 6 ? { ...one, state: 'going' } : one
  })
  const counts: Record<string, number> = {}
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1
  return { ...wave, state: 'going', runs, counts }
}
