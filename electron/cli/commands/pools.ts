// sluice pools
import { command, printJson, printLines } from '../command.ts'
import { workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { columns, paintFor } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { withSession } from '../session.ts'
import { plural } from '../words.ts'
import type { HostRow, PoolRow } from '../../../shared/api/views.ts'

export const poolsCommand = command<WorkspaceFlags>(
  {
    docs: {
      brief: 'List the pools of the workspace, with their hosts',
      fullDescription:
        'Each with how it picks a host, its slots, what waits for it, and its hosts in the order they are preferred; in brackets what keeps one from work.',
    },
    parameters: { ...workspaceFlags },
  },
  (context, { json }) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const pools = await client.call('pool.list', {})
      if (json) return printJson(context, { pools })
      if (pools.length === 0) {
        return context.out.write(
          'The workspace has no pools. In sluice.yaml: pools: { crunch: { hosts: [a, b] } }\n',
        )
      }
      const hosts = await client.call('host.list', {})
      const paint = paintFor(context.out)
      printLines(context, columns(pools.map((pool) => cellsOf(paint, pool, hosts))))
    }),
)

function cellsOf(paint: Paint, pool: PoolRow, hosts: readonly HostRow[]): string[] {
  const rows = pool.hosts.map((name) => hosts.find((host) => host.name === name))
  const slots = pool.slots ?? rows.reduce((sum, row) => sum + (row?.slots ?? 0), 0)
  return [
    paint('bold', pool.name),
    pool.pick.replace('_', ' '),
    `${pool.used} of ${plural(slots, 'slot')}`,
    pool.queued === 0 ? '' : `${pool.queued} queued`,
    pool.hosts.map((name, at) => `${name}${stateOf(rows[at])}`).join(', '),
  ]
}

function stateOf(row: HostRow | undefined): string {
  if (row === undefined) return ' (gone)'
  if (row.cordon !== null) return ` (${row.cordon.kind})`
  return row.link === 'down' || row.link === 'refused' ? ` (${row.link})` : ''
}
