// What a benchmark row reports: our figure beside a reference from the same minute on the same machine.

export interface Figure {
  /** P1, P2... */
  row: string
  what: string
  ours: string
  reference: string
  /** Ours to the reference, in the direction of the goal; null where the goal is absolute. */
  ratio: number | null
  goal: string
  /** null: it could not be measured, `note` says why. */
  met: boolean | null
  note: string
}

export interface BenchOptions {
  /** Smaller sizes, for a look. */
  quick: boolean
  /** Scratch folder, removed afterwards. */
  dir: string
}

export interface BenchRow {
  name: string
  title: string
  secondsMax: number
  measure(options: BenchOptions): Promise<Figure[]>
}

export function missing(row: string, what: string, goal: string, note: string): Figure {
  return { row, what, ours: '-', reference: '-', ratio: null, goal, met: null, note }
}

/** `share` in [0, 1]; the nearest value at or above it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`
}

export function rate(value: number): string {
  return `${Math.round(value).toLocaleString('en')}/s`
}
