// sluice hosts [list | check | login | trust | cordon | drain | open | sweep]
import { buildRouteMap } from '@stricli/core'
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { noteDrain } from '../drain-lines.ts'
import { hostIfOne, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { hostJson, hostLines } from '../host-lines.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { checkCommand } from './hosts-check.ts'
import { cordonCommand, drainCommand, openCommand } from './hosts-cordon.ts'
import { loginCommand } from './hosts-login.ts'
import { sweepCommand } from './hosts-sweep.ts'
import { trustCommand } from './hosts-trust.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { HostRow } from '../../../shared/api/views.ts'
import { didYouMean } from '../../../shared/pipeline/suggest.ts'

const list = command<WorkspaceFlags, [string?]>(
  {
    docs: {
      brief: 'List the hosts of the workspace',
      fullDescription:
        'Each with its link, its slots, its pools and labels, and what keeps work from it: a cordon, its health, why it is down. Connects to nothing.',
    },
    parameters: {
      ...workspaceFlags,
      positional: { kind: 'tuple', parameters: [hostIfOne] },
    },
  },
  (context, { json }, host) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const all = await client.call('host.list', {})
      const rows = host === undefined ? all : all.filter(({ name }) => name === host)
      if (host !== undefined && rows.length === 0) throw noHost(host, all)
      if (json) return printJson(context, { hosts: rows.map(hostJson) })
      printLines(context, hostLines(paintFor(context.out), rows))
      await noteDrain(context, client)
    }),
)

const routes = {
  list,
  check: checkCommand,
  login: loginCommand,
  trust: trustCommand,
  cordon: cordonCommand,
  drain: drainCommand,
  open: openCommand,
  sweep: sweepCommand,
}

export const hostsCommand = buildRouteMap<keyof typeof routes, CliContext>({
  routes,
  defaultCommand: 'list',
  docs: { brief: 'List hosts, check them, trust a key, take one out of work, sweep it' },
})

// `sluice hosts WORD` lists: the word may be a slip of a command as well.
function noHost(word: string, rows: readonly HostRow[]): AppError {
  const known = [...Object.keys(routes), ...rows.map(({ name }) => name)]
  return new AppError('not-found', `There is no host "${word}".${didYouMean(word, known)}`, {
    hint: 'See: sluice hosts --help',
  })
}
