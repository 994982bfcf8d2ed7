// What `hosts check` says: facts that the host's `look` found, in words for people. Pure. The host's words are bounded here.
import type { HostCheck } from '../../shared/api/views.ts'
import type { Answer, Greeting, Hello } from './channel.ts'
import type { ConnectionRoute } from './transport.ts'

export interface LookSeen {
  hello: Hello
  greeting: Greeting
  /** Our clock when the answer came. */
  now: number
  /** Hash of the agent, 64 hex digits. */
  agent: string
  /** null: there is but one way. */
  route: ConnectionRoute | null
}

const slowShellMs = 1500
const clockOffMs = 5_000
const freeKbFew = 100 * 1024
const freeKbNone = 4 * 1024
const freeInodesFew = 1000
const processesFew = 100

/** In the order in which they are shown. */
export function hostChecks(answer: Answer, seen: LookSeen): HostCheck[] {
  const found = new Map<string, string>()
  const missing: string[] = []
  for (const [name = '', ...words] of answer.parts) {
    const value = words.join(' ').trim().slice(0, 300)
    if (name === 'missing') missing.push(value)
    else found.set(name, value)
  }
  const text = (name: string): string => found.get(name) ?? ''
  const has = (name: string): boolean => text(name) !== '' && text(name) !== '-'
  const number = (name: string): number | null =>
    /^\d{1,15}$/.test(text(name)) ? Number(text(name)) : null
  return [
    ...(seen.route === null ? [] : [transport(seen.route)]),
    loginShell(text('login'), seen.greeting),
    agentShell(text('sh'), { isNarrow: text('wide') === '-', lacksPrintf: text('printf') === '-' }),
    session(text('session')),
    sha256(has('sha256'), text('sha256')),
    proc(has('proc')),
    bootId(text('boot')),
    has('uptime')
      ? check('uptime', 'good', 'a clock that nobody steps')
      : check('uptime', 'note', 'no clock that nobody steps', costOf['uptime']),
    clock(number('clock'), seen.now),
    folder('folder', found),
    ...(has('tmp') ? [folder('tmp', found)] : []),
    ...room(number('folder.free_kb'), number('folder.free_inodes')),
    ...processes(number('processes')),
    ...(missing.length > 0
      ? [
          check(
            'tools',
            'note',
            `without ${missing.join(', ')}`,
            'What needs them is done another way or left out.',
          ),
        ]
      : []),
    ...(has('kills_at_logout')
      ? [
          check(
            'logout',
            'bad',
            'systemd ends all processes of the account at its last logout',
            'Tasks would end with the link. Run `loginctl enable-linger` for the account, or set KillUserProcesses=no.',
          ),
        ]
      : []),
    check('agent', 'good', `agent ${seen.agent.slice(0, 16)}, protocol 1`),
  ]
}

/** What a word of `lacks=` in the agent's hello costs. */
export function lackInWords(word: string): string {
  const cost = costOf[word]
  return cost === undefined ? word : `${lackNames[word]}: ${cost}`
}

const lackNames: Readonly<Record<string, string>> = {
  setsid: 'setsid',
  sha256: 'a SHA-256 tool',
  proc: '/proc',
  bootid: 'a boot id',
  uptime: 'an uptime',
  wide: 'a shell that counts in 64 bits',
  printf: 'a shell with a printf of its own',
}

const costOf: Readonly<Record<string, string>> = {
  setsid:
    'a cancel reaches the children of a task and those that bear the attempt in their environment; others are not found. Install util-linux, perl or python3.',
  sha256: 'logs and files are checked by length only. Install coreutils or openssl.',
  proc: 'processes are found by ps, by their group and their parents only, and times are in whole seconds.',
  bootid: 'a reboot is seen only by the processes that are gone.',
  uptime: 'it can keep no lease, so no task may fail over from it.',
  wide: 'logs and files above 2 GB cannot be read, and it can keep no lease and no timeout above 24 days. Let SLUICE_SH name another shell.',
  printf:
    'no task with secrets is started there: they would stand in an argument of a process. Let SLUICE_SH name another shell.',
}

function check(id: string, level: HostCheck['level'], found: string, cost = ''): HostCheck {
  return { id, level, found, cost: sentence(cost) }
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function transport({ program, why }: ConnectionRoute): HostCheck {
  const words = why.join(', ')
  if (program === 'openssh')
    return check(
      'transport',
      'good',
      `the ssh program${words === '' ? '' : `, because of ${words}`}`,
    )
  const followed = words === '' ? '' : `; follows ${words} of the configuration`
  return check('transport', 'good', `ssh2, in this process${followed}`)
}

function loginShell(name: string, { shellMs, noiseBytes }: Greeting): HostCheck {
  const isNoisy = noiseBytes > 0
  const isSlow = shellMs > slowShellMs
  const noise = isNoisy ? `prints ${noiseBytes} bytes before our first word` : 'prints nothing'
  const found = `${name === '' ? 'unknown' : name}, ${noise}, takes ${(shellMs / 1000).toFixed(1)} s`
  if (isSlow) {
    const cost =
      'Each new link waits for it; starts do not. Let its rc files do less where there is no terminal.'
    return check('login_shell', 'note', found, cost)
  }
  return check('login_shell', isNoisy ? 'note' : 'good', found, isNoisy ? 'It is skipped.' : '')
}

function agentShell(
  name: string,
  { isNarrow, lacksPrintf }: { isNarrow: boolean; lacksPrintf: boolean },
): HostCheck {
  const found = name === '' ? 'a POSIX sh' : name
  const lacks = [
    ...(isNarrow ? [{ found: 'counts in 32 bits', cost: costOf['wide'] ?? '' }] : []),
    ...(lacksPrintf ? [{ found: 'has no printf', cost: costOf['printf'] ?? '' }] : []),
  ]
  if (lacks.length === 0) return check('agent_shell', 'good', found)
  const words = [found, ...lacks.map((lack) => lack.found)].join(', ')
  return check('agent_shell', 'note', words, lacks.map(({ cost }) => sentence(cost)).join(' '))
}

function session(tool: string): HostCheck {
  if (tool === '-' || tool === '')
    return check('setsid', 'note', 'no setsid, perl or python3', costOf['setsid'])
  if (tool === 'setsid') return check('setsid', 'good', 'setsid')
  return check(
    'setsid',
    'note',
    `no setsid; ${tool} does it`,
    'A start takes some 20 ms longer where none was prepared.',
  )
}

function sha256(has: boolean, tool: string): HostCheck {
  return has
    ? check('sha256', 'good', tool)
    : check('sha256', 'note', 'no SHA-256 tool', costOf['sha256'])
}

function proc(has: boolean): HostCheck {
  return has
    ? check('proc', 'good', '/proc is readable')
    : check('proc', 'note', 'no /proc', costOf['proc'])
}

function bootId(id: string): HostCheck {
  return id === '' || id === 'unknown'
    ? check('boot_id', 'note', 'no boot id', costOf['bootid'])
    : check('boot_id', 'good', id)
}

function clock(hostNow: number | null, now: number): HostCheck {
  if (hostNow === null) return check('clock', 'note', 'no clock that could be read')
  const offMs = hostNow - now
  const size = Math.abs(offMs)
  const found =
    size < 1000
      ? 'agrees with ours'
      : `${spanInWords(size)} ${offMs > 0 ? 'ahead of' : 'behind'} ours`
  if (size < clockOffMs) return check('clock', 'good', found)
  const cost =
    'Times in its logs and files are off by that; timeouts, durations and leases are not. Set up NTP there.'
  return check('clock', 'note', found, cost)
}

function spanInWords(ms: number): string {
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`
  return `${(ms / 3_600_000).toFixed(1)} h`
}

function folder(id: 'folder' | 'tmp', found: ReadonlyMap<string, string>): HostCheck {
  const path = found.get(id)?.replace(/\/stop$/, '') ?? 'unknown'
  const refuses = found.get(`${id}.refuses`)
  const isNoexec = found.has(`${id}.noexec`)
  if (refuses !== undefined) {
    const cost =
      id === 'folder'
        ? 'No task can be started. Name another folder: `folder` of the host in sluice.yaml, or SLUICE_FOLDER in its account.'
        : 'Sluice does not need it; tasks may.'
    return check(
      id,
      id === 'folder' ? 'bad' : 'note',
      `${path} cannot be written: ${refuses}`,
      cost,
    )
  }
  if (isNoexec) {
    const cost =
      id === 'folder'
        ? 'Tasks run, because sh reads them; programs placed beside them cannot be executed there, scripts must be called by `sh name`.'
        : 'Sluice runs nothing from there; tasks that unpack programs into it fail.'
    return check(id, 'note', `${path}, writable, no programs may run from it (noexec)`, cost)
  }
  return check(id, 'good', `${path}, writable`)
}

function room(freeKb: number | null, freeInodes: number | null): HostCheck[] {
  const checks: HostCheck[] = []
  if (freeKb !== null) {
    const found = `${sizeInWords(freeKb)} free`
    const cost = 'Logs and outputs lie there until they are safe here.'
    if (freeKb < freeKbNone)
      checks.push(check('disk', 'bad', found, `${cost} Free some room, or name another folder.`))
    else
      checks.push(
        check('disk', freeKb < freeKbFew ? 'note' : 'good', found, freeKb < freeKbFew ? cost : ''),
      )
  }
  if (freeInodes !== null) {
    const isFew = freeInodes < freeInodesFew
    const cost = 'An attempt needs some ten files; at none left, nothing can be started.'
    checks.push(
      check('inodes', isFew ? 'note' : 'good', `${freeInodes} inodes free`, isFew ? cost : ''),
    )
  }
  return checks
}

function sizeInWords(kb: number): string {
  if (kb < 1024) return `${kb} KB`
  if (kb < 1024 * 1024) return `${(kb / 1024).toFixed(1)} MB`
  return `${(kb / 1024 / 1024).toFixed(1)} GB`
}

function processes(max: number | null): HostCheck[] {
  if (max === null || max >= processesFew) return []
  const cost =
    'An attempt needs three processes and those of its command: give the host fewer slots.'
  return [check('processes', 'note', `${max} processes at most for the account`, cost)]
}
