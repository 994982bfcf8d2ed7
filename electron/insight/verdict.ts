// What one log, or one end, says about its own task. No other task is looked at here.
import type { LogLine } from './facts.ts'

export interface Verdict {
  cause: string
  kind: string
  /** Best first. */
  lines: readonly LogLine[]
  confidence: 'high' | 'medium' | 'low'
  /** Words of our own, where no line says it. */
  words: string
  /** What the host's snapshot adds to a line of the log. */
  host: string
}

export function verdict(cause: string, parts: Partial<Omit<Verdict, 'cause'>> = {}): Verdict {
  return { cause, kind: '', lines: [], confidence: 'medium', words: '', host: '', ...parts }
}
