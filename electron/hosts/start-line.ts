// The one line that starts an attempt. Everything it needs is in it, so a start is one write (H2).
import type { StartOrder } from '../ports/hosts.ts'
import { FilesRefused } from './courier.ts'
import { checkpointOption } from './handed-back.ts'
import { badEnvName, envText, escapeText } from './wire.ts'

/** Most shells read it byte by byte: a longer command belongs in a file of the workspace. */
export const startLineBytesMax = 1024 * 1024

const keyForm = /^[A-Za-z0-9_.-]{1,160}$/

/** What a shell that counts in 32 bits takes for more than this is less than nothing. */
const narrowMsMax = 2 ** 31 - 1

/** Without a point at its end. What a shell without a printf of its own would let everybody on its machine see. */
export const printfLacks =
  'Its shell has no printf of its own, so a secret would stand in an argument of a process. Let SLUICE_SH name another shell there'

/** What the shell of a host lacks. */
export interface ShellLacks {
  /** It counts in 32 bits. */
  isNarrow?: boolean
  lacksPrintf?: boolean
}

/**
 * `heardUptimeMs`: the host's uptime as it last told us; needed for an order with a lease, which begins there.
 * Throws FilesRefused (`host_refused`) for an order that the host cannot take.
 */
export function startLine(
  order: StartOrder,
  heardUptimeMs: number | null,
  { isNarrow = false, lacksPrintf = false }: ShellLacks = {},
): string {
  const { key, run, env, timeoutMs, graceMs, leaseMs, files } = order
  if (!keyForm.test(key)) throw new Error(`Not an attempt key: ${key}`)
  const badName = badEnvName(env)
  if (badName !== null)
    throw new FilesRefused('host_refused', `"${badName}" cannot be set as an environment variable.`)
  if (leaseMs !== null && heardUptimeMs === null)
    throw new FilesRefused('host_refused', 'The host has no steady clock, so it can keep no lease.')
  if (isNarrow && Math.max(timeoutMs ?? 0, graceMs) > narrowMsMax)
    throw new FilesRefused(
      'host_refused',
      'Its shell counts in 32 bits, so it can keep no timeout above 24 days. Let SLUICE_SH name another shell there.',
    )
  if (lacksPrintf && order.secrets !== undefined && Object.keys(order.secrets).length > 0)
    throw new FilesRefused('host_refused', `${printfLacks}.`)
  const line = [
    'start',
    key,
    Math.max(0, Math.ceil(timeoutMs ?? 0)),
    Math.max(0, Math.ceil(graceMs)),
    optionsWord(order, heardUptimeMs),
    filesWord(files),
    escapeText(`${run}\n`),
    // As it stands between two quotes: so it is passed on, whatever the shell.
    envText({ ...env, SLUICE_ATTEMPT: key }).replaceAll("'", `'\\''`),
  ].join(' ')
  if (line.length > startLineBytesMax)
    throw new FilesRefused('host_refused', 'The command and its environment are above 1 MB.')
  return line
}

function optionsWord(order: StartOrder, heardUptimeMs: number | null): string {
  const { leaseMs } = order
  const lease = leaseMs === null ? null : `lease=${Math.ceil(leaseMs)}.${heardUptimeMs}`
  const words = [lease, checkpointOption(order)].filter((word) => word !== null)
  return words.length === 0 ? '-' : words.join(',')
}

export function filesWord(files: StartOrder['files']): string {
  const placed = files.map((file) => {
    const mode = (file.mode & 0o777).toString(8).padStart(3, '0')
    return `${file.sha256}:${mode}:${escapeText(file.path)}`
  })
  return placed.length === 0 ? '-' : placed.join(',')
}
