// Pools as the screens show them.
import type { PoolRow } from '../../shared/api/views.ts'
import type { PoolSpec } from '../../shared/pipeline/spec.ts'

/** Attempts of the pool's tasks that hold a slot, and task runs that wait for one. */
export type PoolLoad = (pool: string) => { used: number; queued: number }

export function poolRows(pools: readonly PoolSpec[], load: PoolLoad): PoolRow[] {
  return pools.map(({ name, hosts, pick, slots }) => ({ name, hosts, pick, slots, ...load(name) }))
}
