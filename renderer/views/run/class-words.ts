// A cause class as a heading: `schema_drift` reads "Schema drift".
const fixed: Record<string, string> = {
  unknown: 'Cause not known',
  oom_kill: 'Killed for memory',
  oom: 'Out of memory',
  dns_failure: 'Name not found (DNS)',
  ssh_auth_failure: 'SSH sign-in refused',
  ssh_host_key_mismatch: 'SSH host key changed',
  ssh_host_key_unknown: 'SSH host key not known yet',
}

export function classWords(name: string): string {
  const known = fixed[name]
  if (known !== undefined) return known
  const words = name.replaceAll(/[_-]+/g, ' ').trim()
  return words === '' ? 'Cause not known' : words.charAt(0).toUpperCase() + words.slice(1)
}
