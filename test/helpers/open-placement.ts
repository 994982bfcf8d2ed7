import type { Placement } from '../../electron/ports/placement.ts'

/** Nothing limits but the slots of each host; all are there, and open. */
export function openPlacement(slots: number): Placement {
  return {
    slotsOf: () => slots,
    poolSlotsOf: () => null,
    environmentSlotsOf: () => null,
    semaphoreOf: () => null,
    hasHost: () => true,
    closedWhy: () => null,
    drain: () => null,
  }
}
