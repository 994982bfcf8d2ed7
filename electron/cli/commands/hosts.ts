// sluice hosts [list | check NAME | trust NAME FINGERPRINT]
import { buildRouteMap } from '@stricli/core'
import { command, printJson } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { jsonFlag, workspaceFlag } from '../flags.ts'
import { columns, oneLine, paintFor } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { proposeHosts } from '../propose.ts'
import { withSession } from '../session.ts'
import { isoTime, plural } from '../words.ts'
import type { HostRow } from '../../../shared/api/views.ts'

interface Flags {
  workspace?: string
  json: boolean
}

const flags = { workspace: workspaceFlag, json: jsonFlag } as const
const nameArgument = {
  brief: 'Name of a host',
  parse: String,
  placeholder: 'NAME',
  proposeCompletions: proposeHosts,
} as const

const list = command<Flags>(
  {
    docs: { brief: 'List the hosts of the workspace' },
    parameters: { flags, aliases: { w: 'workspace' } },
  },
  (context, { json }) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const rows = await client.call('host.list', {})
      if (json) return printJson(context, { hosts: rows.map(hostJson) })
      const paint = paintFor(context.out)
      context.out.write(
        columns(rows.map((row) => cellsOf(paint, row)))
          .map((line) => `${line}\n`)
          .join(''),
      )
    }),
)

const check = command<Flags, [string]>(
  {
    docs: { brief: 'Connect to a host now and say what was found' },
    parameters: {
      flags,
      aliases: { w: 'workspace' },
      positional: { kind: 'tuple', parameters: [nameArgument] },
    },
  },
  (context, { json }, host) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) =>
      showChecked(context, await client.call('host.check', { host }), json),
    ),
)

const trust = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Say that a host key is right',
      fullDescription:
        'Compare the fingerprint with what the administrator of the host gave you. It is written to the known_hosts file of the Sluice home.',
    },
    parameters: {
      flags,
      aliases: { w: 'workspace' },
      positional: {
        kind: 'tuple',
        parameters: [
          nameArgument,
          { brief: 'SHA256:...', parse: String, placeholder: 'FINGERPRINT' },
        ],
      },
    },
  },
  (context, { json }, host, fingerprint) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) =>
      showChecked(context, await client.call('host.trust', { host, fingerprint }), json),
    ),
)

export const hostsCommand = buildRouteMap<'list' | 'check' | 'trust', CliContext>({
  routes: { list, check, trust },
  defaultCommand: 'list',
  docs: { brief: 'List hosts, check one, or trust its key' },
})

function showChecked(context: CliContext, row: HostRow, json: boolean): number {
  if (json) printJson(context, hostJson(row))
  else {
    const paint = paintFor(context.out)
    context.out.write(`${cellsOf(paint, row).filter(Boolean).join('  ')}\n`)
    if (row.facts !== null) {
      const { system, shell, lacks } = row.facts
      context.out.write(`  ${oneLine([system, shell].filter((word) => word !== '').join(', '))}\n`)
      for (const lack of lacks) context.out.write(`  lacks ${oneLine(lack)}\n`)
    }
    if (row.askFingerprint !== null) {
      context.out.write(
        `  Its key is not known. If this fingerprint is right:\n  sluice hosts trust ${row.name} ${row.askFingerprint}\n`,
      )
    }
  }
  return row.link === 'down' || row.link === 'refused' ? EXIT.environment : EXIT.ok
}

function cellsOf(paint: Paint, row: HostRow): string[] {
  const link = {
    idle: paint('dim', '○ idle'),
    connecting: paint('cyan', '◦ connecting'),
    linked: paint('green', '● linked'),
    down: paint('red', '✗ down'),
    refused: paint('red', '✗ refused'),
  }[row.link]
  return [
    paint('bold', row.name),
    link,
    oneLine(row.address),
    `${row.used} of ${plural(row.slots, 'slot')}`,
    row.queued === 0 ? '' : `${row.queued} queued`,
    paint('dim', row.labels.join(' ')),
    oneLine(row.why),
  ]
}

function hostJson(row: HostRow): object {
  return { ...row, lastSeenAt: isoTime(row.lastSeenAt) }
}
