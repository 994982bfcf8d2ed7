// A failure we expect: names the thing, what was found and the way out. Code branches on `code`, never on the text.

export type ErrorCode =
  | 'bad-input' // exit 2
  | 'not-found' // exit 2
  | 'conflict' // the thing is in a state that does not allow it; exit 2
  | 'host-unreachable' // exit 4
  | 'engine-busy' // another engine holds this home; exit 4
  | 'engine-needed' // exit 4
  | 'store-newer' // exit 4
  | 'environment' // anything else about this machine; exit 4
  | 'unauthorised'
  | 'link-closed'
  | 'internal' // a bug

export interface ErrorShape {
  code: ErrorCode
  message: string
  hint: string
}

export class AppError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.hint = options.hint ?? ''
  }
}

const storeTrouble = /^SQLITE_(CORRUPT|NOTADB|IOERR|FULL|READONLY|CANTOPEN|BUSY|LOCKED|PERM)/

/** Anything thrown, as it may cross a link. A bug shows its message, never its stack. */
export function errorShape(error: unknown): ErrorShape {
  if (error instanceof AppError)
    return { code: error.code, message: error.message, hint: error.hint }
  const message = error instanceof Error ? error.message : String(error)
  // What SQLite says about its file: damage, a full disk. Nobody can mend that by a report of a bug.
  if (storeTrouble.test(String((error as { code?: unknown } | null)?.code))) {
    return {
      code: 'environment',
      message: `The store cannot be read or written: ${message}.`,
      hint: 'Keep a copy of the Sluice home before you change anything; look at it: sluice doctor',
    }
  }
  return {
    code: 'internal',
    message,
    hint: 'This is a bug in Sluice. The app log has the details.',
  }
}
