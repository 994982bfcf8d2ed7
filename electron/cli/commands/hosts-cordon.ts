// sluice hosts cordon NAME, drain NAME [--wait], open NAME
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { hostGiven, reasonFlag, workspaceFlags } from '../flags.ts'
import type { WorkspaceFlags } from '../flags.ts'
import { hostJson, hostLines } from '../host-lines.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import type { Session } from '../session.ts'
import { plural } from '../words.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'
import type { HostRow } from '../../../shared/api/views.ts'

interface Flags extends WorkspaceFlags {
  reason: string
}

const flags = { ...workspaceFlags.flags, reason: reasonFlag } as const
const parameters = {
  ...workspaceFlags,
  flags,
  positional: { kind: 'tuple', parameters: [hostGiven] },
} as const

export const cordonCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Give a host no new work',
      fullDescription:
        'What runs there goes on. Tasks of a pool go to its other hosts; tasks of this host alone wait until it is open again. It is written to the audit.',
    },
    parameters,
  },
  (context, flags, host) => say(context, { host, state: 'cordoned', ...flags }),
)

export const openCommand = command<Flags, [string]>(
  {
    docs: {
      brief: 'Give a host work again',
      fullDescription: 'Takes back a cordon or a drain. It is written to the audit.',
    },
    parameters,
  },
  (context, flags, host) => say(context, { host, state: 'open', ...flags }),
)

interface DrainFlags extends Flags {
  wait: boolean
}

export const drainCommand = command<DrainFlags, [string]>(
  {
    docs: {
      brief: 'Give a host no new work, and say when nothing runs there any more',
      fullDescription:
        'As a cordon; the host is "drained" once what runs there has ended. --wait returns then; Ctrl-C leaves, and the host goes on draining.',
    },
    parameters: {
      ...parameters,
      flags: {
        ...flags,
        wait: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Return when nothing runs there any more',
        },
      },
    },
  },
  (context, { wait, ...flags }, host) =>
    say(context, { host, state: 'draining', ...flags, ...(wait ? { until: untilDrained } : {}) }),
)

interface Said extends Flags {
  host: string
  state: 'open' | 'cordoned' | 'draining'
  /** null: left before. */
  until?: (context: CliContext, session: Session, row: HostRow) => Promise<HostRow | null>
}

function say(context: CliContext, { host, state, reason, json, until }: Said): Promise<number> {
  const first = async (client: Client): Promise<void> =>
    void (await client.call('host.cordon', { host, state, reason }))
  return withSession(context, { need: 'engine', usesFiles: true, first }, async (session) => {
    const rows = await session.client.call('host.list', {})
    const said = rows.find(({ name }) => name === host)
    if (said === undefined)
      throw new AppError('not-found', `Host ${host} has left the workspace meanwhile.`)
    const row = until === undefined ? said : await until(context, session, said)
    if (row === null) return EXIT.cancelled
    if (json) printJson(context, hostJson(row))
    else printLines(context, hostLines(paintFor(context.out), [row]))
    return EXIT.ok
  })
}

async function untilDrained(
  context: CliContext,
  { client }: Session,
  row: HostRow,
): Promise<HostRow | null> {
  const { name } = row
  if (row.cordon?.kind === 'drained') return row
  const leave = new AbortController()
  const stopListening = context.onInterrupt(() => leave.abort())
  try {
    context.err.write(`Waits for ${plural(row.used, 'attempt')} on ${name}.\n`)
    for await (const message of client.stream('host.watch', {}, leave.signal)) {
      const rows = message.kind === 'snapshot' ? message.rows : [message.row]
      const found = rows.find((each) => each.name === name)
      // Opened again by somebody: there is nothing left to wait for.
      if (found !== undefined && found.cordon?.kind !== 'draining') return found
    }
    return null
  } finally {
    stopListening()
    leave.abort()
  }
}
