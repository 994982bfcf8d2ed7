// Limits are for a machine that has time for the campaign: on one that is busy with other things everything comes later.
import { availableParallelism, loadavg } from 'node:os'

/** The campaign alone makes a load of about this per processor. */
const ownLoad = 2
const factorMax = 8

/** True as long as the wait is within the limit, stretched by how much more there is to run than can. */
export function makePatience(limitMs: number): () => boolean {
  const startedAt = performance.now()
  let factor = 1
  return () => {
    const load = (loadavg()[0] ?? 0) / availableParallelism()
    factor = Math.max(factor, Math.min(factorMax, load / ownLoad))
    return performance.now() - startedAt < limitMs * factor
  }
}
