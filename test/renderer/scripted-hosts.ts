// Hosts, pools and sign-ins of a scripted client.
import { AppError } from '../../shared/api/app-error.ts'
import type { AskRow, HostRow } from '../../shared/api/views.ts'
import type { Answers } from './scripted-api.ts'
import type { Feeds } from './scripted-feeds.ts'
import type { World } from './scripted-world.ts'

export function hostAnswers(world: World, feeds: Feeds) {
  function publishHost(row: HostRow): void {
    world.hosts = world.hosts.map((each) => (each.name === row.name ? row : each))
    feeds.tell('hosts', { kind: 'row', row })
  }
  function publishHosts(rows: readonly HostRow[]): void {
    world.hosts = [...rows]
    feeds.tell('hosts', { kind: 'snapshot', rows })
  }
  function publishAsks(asks: AskRow[]): void {
    world.asks = asks
    feeds.tell('asks', { kind: 'snapshot', asks })
  }
  function change(name: string, part: Partial<HostRow>): HostRow {
    const found = world.hosts.find((each) => each.name === name)
    if (found === undefined) throw new AppError('not-found', `There is no host ${name}.`)
    const row = { ...found, ...part }
    publishHost(row)
    return row
  }

  const answers: Answers = {
    'host.list': () => world.hosts,
    'host.watch': (_, signal) =>
      feeds.open('hosts', signal, [{ kind: 'snapshot', rows: world.hosts }]),
    'host.check': ({ host }) =>
      change(host, { link: 'linked', why: '', lastSeenAt: Date.now(), roundTripMs: 4.2 }),
    'host.trust': ({ host }) => change(host, { link: 'linked', why: '', askFingerprint: null }),
    'host.cordon': ({ host, state, reason }) =>
      change(host, {
        cordon: state === 'open' ? null : { kind: state, by: 'mara', reason, at: Date.now() },
      }),
    'pool.list': () => world.pools,
    'ask.watch': (_, signal) =>
      feeds.open('asks', signal, [{ kind: 'snapshot', asks: world.asks }]),
    'ask.answer': ({ id }) => {
      if (!world.asks.some((ask) => ask.id === id))
        throw new AppError('not-found', 'This is no longer asked.')
      publishAsks(world.asks.filter((ask) => ask.id !== id))
      return null
    },
  }
  return { answers, publishHost, publishHosts, publishAsks }
}
