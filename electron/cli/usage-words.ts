// Wrong usage in our own words: what was found, what was meant, and where to read on.
import {
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from '@stricli/core'
import { nearest } from '../../shared/pipeline/suggest.ts'

/** `typed`: the words of the command line. `subcommands`: of the first of them; empty where it has none. */
export function usageWords(
  error: unknown,
  typed: readonly string[],
  subcommands: readonly string[],
): string {
  if (error instanceof FlagNotFoundError) {
    // The corrections are generous: `--before` for `--nope`.
    const near = nearest(error.input, error.corrections)
    return `There is no flag "--${error.input}".${near === null ? '' : ` Did you mean "--${near}"?`}`
  }
  if (error instanceof ArgumentParseError) {
    const { exception } = error
    return exception instanceof Error ? exception.message : String(exception)
  }
  if (error instanceof EnumValidationError) {
    return `--${error.externalFlagName} is one of ${error.values.join(', ')}; found "${error.input}".`
  }
  if (error instanceof UnexpectedPositionalError) {
    const [group = '', word = ''] = typed
    const near = nearest(word, subcommands)
    // `hosts` alone lists, so that a slip after it looks like the name of a host.
    if (near !== null && near !== word) {
      return `There is no command "${group} ${word}". Did you mean "${near}"?`
    }
    if (error.input.startsWith('-')) return `There is no flag "${error.input}".`
    return `"${error.input}" is one word too many.`
  }
  if (error instanceof UnsatisfiedFlagError) {
    const flag = `--${error.externalFlagName}`
    return typed.includes(flag) ? `${flag} needs a value.` : `${flag} is missing.`
  }
  if (error instanceof UnsatisfiedPositionalError) return `${error.placeholder} is missing.`
  return error instanceof Error ? error.message : String(error)
}
