// Calls about hosts.
import { audited } from './audit.ts'
import type { ApiParts } from './parts.ts'
import { openBell } from './bell.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { HostsWatch } from '../../shared/api/views.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'

export function hostCalls(
  parts: ApiParts,
): Pick<
  Api,
  | 'host.list'
  | 'host.watch'
  | 'host.check'
  | 'host.trust'
  | 'host.cordon'
  | 'host.sweep'
  | 'pool.list'
> {
  const { hosts } = parts
  return {
    'host.list': async () => hosts.rows(),
    'host.check': async (input) => hosts.check(known(parts, input.host)),
    async 'host.trust'({ host, fingerprint }) {
      const subject = known(parts, host)
      const deed = { action: 'host_key.accepted', subject, details: { fingerprint } }
      return await audited(parts, deed, () => hosts.trust(subject, fingerprint))
    },
    async 'host.cordon'({ host, state, reason }) {
      const subject = known(parts, host)
      const action = `host.${state === 'open' ? 'opened' : state}`
      return await audited(parts, { action, subject, reason }, () =>
        hosts.cordon(subject, state, parts.user, reason),
      )
    },
    async 'host.sweep'({ host, days, isPreview }) {
      const subject = known(parts, host)
      if (isPreview) return await hosts.sweep(subject, days, true)
      return await audited(parts, { action: 'host.swept', subject, details: { days } }, () =>
        hosts.sweep(subject, days, false),
      )
    },
    'pool.list': async () => hosts.pools(),
    'host.watch': (_input, signal) => watchHosts(parts, signal),
  }
}

function known({ hosts }: ApiParts, name: string): string {
  const names = hosts.rows().map((row) => row.name)
  if (names.includes(name)) return name
  throw new AppError('not-found', `There is no host "${name}".${didYouMean(name, names)}`, {
    hint: `Hosts: ${someOf(names)}.`,
  })
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
