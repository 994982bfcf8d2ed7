// The names of things, branded so that one cannot stand for another.

/** `YYYYMMDD-HHMMSS-xxxxxxxx`: sorts by time; the tail is random, or derived for an occurrence (E3). */
export type RunId = string & { readonly brand: 'RunId' }
/** sha256 of what a run would execute, 64 hex digits. */
export type VersionId = string & { readonly brand: 'VersionId' }
/** One try of one task run, everywhere: engine, host folder, log file. Only `[A-Za-z0-9_.-]`, 160 at most. */
export type AttemptKey = string & { readonly brand: 'AttemptKey' }

const runIdForm = /^\d{8}-\d{6}-[0-9a-z]{8}$/

export function isRunId(text: string): text is RunId {
  return runIdForm.test(text)
}

/** `tail`: 8 characters of `[0-9a-z]`. `atMs`: UTC. */
export function runIdAt(atMs: number, tail: string): RunId {
  const iso = new Date(atMs).toISOString()
  const day = iso.slice(0, 10).replaceAll('-', '')
  const time = iso.slice(11, 19).replaceAll(':', '')
  return `${day}-${time}-${tail}` as RunId
}

/**
 * E3: the same run, task, item and number name the same attempt on every machine and after every loss.
 * `item` is the index of a fan-out item, or null. Task names fit `[A-Za-z0-9_.-]{1,64}`.
 */
export function attemptKey(
  run: RunId,
  task: string,
  item: number | null,
  number: number,
): AttemptKey {
  return `${run}.${task}.${item ?? 'x'}.${number}` as AttemptKey
}

export interface AttemptName {
  run: RunId
  task: string
  item: number | null
  number: number
}

export function parseAttemptKey(key: AttemptKey): AttemptName {
  const parts = /^(\d{8}-\d{6}-[0-9a-z]{8})\.(.+)\.(x|\d+)\.(\d+)$/.exec(key)
  if (parts === null) throw new Error(`Not an attempt key: ${key}`)
  const [, run, task, item, number] = parts as unknown as [string, string, string, string, string]
  return {
    run: run as RunId,
    task,
    item: item === 'x' ? null : Number(item),
    number: Number(number),
  }
}
