// The seam for chance: real in `electron/system`, seeded in tests.

export interface Dice {
  /** In [0, 1). */
  roll(): number
  /** `length` characters of `[0-9a-z]`. */
  tail(length: number): string
}
