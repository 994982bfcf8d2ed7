// What waves promise, read from what the store was told, without asking the loop that carries them out.
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { isWaveOver } from '../../shared/run/wave.ts'
import type { WaveRunState, WaveState } from '../../shared/run/wave.ts'
import type { Db } from '../../electron/store/open.ts'
import { must } from './broken.ts'
import type { WaveCase } from './wave-case.ts'

/** In whose name waves resume here. */
export const WAVE_BY = 'wave'

interface Row {
  wave: string
  state: WaveState
  of: WaveRunState
  batch: number
  resumes: number
}

export class WaveWatch {
  readonly #sim: WaveCase
  readonly #db: Db
  readonly #waves = new Map<string, { resumed: Set<RunId>; open: Set<RunId>; well: Set<RunId> }>()
  readonly #waveOf = new Map<RunId, string>()
  /** Waves of which a run has failed as before. */
  readonly #isBack = new Set<string>()
  readonly #runs: readonly RunId[]

  constructor(sim: WaveCase, db: Db, runs: readonly RunId[]) {
    this.#sim = sim
    this.#db = db
    this.#runs = runs
  }

  /** They have just been committed. */
  take(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.kind === 'run.resumed' && event.by === WAVE_BY) this.#onResumed(event.run)
      if (event.kind === 'run.ended') this.#onEnded(event.run, event.state)
    }
  }

  #onResumed(run: RunId): void {
    const { sizes } = this.#sim
    const row = this.#rowOf(run)
    must(row?.of === 'going', 'W5: what a wave resumes is stored as going', () => run)
    if (row === undefined) return
    const { wave, batch } = row
    must(!isWaveOver(row.state), 'W4: a wave that is over resumes nothing', () => run)
    must(!this.#isBack.has(wave), 'W3: a wave stops when its signature returns', () => run)
    const now = this.#waves.get(wave) ?? { resumed: new Set(), open: new Set(), well: new Set() }
    this.#waves.set(wave, now)
    must(!now.resumed.has(run), 'W5: nothing is resumed twice by a wave', () => run)
    const missing = sizes.canary - now.well.size
    const max = missing > 0 ? missing : sizes.batch
    const found = (): string => `${now.open.size} go, ${now.well.size} have recovered`
    must(now.open.size < max, 'W1: canaries first, then a batch at a time', found)
    for (const other of now.open)
      must(
        missing > 0 || this.#rowOf(other)?.batch === batch,
        'W2: a batch begins when the former has ended',
        found,
      )
    now.resumed.add(run)
    now.open.add(run)
    this.#waveOf.set(run, wave)
  }

  #onEnded(run: RunId, state: string): void {
    const wave = this.#waveOf.get(run)
    const now = wave === undefined ? undefined : this.#waves.get(wave)
    if (wave === undefined || now === undefined) return
    now.open.delete(run)
    this.#waveOf.delete(run)
    const at = this.#runs.indexOf(run)
    if (state === 'succeeded') now.well.add(run)
    if (state === 'failed' && this.#sim.runs[at]?.again === 'same') this.#isBack.add(wave)
  }

  #rowOf(run: RunId): Row | undefined {
    return this.#db
      .prepare<[string], Row>(
        `select wave, wave.state, wave_run.state as of, batch, resumes from wave_run join wave using (wave)
         where run = ? order by wave.state in ('canary', 'going') desc, created_at desc, wave desc`,
      )
      .get(run)
  }

  /** Nothing goes any more. */
  checkEnd(): void {
    const left = this.#db
      .prepare(
        `select wave_run.run, wave_run.state from wave_run join wave using (wave)
         where unsettled = 1 or wave_run.state in ('waiting', 'going')`,
      )
      .all()
    must(left.length === 0, 'a wave comes to its end', () => JSON.stringify(left))
    for (const [wave, { well }] of this.#waves) {
      const stored = this.#db
        .prepare<[string], RunId>(`select run from wave_run where wave = ? and state = 'recovered'`)
        .pluck()
        .all(wave)
      for (const run of well)
        must(stored.includes(run), 'what has recovered counts as that', () => run)
    }
    for (const wave of this.#isBack) {
      const state = this.#db
        .prepare<[string], WaveState>('select state from wave where wave = ?')
        .pluck()
        .get(wave)
      const isStopped = state === 'stopped' || state === 'cancelled'
      must(isStopped, 'W3: a wave stops when its signature returns', () => String(state))
    }
  }
}
