// A host over the system's own `ssh`, for what ssh2 lacks: certificates of either side, security keys, Kerberos, smart cards,
// algorithms. One master connection per link, each command a session of it.
//   O1  The person's configuration is followed; ours comes before it where it must hold: keys are always verified (H8), also
//       at each jump host, Sluice's own known hosts count beside theirs, and ssh itself writes none of them.
//   O2  A session never dials by itself: where the master is gone it fails, it does not log in a second time.
//   O3  Nothing outlives us: the master ends when its watcher's stdin does, its folder goes with it.
//   O4  Questions go through SSH_ASKPASS to `Ask`; where there is nobody, BatchMode.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Ask } from '../ports/asks.ts'
import type { Clock } from '../ports/clock.ts'
import type { Keyring } from './keyring.ts'
import { decideHostKey } from './known-hosts.ts'
import type { HostName } from './known-hosts.ts'
import { openAskpass, type Askpass } from './openssh-askpass.ts'
import { openSessions } from './openssh-session.ts'
import { openPatience } from './patience.ts'
import { serverText } from './server-text.ts'
import type { SshConfig, SshTarget } from './ssh-config.ts'
import { hostKeyError, refused, unreachable, type Place } from './ssh-transport-errors.ts'
import { reasonOf } from './ssh-way.ts'
import { TransportError, type Connection } from './transport.ts'
import type { Trust } from './trust.ts'

export interface OpenSshParts {
  target: SshTarget
  place: Place
  /** What asked for this program, in words. */
  why: readonly string[]
  config: SshConfig
  trust: Trust
  clock: Clock
  ask: Ask
  keyring: Keyring
  signal: AbortSignal
  connectTimeoutMs?: number
}

const connectTimeoutMs = 30_000
const saidMax = 16 * 1024
const lastWordsMs = 1000

/** Rejects with a TransportError. */
export async function connectByOpenSsh(parts: OpenSshParts): Promise<Connection> {
  const { config, place, why } = parts
  const program = config.program()
  if (program === null || process.platform === 'win32') {
    const needs = why.length === 0 ? 'This host' : why.join(', ')
    throw new TransportError(
      'host_unreachable',
      `Cannot reach ${place.host} (${place.address}): ${needs} needs the OpenSSH client program, which ` +
        `${program === null ? 'is not installed' : 'keeps no shared connection on Windows'}.`,
      { permanent: true },
    )
  }
  const dir = await privateFolder(config.env['XDG_RUNTIME_DIR'])
  const clean = (): void => void rm(dir, { recursive: true, force: true }).catch(() => {}) // emptied at the next boot
  try {
    await writeFile(join(dir, 'config'), configText(parts, dir), { mode: 0o600 })
    await writeFile(join(dir, 'shown.sh'), `printf '%s\\n' "$*" >> "$0.log"\n`, { mode: 0o600 })
    return await openMaster({ ...parts, program, dir, clean })
  } catch (error) {
    clean()
    throw error
  }
}

/** A system that keeps one for the session empties it; the path of a socket must be short. */
async function privateFolder(runtime: string | undefined): Promise<string> {
  const name = 'sluice-ssh-'
  if (runtime !== undefined && runtime !== '') {
    try {
      return await mkdtemp(join(runtime, name))
    } catch {
      // Not there, or not ours, as after `su`.
    }
  }
  return await mkdtemp(join(tmpdir(), name))
}

interface MasterParts extends OpenSshParts {
  program: string
  dir: string
  clean: () => void
}

// Ends the master and its folder ($0) with us, and all that the master has started with the master (O3): they are of its
// process group. ssh itself leaves a ProxyCommand behind that neither reads nor writes. Where the master has ended by itself its
// folder stays, for what it was shown is read there: who would remove it is gone before our end is seen.
const watcher = `"$@" </dev/null & m=$!
exec 3<&0
{ cat <&3; trap '' TERM; kill "$m"; rm -rf "$0"; kill 0; sleep 2; kill -9 0; } >/dev/null 2>&1 & c=$!
exec 3<&- </dev/null
wait "$m"; s=$?
kill "$c" 2>/dev/null
trap '' TERM
{ kill 0; sleep 2; kill -9 0; } >/dev/null 2>&1 &
exit "$s"`

async function openMaster(parts: MasterParts): Promise<Connection> {
  const { program, dir, clock, config, signal, place, target } = parts
  const patience = openPatience({
    clock,
    ms: parts.connectTimeoutMs ?? target.connectTimeoutMs ?? connectTimeoutMs,
  })
  let giveUp = (): void => {}
  const askpass = await openAskpass({ ...parts, dir, patience, giveUp: () => giveUp() })
  const master = spawn(
    '/bin/sh',
    ['-c', watcher, dir, program, ...masterOptions(dir), '--', nameFor(target)],
    { env: { ...config.env, ...askpass.env }, detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  )
  let said = ''
  const exits = new Map<string, () => void>()
  hearLines(master.stderr, (line) => {
    // The client of a session says that its command exited only when no child of it holds its stdout any more.
    const exited = /^debug1: .*: channel (\d+) rtype exit-/.exec(line)?.[1]
    if (exited !== undefined) exits.get(exited)?.()
    if (!line.startsWith('debug1: ')) said = `${said}${line}\n`.slice(-saidMax)
  })
  master.stdin.on('error', () => {})
  const end = (): void => {
    master.stdin.destroy()
  }
  const closed: ((why: string) => void)[] = []
  let over: string | null = null
  let isUp = false
  let isAsked = false
  let stopLast = (): void => {}

  await new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      patience.stop()
      askpass.close()
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error): void => {
      settle()
      end()
      reject(error)
    }
    const onAbort = (): void => fail(reasonOf(signal))
    giveUp = () => fail(refusal(place, '', askpass))
    patience.onEnd((ms) => fail(unreachable(place, `no login within ${ms / 1000} s`)))
    signal.addEventListener('abort', onAbort, { once: true })
    master.on('error', (error) => fail(unreachable(place, `ssh cannot be run: ${error.message}`)))
    master.on('exit', () => {
      end()
      // What left its process group may hold them open.
      stopLast = clock.after(lastWordsMs, () => {
        master.stdout.destroy()
        master.stderr.destroy()
      })
    })
    master.on('close', () => {
      stopLast()
      over = isAsked ? 'closed by Sluice' : lossOf(said)
      if (!isUp) askpass.failed()
      if (closed.length > 0) for (const listener of closed.splice(0)) listener(over)
      failureOf(parts, said, askpass).then(fail, fail)
    })
    // LocalCommand, once the login is done and sessions are taken.
    master.stdout.once('data', () => {
      isUp = true
      askpass.succeeded()
      settle()
      resolve()
    })
    if (signal.aborted) onAbort()
  })

  const onOver = (listener: (why: string) => void): void => {
    if (over !== null) listener(over)
    else closed.push(listener)
  }
  const control = join(dir, 'control')
  const onExit = (session: string, listener: () => void): (() => void) => {
    exits.set(session, listener)
    return () => exits.delete(session)
  }
  const sessions = openSessions({ ...parts, control, over: () => over, onOver, onExit })
  const connection: Connection = {
    route: { program: 'openssh', why: parts.why },
    exec: (command) => sessions.exec(command),
    terminal: (command, size) => sessions.terminal(command, size),
    onClose: onOver,
    close() {
      isAsked = true
      end()
    },
  }
  connection.onClose(parts.clean)
  return connection
}

function hearLines(stderr: Readable, listener: (line: string) => void): void {
  let rest = ''
  stderr.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = (lines.pop() ?? '').slice(-saidMax)
    for (const line of lines) listener(line.replace(/\r$/, ''))
  })
  stderr.on('end', () => {
    if (rest !== '') listener(rest)
  })
}

/** What holds for this connection alone; what holds at jump hosts too is in the file. */
function masterOptions(dir: string): string[] {
  const options = {
    ControlMaster: 'yes',
    ControlPath: join(dir, 'control'),
    ControlPersist: 'no',
    PermitLocalCommand: 'yes',
    LocalCommand: 'echo ready',
    RequestTTY: 'no',
    ClearAllForwardings: 'yes',
    ForwardX11: 'no',
    ForwardAgent: 'no',
    RemoteCommand: 'none',
    LogLevel: 'DEBUG1',
  }
  const given = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  return ['-F', join(dir, 'config'), ...given, '-N', '-T']
}

/** O1. The first value of a keyword wins, so ours stand first; files of known hosts are the person's and ours together. */
function configText({ target, config, trust }: OpenSshParts, dir: string): string {
  const lines = [
    'IgnoreUnknown KnownHostsCommand',
    'Host *',
    'StrictHostKeyChecking yes',
    'UpdateHostKeys no',
    'VerifyHostKeyDNS no',
    // A dead peer is noticed within 20 s. It asks all the time, not only while something needs the link.
    'ServerAliveInterval 5',
    'ServerAliveCountMax 3',
    'LogLevel INFO',
    'ForkAfterAuthentication no',
    `GlobalKnownHostsFile ${[...target.globalKnownHostsFiles, trust.file].map(quoted).join(' ')}`,
    ...(target.needsOpenSsh.includes('KnownHostsCommand')
      ? []
      : [`KnownHostsCommand /bin/sh ${quoted(join(dir, 'shown.sh'))} %t %H %K`]),
  ]
  if (target.alias === null) {
    lines.push(`HostName ${quoted(target.host)}`, `Port ${target.port}`)
    lines.push(`User ${quoted(target.user).replaceAll('%%', '%')}`)
    lines.push(`UserKnownHostsFile ${target.userKnownHostsFiles.map(quoted).join(' ')}`)
    for (const file of target.identityFiles) lines.push(`IdentityFile ${quoted(file)}`)
    if (target.identitiesOnly) lines.push('IdentitiesOnly yes')
    return `${lines.join('\n')}\n`
  }
  const files = config.file === null ? ['~/.ssh/config', '/etc/ssh/ssh_config'] : [config.file]
  // Each in a block of its own: a `Host` line of the first must not hold for the second.
  for (const file of files) lines.push('Host *', `Include ${quoted(file)}`)
  return `${lines.join('\n')}\n`
}

/** A workspace comes from a repository: what it says must stay one word of one line. */
function quoted(text: string): string {
  if (!/["\\\p{Cc}]/u.test(text)) return `"${text.replaceAll('%', '%%')}"`
  throw new TransportError('host_unreachable', `"${serverText(text)}" cannot be told to ssh.`, {
    permanent: true,
  })
}

const nameFor = ({ alias, host }: SshTarget): string => alias ?? host

/** The master ended before its login was done: what it said, as what it means. */
async function failureOf(
  parts: MasterParts,
  said: string,
  askpass: Askpass,
): Promise<TransportError> {
  const { place, target } = parts
  const found = await keyFailure(parts, said)
  if (found !== null) return found
  const words = lastWords(said)
  if (/Permission denied|Too many authentication/i.test(said)) return refusal(place, said, askpass)
  if (/Could not resolve hostname/i.test(said)) {
    return new TransportError('dns_failure', `Cannot find the address of ${place.host}: ${words}.`)
  }
  if (/Bad configuration option|terminating, \d+ bad/i.test(said)) {
    return new TransportError('host_unreachable', `ssh refuses its configuration: ${words}.`, {
      permanent: true,
    })
  }
  const [, port, why = ''] =
    /connect to (?:host|address) \S+ port (\d+): ([^\r\n]+)/.exec(said) ?? []
  const isTarget = Number(port) === target.port
  if (isTarget) return unreachable(place, dialReasons.get(why.trim()) ?? serverText(why))
  // sshd says no more than that when too many are logging in (MaxStartups).
  if (words.startsWith('kex_exchange_identification: ')) {
    const text = `${place.host} (${place.address}) closed the connection before the login: ${words}.`
    return new TransportError('host_unreachable', text, { isBusy: true })
  }
  const isBehindJump = /stdio forwarding failed|open failed/i.test(said)
  return unreachable(place, isBehindJump ? `the jump host cannot reach it: ${words}` : words)
}

function refusal(place: Place, said: string, askpass: Askpass): TransportError {
  const allowed = /Permission denied \(([^)]*)\)/.exec(said)?.[1]?.replaceAll(',', ', ')
  const would = allowed === undefined ? '' : ` The host allows: ${allowed}.`
  const others = linesOf(said).filter((line) => !/Permission denied/.test(line))
  const notes = [...others, ...askpass.notes()].map((note) => ` ${note}.`)
  return refused(place, `Tried by the ssh program.${would}${notes.join('')}`)
}

const dialReasons = new Map([
  ['Connection refused', 'the machine answers, but nothing listens on that port'],
  ['No route to host', 'no route to the machine'],
  ['Network is unreachable', 'no route to its network'],
  ['Connection timed out', 'no answer'],
])

/** ssh says that a key is not right; which key that was is in the file that KnownHostsCommand wrote. */
async function keyFailure(parts: MasterParts, said: string): Promise<TransportError | null> {
  if (!/Host key verification failed|REVOKED|IDENTIFICATION HAS CHANGED/i.test(said)) return null
  const { dir, target, trust, place } = parts
  const shown = await lastShown(join(dir, 'shown.sh.log'))
  const files = [...target.userKnownHostsFiles, ...target.globalKnownHostsFiles]
  const lines = shown === null ? [] : await trust.linesOf(shown.name, files)
  const decision = shown === null ? null : decideHostKey(lines, shown.name, shown.key)
  if (shown === null || decision === null || decision.kind === 'ok') {
    return new TransportError(
      /IDENTIFICATION HAS CHANGED|REVOKED/i.test(said)
        ? 'ssh_host_key_mismatch'
        : 'ssh_host_key_unknown',
      `ssh does not take the host key of ${place.host} (${place.address}): ${lastWords(said)}.`,
      { permanent: true },
    )
  }
  const { name, key, asked } = shown
  trust.met(place.host, { name, key, decision })
  const isTarget =
    name.host === target.hostKeyAlias || (name.host === target.host && name.port === target.port)
  const at = isTarget ? place : { ...place, address: asked, hop: asked }
  return hostKeyError(at, { key, decision, lines, name })
}

interface ShownKey {
  /** `[host]:port` or `host`, as ssh looks it up. */
  asked: string
  name: HostName
  key: Buffer
}

/** null where ssh is too old to tell, or where a certificate was shown: no line of known_hosts would make it known. */
async function lastShown(file: string): Promise<ShownKey | null> {
  const text = await readFile(file, 'utf8').catch(() => '') // nothing was shown
  const shown = text.split('\n').map((line) => line.split(' '))
  const [type = '', asked = '', base64 = ''] =
    shown.findLast(([, , key]) => (key ?? '').length > 8) ?? []
  if (base64 === '' || type.includes('-cert-')) return null
  const [, host, port] = /^\[(.*)\]:(\d+)$/.exec(asked) ?? []
  const name = host === undefined ? { host: asked, port: 22 } : { host, port: Number(port) }
  return { asked, name, key: Buffer.from(base64, 'base64') }
}

/** How a connection that was up ended. */
function lossOf(said: string): string {
  const words = lastWords(said)
  if (/closed by remote host/i.test(words)) return 'the connection was closed by the host'
  if (/not responding/i.test(words)) return 'the connection is lost: the host does not answer'
  return `the connection is lost: ${words}`
}

/** What ssh said, without what it says to frighten. */
function linesOf(said: string): string[] {
  return serverText(said.slice(-2000))
    .split('\n')
    .map((line) => line.trim().replace(/\.$/, ''))
    .filter((line) => line !== '' && !/^@+|^(?:debug\d:|Killed by signal)/.test(line))
}

const lastWords = (said: string): string =>
  linesOf(said).slice(-3).join('; ') || 'ssh ended without a word'
