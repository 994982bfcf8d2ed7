// The drain of the whole engine: nothing starts on any host until a person takes it back. It outlives restarts.
import type { Clock } from '../ports/clock.ts'
import type { Drain } from '../ports/placement.ts'
import type { Cordons } from '../store/cordons.ts'
import type { EngineDrain } from '../../shared/api/views.ts'

/** Kept as a cordon of all hosts: no host can have this name. */
const ALL_HOSTS = '*'

export interface DrainPart {
  /** What the engine is told. */
  readonly held: () => Drain | null
  /** What people are told. */
  now(): EngineDrain | null
  set(state: 'draining' | 'open', by: string, reason: string): void
  onChange(listener: () => void): () => void
}

export interface DrainOptions {
  cordons: Cordons
  clock: Clock
  /** Null while there is no engine here. */
  engine: () => { used(): number; stir(): void } | null
}

export function openDrain({ cordons, clock, engine }: DrainOptions): DrainPart {
  const listeners = new Set<() => void>()
  const held = (): Drain | null => {
    const cordon = cordons.get(ALL_HOSTS)
    return cordon === null ? null : { by: cordon.by, reason: cordon.reason, at: cordon.at }
  }
  return {
    held,
    now() {
      const drain = held()
      if (drain === null) return null
      const running = engine()?.used() ?? 0
      return { kind: running === 0 ? 'drained' : 'draining', ...drain, running }
    },
    set(state, by, reason) {
      const drain = { kind: 'draining' as const, by, reason, at: clock.now() }
      cordons.set(ALL_HOSTS, state === 'open' ? null : drain)
      engine()?.stir()
      for (const listener of listeners) listener()
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
