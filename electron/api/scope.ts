// What is opened joins a scope on the same line; a scope closes newest first, once, and reports every failure.

export interface Scope {
  add: (close: () => void | Promise<void>) => void
  close: () => Promise<void>
}

export function openScope(): Scope {
  const closers: (() => void | Promise<void>)[] = []
  let closing: Promise<void> | null = null
  const closeAll = async (): Promise<void> => {
    const errors: unknown[] = []
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything closed well.')
  }
  return {
    add: (close) => closers.push(close),
    close: () => (closing ??= closeAll()),
  }
}
