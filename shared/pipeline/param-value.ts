// A value that somebody gave for a param, as its type wants it: from a file, a form, or `--param k=v`.
import type { ParamSpec, ParamValue } from './spec.ts'
import { didYouMean, someOf } from './suggest.ts'

export type CoercedParam =
  | { ok: true; value: ParamValue }
  | { ok: false; message: string; hint: string }

/** Numbers and booleans may come as text, since a command line has nothing else. */
export function coerceParam(
  spec: Pick<ParamSpec, 'type' | 'choices'>,
  given: ParamValue,
): CoercedParam {
  const text = String(given)
  switch (spec.type) {
    case 'string':
      return { ok: true, value: text }
    case 'choice':
      return spec.choices.includes(text)
        ? { ok: true, value: text }
        : wrong(
            `"${text}" is not one of the choices.${didYouMean(text, spec.choices)}`,
            `Choose one of: ${someOf(spec.choices, 20)}.`,
          )
    case 'integer':
      return /^[-+]?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? { ok: true, value: Number(text) }
        : wrong(`"${text}" is no integer.`, 'For example: 100')
    case 'number':
      return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
        ? { ok: true, value: Number(text) }
        : wrong(`"${text}" is no number.`, 'For example: 0.5')
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { ok: true, value: text === 'true' }
        : wrong(`"${text}" is neither true nor false.`, 'Write true or false.')
    case 'date':
      break
  }
  return isDate(text)
    ? { ok: true, value: text }
    : wrong(`"${text}" is no date.`, 'Write it as YYYY-MM-DD, for example 2026-01-31.')
}

function wrong(message: string, hint: string): CoercedParam {
  return { ok: false, message, hint }
}

const timeInUtc = /^T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?Z$/

/** A date alone, or with a time in UTC, as a trigger gives it. */
export function isDateOrTime(text: string): boolean {
  const [, date = '', time] = /^([^T]*)(T.*)?$/s.exec(text) ?? []
  return isDate(date) && (time === undefined || timeInUtc.test(time))
}

// `Date.parse` takes 2026-02-30 for March 2.
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
