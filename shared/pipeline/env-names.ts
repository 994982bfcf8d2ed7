// Which environment variables a task cannot be given.

/** bash, which is `sh` on many systems, ends when they are exported. */
const namesKept = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO', 'IFS'])

/** A shell keeps it for itself. */
export function isKeptByShell(name: string): boolean {
  return namesKept.has(name)
}

export function isSettable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !isKeptByShell(name)
}
