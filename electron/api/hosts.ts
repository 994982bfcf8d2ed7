// Calls about hosts.
import type { ApiParts } from './parts.ts'
import { openBell } from './bell.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { HostsWatch } from '../../shared/api/views.ts'

export function hostCalls(
  parts: ApiParts,
): Pick<Api, 'host.list' | 'host.watch' | 'host.check' | 'host.trust'> {
  const { hosts } = parts
  return {
    'host.list': async () => hosts.rows(),
    'host.check': (input) => hosts.check(input.host),
    'host.trust': (input) => hosts.trust(input.host, input.fingerprint),
    'host.watch': (_input, signal) => watchHosts(parts, signal),
  }
}

async function* watchHosts(parts: ApiParts, signal: AbortSignal): AsyncGenerator<HostsWatch> {
  const bell = openBell(signal)
  const changed = new Set<string>()
  const stop = parts.hosts.onChange((host) => {
    changed.add(host)
    bell.ring()
  })
  try {
    yield { kind: 'snapshot', rows: parts.hosts.rows() }
    while (await bell.next()) {
      const names = new Set(changed)
      changed.clear()
      for (const row of parts.hosts.rows()) if (names.has(row.name)) yield { kind: 'row', row }
    }
  } finally {
    stop()
  }
}
