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
import { AppError } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'
import { didYouMean } from '../../../shared/pipeline/suggest.ts'

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

const nameIfOne = { ...nameArgument, optional: true } as const

const list = command<Flags, [string?]>(
  {
    docs: { brief: 'List the hosts of the workspace' },
    parameters: {
      flags,
      aliases: { w: 'workspace' },
      positional: {
        kind: 'tuple',
        parameters: [{ ...nameIfOne, brief: 'Only this host' }],
      },
    },
  },
  (context, { json }, host) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const all = await client.call('host.list', {})
      const rows = host === undefined ? all : all.filter(({ name }) => name === host)
      if (host !== undefined && rows.length === 0) throw noHost(host, all)
      if (json) return printJson(context, { hosts: rows.map(hostJson) })
      const paint = paintFor(context.out)
      context.out.write(
        columns(rows.map((row) => cellsOf(paint, row)))
          .map((line) => `${line}\n`)
          .join(''),
      )
    }),
)

const check = command<Flags, [string?]>(
  {
    docs: {
      brief: 'Connect to the hosts now, or to one, and say what was found',
      fullDescription:
        'Connects to every host of the workspace, or to the one named, and says what was found. Exit code 4 when one is out of reach or refused.',
    },
    parameters: {
      flags,
      aliases: { w: 'workspace' },
      positional: {
        kind: 'tuple',
        parameters: [{ ...nameIfOne, brief: 'Only this host' }],
      },
    },
  },
  (context, { json }, host) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      if (host !== undefined) {
        return showChecked(context, await client.call('host.check', { host }), json)
      }
      const all = await client.call('host.list', {})
      const rows = await Promise.all(
        all.map(({ name }) => client.call('host.check', { host: name })),
      )
      if (json) printJson(context, { hosts: rows.map(hostJson) })
      else for (const row of rows) showChecked(context, row, false)
      return rows.some(isOutOfReach) ? EXIT.environment : EXIT.ok
    }),
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

// `sluice hosts WORD` lists: the word may be a slip of a command as well.
function noHost(word: string, rows: readonly HostRow[]): AppError {
  const known = ['check', 'trust', 'list', ...rows.map(({ name }) => name)]
  return new AppError('not-found', `There is no host "${word}".${didYouMean(word, known)}`, {
    hint: 'See: sluice hosts --help',
  })
}

function isOutOfReach(row: HostRow): boolean {
  return row.link === 'down' || row.link === 'refused'
}

function showChecked(context: CliContext, row: HostRow, json: boolean): number {
  if (json) printJson(context, hostJson(row))
  else {
    const paint = paintFor(context.out)
    // Why it is so, on a line of its own: it may end in a command that is to be copied.
    const cells = cellsOf(paint, { ...row, why: '' })
    context.out.write(`${cells.filter(Boolean).join('  ')}\n`)
    if (row.why !== '') context.out.write(`  ${oneLine(row.why)}\n`)
    if (row.facts !== null) {
      const { system, shell, lacks } = row.facts
      context.out.write(`  ${oneLine([system, shell].filter((word) => word !== '').join(', '))}\n`)
      for (const lack of lacks) context.out.write(`  lacks ${oneLine(lack)}\n`)
    }
  }
  return isOutOfReach(row) ? EXIT.environment : EXIT.ok
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
