// Calls about incidents and waves.
import type { ApiParts } from './parts.ts'
import { openBell } from './bell.ts'
import { planWave, sinceOf } from './plan-wave.ts'
import { sleep } from '../ports/clock.ts'
import { resolveRunRef } from '../store/run-queries.ts'
import {
  countsOf,
  listWaves,
  loadWave,
  resolveWaveRef,
  shownPlan,
  waveOfSignature,
} from '../store/waves.ts'
import type { StoredWave } from '../store/waves.ts'
import type { Api } from '../../shared/api/contract.ts'
import { isWaveStill } from '../../shared/run/wave.ts'
import type { Wave, WaveHead, WaveRun, WaveWatch } from '../../shared/run/wave.ts'

type WaveCalls = Pick<
  Api,
  | 'incident.list'
  | 'incident.of'
  | 'wave.plan'
  | 'wave.start'
  | 'wave.stop'
  | 'wave.get'
  | 'wave.list'
  | 'wave.watch'
>

/** A screen waits no longer for what is not known yet; it is told how many that are. */
const explainMs = 5000
const pauseMs = 50

export function waveCalls(parts: ApiParts): WaveCalls {
  const { db } = parts
  return {
    'incident.list': ({ since, pipeline }) =>
      parts.incidents.list({ since: sinceOf(parts, since), pipeline, explainMs }),
    async 'incident.of'({ run: ref }) {
      const failure = await parts.incidents.failureOf(resolveRunRef(db, ref))
      if (failure?.signature == null) return { incident: null, unexplained: 0, wave: null }
      const since = Math.min(sinceOf(parts, null), failure.failedAt)
      const { incidents, unexplained } = await parts.incidents.list({
        since,
        pipeline: null,
        explainMs,
      })
      const incident = incidents.find(({ signature }) => signature === failure.signature) ?? null
      const wave = waveOfSignature(db, failure.signature)
      return { incident, unexplained, wave }
    },
    'wave.plan': async (input) => (await planWave(parts, input)).plan,
    async 'wave.start'({ planId, reason, ...asked }) {
      return { wave: await parts.waves().start(asked, { planId, reason }) }
    },
    async 'wave.stop'({ wave: ref, reason }) {
      const wave = resolveWaveRef(db, ref)
      await parts.waves().stop(wave, reason)
      return { wave }
    },
    async 'wave.get'({ wave: ref }) {
      const wave = resolveWaveRef(db, ref)
      return { wave: waveOf(loadWave(db, wave)), plan: shownPlan(db, wave) }
    },
    'wave.list': async ({ limit }) => listWaves(db, limit),
    'wave.watch': (input, signal) => watchWave(parts, input.wave, signal),
  }
}

async function* watchWave(
  parts: ApiParts,
  ref: string,
  signal: AbortSignal,
): AsyncGenerator<WaveWatch> {
  const { db, clock } = parts
  const id = resolveWaveRef(db, ref)
  const bell = openBell(signal)
  const stop = parts.isReader
    ? () => {}
    : parts.waves().onChange((wave) => wave === id && bell.ring())
  try {
    let wave = waveOf(loadWave(db, id))
    yield { kind: 'snapshot', wave }
    // Where no engine is up, nothing of it goes on.
    while (!parts.isReader && !isWaveStill(wave) && (await bell.next())) {
      const before = new Map(wave.runs.map((one) => [one.run, one]))
      wave = waveOf(loadWave(db, id))
      const runs = wave.runs.filter((one) => isOther(before.get(one.run), one))
      yield { kind: 'change', head: headOf(wave), runs }
      await sleep(clock, pauseMs, signal).catch(() => {}) // aborted: the loop ends by itself
    }
  } finally {
    stop()
  }
}

function isOther(before: WaveRun | undefined, now: WaveRun): boolean {
  return before?.state !== now.state || before.batch !== now.batch || before.why !== now.why
}

function waveOf({ asked: _asked, runs: stored, ...head }: StoredWave): Wave {
  const runs = stored.map(({ at: _at, planId: _planId, resumes: _resumes, ...run }) => run)
  return { ...head, counts: countsOf(runs), runs }
}

function headOf({ runs: _runs, ...head }: Wave): WaveHead {
  return head
}
