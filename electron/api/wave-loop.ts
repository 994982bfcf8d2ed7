// Carries waves out. What is stored says what is to be done, so a start-up goes on by the same look that every end of a run
// brings (E7): there is no other way through here.
import { audited, recordDeed } from './audit.ts'
import type { ApiParts, WavesPart } from './parts.ts'
import { planWave, resumeQuestion } from './plan-wave.ts'
import type { WaveAsk } from './plan-wave.ts'
import { resumeShown } from './resume.ts'
import { decideWave, decideWaveStop } from '../engine/wave.ts'
import type { WaveEnd, WaveMove } from '../engine/wave.ts'
import {
  changeWave,
  countsOf,
  createWave,
  loadWave,
  runNow,
  unsettledWaves,
} from '../store/waves.ts'
import type { StoredWave, StoredWaveRun } from '../store/waves.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { CheckedInputOf } from '../../shared/api/contract.ts'
import { runIdAt } from '../../shared/run/ids.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import { isWaveOver } from '../../shared/run/wave.ts'
import type { WavePlan } from '../../shared/run/wave.ts'

export function openWaves(parts: ApiParts, onBug: (error: unknown) => void): WavesPart {
  return new WaveLoop(parts, onBug)
}

class WaveLoop implements WavesPart {
  readonly #parts: ApiParts
  readonly #onBug: (error: unknown) => void
  readonly #listeners = new Set<(wave: string) => void>()
  readonly #unsubscribe: () => void
  /** Waves that are not settled, as they are stored. */
  readonly #waves = new Map<string, StoredWave>()
  /** Runs that go, and the wave that waits for each. */
  readonly #waveOf = new Map<RunId, string>()
  readonly #due = new Set<string>()
  /** One thing at a time, over all waves: none may plan what another is about to resume. */
  #tail: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(parts: ApiParts, onBug: (error: unknown) => void) {
    this.#parts = parts
    this.#onBug = onBug
    this.#unsubscribe = parts.onEvents((events) => {
      for (const { kind, run } of events) {
        const wave = kind === 'run.ended' ? this.#waveOf.get(run) : undefined
        if (wave !== undefined) this.#goOn(wave)
      }
    })
  }

  recover(): void {
    for (const wave of unsettledWaves(this.#parts.db)) this.#goOn(wave)
  }

  start(
    asked: CheckedInputOf<'wave.plan'>,
    shown: { planId: string; reason: string },
  ): Promise<string> {
    const { db, clock, dice, user: by } = this.#parts
    return this.#inTurn(async () => {
      const { plan, ask, resumes } = await planWave(this.#parts, asked)
      if (plan.planId !== shown.planId) throw otherPlan()
      const runs = plan.runs.filter(({ why }) => why === '').length
      if (runs === 0) throw nothingToDo(plan)
      const createdAt = clock.now()
      const wave = runIdAt(createdAt, dice.tail(8))
      const { reason } = shown
      const deed = {
        action: 'wave.started',
        subject: wave,
        reason,
        details: {
          signature: plan.signature,
          plan: plan.planId,
          runs,
          ...plan.sizes,
          version: plan.version,
        },
      }
      await audited(this.#parts, deed, () =>
        createWave(db, { wave, by, reason, createdAt, plan, asked: ask, resumes }),
      )
      this.#goOn(wave)
      return wave
    })
  }

  stop(wave: string, reason: string): Promise<void> {
    return this.#inTurn(async () => {
      const stored = this.#waves.get(wave) ?? loadWave(this.#parts.db, wave)
      if (isWaveOver(stored.state)) {
        throw new AppError('conflict', `The wave ${wave} is over already: it is ${stored.state}.`)
      }
      const deed = { action: 'wave.cancelled', subject: wave, reason }
      const why = `${this.#parts.user} stopped it${reason === '' ? '' : `: ${reason}`}`
      await audited(this.#parts, deed, () => this.#commit(stored, decideWaveStop(stored, why)))
    })
  }

  onChange(listener: (wave: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    this.#listeners.clear()
    await this.#tail
  }

  #goOn(wave: string): void {
    if (this.#due.has(wave)) return
    this.#due.add(wave)
    this.#inTurn(async () => {
      this.#due.delete(wave)
      await this.#advance(wave)
    }).catch((error: unknown) => {
      // What is stored is right; the next end of a run, or the next start-up, looks again.
      if (!this.#isClosed) this.#onBug(error)
    })
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const turn = this.#tail.then(() => {
      if (this.#isClosed) throw new AppError('engine-needed', 'The engine has stopped.')
      return act()
    })
    this.#tail = turn.catch(() => {}) // whoever asked is told
    return turn
  }

  // Until nothing is left to be done at once. Each turn resumes or ends a run, so it comes to an end.
  async #advance(id: string): Promise<void> {
    const wave = this.#waves.get(id) ?? loadWave(this.#parts.db, id)
    this.#waves.set(id, wave)
    while (!this.#isClosed) {
      const ends: WaveEnd[] = []
      let next: StoredWaveRun | null = null
      for (const one of wave.runs) {
        if (one.state !== 'going') continue
        this.#waveOf.set(one.run, id)
        const found = await this.#lookAt(wave, one)
        if (found === 'due') next ??= one
        else if (found !== null) ends.push(found)
        if (this.#isClosed) return
      }
      // W3: one by one, and not before it is known how the others fared.
      if (ends.length === 0 && next !== null) {
        const end = await this.#resume(wave, next)
        if (end === null) continue
        ends.push(end)
      }
      const move = this.#decide(wave, ends)
      if (move.members.length === 0 && move.state === wave.state) break
      this.#commit(wave, move)
    }
    if (isWaveOver(wave.state) && !wave.runs.some(({ state }) => state === 'going'))
      this.#waves.delete(id)
  }

  // What a person has taken up meanwhile is theirs: its turn goes to the next.
  #decide(wave: StoredWave, ends: readonly WaveEnd[]): WaveMove {
    const resumes = new Map(wave.runs.map((one) => [one.run, one.resumes]))
    const taken: WaveEnd[] = []
    for (;;) {
      const move = decideWave(wave, [...ends, ...taken])
      const theirs = move.members.filter(
        ({ run, state }) =>
          state === 'going' && runNow(this.#parts.db, run)?.resumes !== resumes.get(run),
      )
      if (theirs.length === 0) return move
      for (const { run } of theirs)
        taken.push({ run, state: 'skipped', why: 'somebody has resumed it' })
    }
  }

  // Null: it goes on. `due`: it is to be resumed.
  async #lookAt(wave: StoredWave, one: StoredWaveRun): Promise<WaveEnd | 'due' | null> {
    const { run } = one
    const now = runNow(this.#parts.db, run)
    if (now === null) return { run, state: 'skipped', why: 'the run is gone from the store' }
    if (now.resumes === one.resumes) return isWaveOver(wave.state) ? dropped(run) : 'due'
    if (!isRunEnd(now.state)) return null
    if (now.state !== 'failed')
      return { run, state: now.state === 'cancelled' ? 'cancelled' : 'succeeded' }
    const failure = await this.#parts.incidents.failureOf(run)
    // Somebody has resumed it at this very moment: its next end counts.
    if (failure === null) return null
    return { run, state: 'failed', signature: failure.signature, words: failure.words }
  }

  async #resume(
    wave: StoredWave,
    { run, planId, resumes }: StoredWaveRun,
  ): Promise<WaveEnd | null> {
    const question = resumeQuestion(this.#parts, run, wave.asked as WaveAsk)
    try {
      await resumeShown(this.#parts, question, {
        planId,
        by: wave.by,
        details: { wave: wave.wave },
        reason: wave.reason,
        files: 'unasked',
      })
      return null
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'engine-needed') throw error
      const isTaken = runNow(this.#parts.db, run)?.resumes !== resumes
      if (isTaken) return { run, state: 'skipped', why: 'somebody has resumed it' }
      return { run, state: 'refused', why: error.message }
    }
  }

  #commit(wave: StoredWave, { members, state, why }: WaveMove): void {
    const { db, clock } = this.#parts
    const changed = new Map(members.map((one) => [one.run, one]))
    const runs = wave.runs.map((one) => ({ ...one, ...changed.get(one.run) }))
    const isEnding = isWaveOver(state) && !isWaveOver(wave.state)
    changeWave(db, wave.wave, {
      state,
      why,
      now: clock.now(),
      runs: runs.filter(({ run }) => changed.has(run)),
    })
    Object.assign(wave, { state, why, runs })
    for (const { run, state: now } of members) if (now !== 'going') this.#waveOf.delete(run)
    // A person's stop is recorded as such.
    if (isEnding && state !== 'cancelled') {
      const recovered = countsOf(runs).recovered ?? 0
      const details = { state, recovered, ...(why === '' ? {} : { why }) }
      recordDeed(this.#parts, { by: 'engine', action: 'wave.ended', subject: wave.wave, details })
    }
    for (const listener of this.#listeners) listener(wave.wave)
  }
}

// Stored as going, and the engine died before it was resumed; the wave was stopped since (W4).
function dropped(run: RunId): WaveEnd {
  return { run, state: 'skipped', why: 'the wave was stopped' }
}

function otherPlan(): AppError {
  return new AppError('conflict', 'The plan for this wave is another by now.', {
    hint: 'Something has failed, ended or changed since it was shown. Look at it again.',
  })
}

function nothingToDo({ runs }: WavePlan): AppError {
  const [first] = runs
  const none = runs.length === 1 ? 'The run' : `None of these ${runs.length} runs`
  const words = `${none} ${runs.length === 1 ? 'cannot' : 'can'} be resumed: ${first?.why ?? ''}`
  return new AppError('conflict', words)
}
