// What a host of its own namespaces is made of before its sshd comes up: its boot id, its accounts, and what its case asks for.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { asOther, hangingPlace } from './machine.ts'
import type { MachineShape } from './machine.ts'

export const user = 'tasker'
export const uid = 61_000
const other = 'other'
const otherUid = 61_001
const shellPaths = { sh: '/bin/sh', bash: '/bin/bash', busybox: '/opt/ash' } as const

/** Shell text, run as root with `own` as its first word once the namespaces are there. Says `up`, and stays as their first process. */
export function startText(shape: MachineShape): string {
  return [
    'set -e',
    'mount --bind "$1/boot_id" /proc/sys/kernel/random/boot_id',
    'mount --bind "$1/passwd" /etc/passwd',
    'mount -t tmpfs -o mode=755 tmpfs /opt',
    'cp /bin/busybox /opt/ash 2>/dev/null || :',
    'mount -t tmpfs -o mode=755 tmpfs /run',
    'mkdir -m 755 /run/sshd',
    ...(shape.stepsClock ? steppedClock : []),
    ...(shape.otherUser ? otherUser : []),
    ...(shape.hangs ? hanging : []),
    'echo up',
    // `wait` also takes the corpses of daemons.
    `exec perl -e 'while (1) { wait() > 0 or select undef, undef, undef, 0.2 }'`,
    '',
  ].join('\n')
}

// Whoever asks for the time asks `date`: /proc/uptime and the kernel's own stamps on files do not move.
const steppedClock = [
  'date=$(readlink -f "$(command -v date)")',
  'cp "$date" /opt/date',
  'mount --bind "$1/date" "$date"',
]

const otherUser = [
  `install -m 755 "$1/as-other" ${asOther}`,
  'if command -v sudo >/dev/null; then',
  '  mount --bind "$1/sudoers" /etc/sudoers',
  '  [ ! -e /etc/pam.d/sudo ] || mount --bind "$1/pam" /etc/pam.d/sudo',
  'else',
  '  install -m 4755 "$(command -v setpriv)" /opt/setpriv',
  'fi',
]

// Without it the case goes on, and says that it lacked it.
const hanging = [
  `mkdir ${hangingPlace}`,
  `perl "$1/hanging.pl" ${hangingPlace} >/dev/null 2>&1 &`,
  `for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q ' ${hangingPlace} fuse' /proc/mounts && break; sleep 0.1; done`,
]

/** Files that the text above needs. */
export function writeMachineFiles(own: string, home: string, shape: MachineShape): void {
  const base = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .filter((line) => /^(root|sshd|nobody):/.test(line))
  const accounts = [
    `${user}:x:${uid}:${uid}::${home}:${shellPaths[shape.shell]}`,
    `${other}:x:${otherUid}:${otherUid}::/:/bin/sh`,
  ]
  writeFileSync(join(own, 'passwd'), [...base, ...accounts, ''].join('\n'))
  if (shape.stepsClock) {
    setClock(own, 0)
    const clock = join(own, 'clock')
    const date = `#!/bin/sh\nread -r off <${clock}\nexec /opt/date -d "$off seconds" "$@"\n`
    writeFileSync(join(own, 'date'), date, { mode: 0o755 })
  }
  if (shape.hangs) {
    copyFileSync(join(import.meta.dirname, 'hanging.pl'), join(own, 'hanging.pl'))
  }
  if (!shape.otherUser) return
  const isSudo = ['/usr/bin/sudo', '/bin/sudo'].some((path) => existsSync(path))
  const how = isSudo
    ? `sudo -n -u ${other}`
    : `/opt/setpriv --reuid ${otherUid} --regid ${otherUid} --clear-groups`
  writeFileSync(join(own, 'as-other'), `#!/bin/sh\nexec ${how} "$@"\n`)
  const rights = `root ALL=(ALL) ALL\n${user} ALL=(${other}) NOPASSWD: ALL\n`
  writeFileSync(join(own, 'sudoers'), `Defaults !lecture\n${rights}`)
  chmodSync(join(own, 'sudoers'), 0o440)
  const permits = ['auth', 'account', 'session'].map((what) => `${what} required pam_permit.so\n`)
  writeFileSync(join(own, 'pam'), permits.join(''))
}

/** Nobody reads half a number. */
export function setClock(own: string, offSeconds: number): void {
  const file = join(own, 'clock')
  writeFileSync(`${file}.next`, `${offSeconds}\n`)
  renameSync(`${file}.next`, file)
}
