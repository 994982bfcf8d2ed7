// What the host's own state adds to a cause, or makes of one that words alone could not settle.
//   B1  A wording that names its cause stays; the host only says which disk, which limit, which kill.
//   B2  Only a sign without doubt (no byte free, a kill in the task's own group) makes a cause of `unknown` or of a symptom.
import { clockWords } from './host-facts.ts'
import { unstamped, type HostSigns } from './host-signs.ts'
import type { Verdict } from './verdict.ts'

export function blamedOnHost(found: Verdict, host: HostSigns): Verdict {
  return (
    clockBlamed(found, host) ?? symptomBlamed(found, host) ?? { ...found, host: added(found, host) }
  )
}

/** A host that could not set an attempt up tells a short word; its disks tell why. */
export function transportOnHost(found: Verdict, host: HostSigns): Verdict {
  if (found.cause !== 'host_refused') return { ...found, host: added(found, host) }
  const message = found.words
  if (host.full !== null)
    return { ...found, cause: 'disk_full', kind: 'agent', words: `${message} ${host.full.words}` }
  if (host.readOnly !== null)
    return {
      ...found,
      cause: 'read_only_fs',
      kind: 'agent',
      words: `${message} ${host.readOnly} is mounted read-only.`,
    }
  return found
}

const soonerOrLater = {
  ahead: /expired|no longer valid|not after|lifetime/i,
  behind:
    /not yet valid|not valid (?:yet|before)|not before|in the future|used before issued|not active yet/i,
}

// A clock that is ahead lets everything expire, one that is behind lets nothing begin.
function clockBlamed(found: Verdict, { clockOffMs }: HostSigns): Verdict | null {
  if (clockOffMs === 0) return null
  const host = `The host's clock is ${clockWords(clockOffMs)}.`
  if (found.cause === 'clock_skew') return { ...found, host }
  if (found.cause !== 'tls_certificate_error' && found.cause !== 'http_auth_failure') return null
  const form = clockOffMs > 0 ? soonerOrLater.ahead : soonerOrLater.behind
  if (!found.lines.some((line) => form.test(line.text))) return null
  return { ...found, cause: 'clock_skew', kind: 'host', host }
}

const sudden =
  /\bSIGKILL\b|signal[: ]{1,2}9\b|terminated abruptly|BrokenProcessPool|exit(?:ed)?(?: with)?(?: code| status)? ?(?:-9|137)\b|\bKilled\b|worker .{0,40}(?:died|lost|exited)/i
const writing = /\b(?:writ\w{1,4}|sav\w{1,4}|dump\w{0,3}|flush\w{0,3}|disk|i\/o|truncate\w{0,1})\b/i

// Programs that hide the errno leave a symptom: the host knows what it was.
function symptomBlamed(found: Verdict, host: HostSigns): Verdict | null {
  const { memoryKill, full, readOnly } = host
  const says = (form: RegExp): boolean => found.lines.some((line) => form.test(line.text))
  const isCode =
    (found.cause === 'code_runtime_error' && found.kind !== 'changed') ||
    (found.cause === 'native_crash' && found.kind === '')
  const isUnknown = found.cause === 'unknown' || found.kind === 'plain'
  const isBus = found.cause === 'native_crash' && found.kind === 'SIGBUS'
  const made = (cause: string, kind: string, words: string): Verdict => ({
    ...found,
    cause,
    kind,
    confidence: 'medium',
    host: words,
  })
  if (memoryKill !== null) {
    const isKill = found.cause === 'killed_by_signal' && found.kind !== 'SIGTERM'
    const isTold = (isKill && memoryKill.sure) || (isCode && says(sudden) && memoryKill.sure)
    if (isTold || (isUnknown && memoryKill.own))
      return made('out_of_memory', 'kernel', memoryKill.words)
  }
  if (full !== null && (isBus || isUnknown || (isCode && says(writing))))
    return made('disk_full', full.what, full.words)
  if (readOnly !== null && isUnknown)
    return made('read_only_fs', 'host', `${readOnly} is mounted read-only.`)
  return null
}

function added(found: Verdict, host: HostSigns): string {
  const kernel = (form: RegExp): string => {
    const line = host.kernel.findLast((one) => form.test(one))
    return line === undefined ? '' : `The kernel says: ${unstamped(line)}`
  }
  switch (found.cause) {
    case 'out_of_memory':
      return host.memoryKill?.words ?? ''
    case 'disk_full':
      return host.full?.words ?? ''
    case 'read_only_fs':
      return host.readOnly === null ? '' : `${host.readOnly} is mounted read-only.`
    case 'too_many_open_files':
      return host.filesLimit
    case 'process_limit':
      return host.processesLimit
    case 'io_error':
      return kernel(/i\/o error|nvme|ext4-fs error|xfs|btrfs|hardware error/i)
    case 'native_crash':
      return kernel(/segfault|general protection|traps: |trap /i)
    default:
      return found.host
  }
}
