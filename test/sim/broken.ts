// A promise that was not kept. `promise` names it the same in every life, so that a smaller case can be held against it.
export class BrokenPromise extends Error {
  readonly promise: string

  constructor(promise: string, found: string) {
    super(found === '' ? promise : `${promise}: ${found}`)
    this.promise = promise
  }
}

export function must(holds: boolean, promise: string, found: () => string = () => ''): void {
  if (!holds) throw new BrokenPromise(promise, found())
}

/** Errors of the engine itself, and of what checks it. */
export function promiseOf(error: unknown): string {
  if (error instanceof BrokenPromise) return error.promise
  const words = error instanceof Error ? error.message : String(error)
  return `no error: ${words.replaceAll(/\b\d{8}-\d{6}-\w{8}\b|\bt\d+(c\d+)*\b|\[\d+\]|\d+/g, '*').slice(0, 120)}`
}
