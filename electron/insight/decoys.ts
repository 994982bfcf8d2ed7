// Lines that sound like a cause and are not: handled, retried, optional, or counts of nothing.
const excused =
  /\(ignored\)|\bignored\b(?!\.$)|\bignoring\b|non-?fatal|not fatal|\bcontinuing\b|will (?:be )?retr(?:y|ied)|\bretrying\b|succeeded (?:on|after)|\boptional\b|fall(?:ing|s)? ?back|\bhandled\b|below .{0,30}threshold|\(expected\)|as expected|deprecat|no action needed|using default|serving stale|within limit|\bPASSED\b|registered handlers|renegotiated|already exists, skipping|\bskipping\b|recovered|errors?[=:] ?0\b.{0,60}failed[=:] ?0\b|\b(?:skipped|rejected|dropped) 0\b|\bno (?:errors?|problems?|issues?|failures?|warnings?)\b|\b0 (?:errors|denied|failed|failures|warnings)\b|warnings: 0\b|retry \d{1,3}\/\d{1,3}|attempt \d{1,3} (?:of|\/) ?\d{1,3} failed|best.effort|respawned by|no longer an error|was not found, creating|--no-fail|^rm: cannot remove|disabled\)/i

const handledNext =
  /\bhandled\b|\bignored\b|\bignoring\b|using default|\bcontinuing\b|\brecovered\b|falling back|non-?fatal/i

const quietLevel = /^.{0,60}\b(?:DEBUG|INFO|TRACE|NOTICE)\b/
const warnLevel = /^(?!@|\w{1,12}sum: ).{0,60}\bWARN(?:ING)?\b/

export function isExcused(text: string): boolean {
  return excused.test(text)
}

/** The line after a traceback may say that it was expected. */
export function excusesThePrevious(text: string | undefined): boolean {
  return text !== undefined && handledNext.test(text)
}

export function levelOf(text: string): 'quiet' | 'warn' | 'loud' {
  if (quietLevel.test(text)) return 'quiet'
  return warnLevel.test(text) ? 'warn' : 'loud'
}
