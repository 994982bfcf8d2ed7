// sluice audit [list | verify]
import { buildRouteMap } from '@stricli/core'
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { jsonFlag, wholeNumber } from '../flags.ts'
import { columns, oneLine, paintFor } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { withSession } from '../session.ts'
import { isoTime, localTime, plural } from '../words.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'
import type { AuditRow } from '../../../shared/api/views.ts'

interface ListFlags {
  limit: number
  before?: number
  json: boolean
}

const list = command<ListFlags>(
  {
    docs: {
      brief: 'List what people did, newest first',
      fullDescription:
        'Who started, paused, stopped, cancelled and resumed runs, held, marked and approved tasks, ran remedies, opened shells, decided about unknown outcomes, accepted host keys, took hosts out of work and gave them back. Rows are only ever added.',
    },
    parameters: {
      flags: {
        limit: {
          kind: 'parsed',
          parse: wholeNumber(1),
          default: '20',
          placeholder: 'N',
          brief: 'How many',
        },
        before: {
          kind: 'parsed',
          parse: wholeNumber(1),
          optional: true,
          placeholder: 'N',
          brief: 'Only rows before this number',
        },
        json: jsonFlag,
      },
      aliases: { n: 'limit' },
    },
  },
  (context, { limit, before, json }) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const rows = await client.call('audit.list', { limit, before: before ?? null })
      if (json) return printJson(context, { audit: rows.map(auditJson) })
      if (rows.length === 0) return context.out.write('Nothing is recorded yet.\n')
      const paint = paintFor(context.out)
      printLines(context, columns(rows.map((row) => cellsOf(paint, row))))
    }),
)

interface VerifyFlags {
  last?: readonly [seq: number, hash: string]
  json: boolean
}

const verify = command<VerifyFlags>(
  {
    docs: {
      brief: 'Recompute the chain of the audit; exit code 1 when it is broken',
      fullDescription:
        'Each row carries the hash over itself and the one before. A chain cannot tell that its end was cut off, or all of it written anew: keep the last line of this output elsewhere, and give it back with --last.',
    },
    parameters: {
      flags: {
        last: {
          kind: 'parsed',
          parse: parseLast,
          optional: true,
          placeholder: 'N:HASH',
          brief: 'A row that was there: its number and its hash',
        },
        json: jsonFlag,
      },
    },
  },
  (context, { last, json }) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const { rows, brokenAt } = await client.call('audit.verify', {})
      const [newest] = await client.call('audit.list', { limit: 1 })
      const kept = last === undefined || (await hasRow(client, last))
      const isGood = brokenAt === null && kept
      const head = newest === undefined ? null : `${newest.seq}:${newest.hash}`
      if (json) printJson(context, { ok: isGood, rows, brokenAt, lastFound: kept, last: head })
      else {
        const paint = paintFor(context.out)
        if (brokenAt !== null) {
          context.out.write(
            `${paint('red', '✗')} Row ${brokenAt} does not follow from those before it: somebody has changed the audit.\n`,
          )
        }
        if (!kept) {
          context.out.write(
            `${paint('red', '✗')} Row ${last?.[0]} is not the one that you name: it is gone, or the audit was written anew.\n`,
          )
        }
        if (isGood)
          context.out.write(`${paint('green', '✓')} ${plural(rows, 'row')}, each follows.\n`)
        if (isGood && head !== null) context.out.write(`--last ${head}\n`)
      }
      return isGood ? EXIT.ok : EXIT.runFailed
    }),
)

export const auditCommand = buildRouteMap<'list' | 'verify', CliContext>({
  routes: { list, verify },
  defaultCommand: 'list',
  docs: { brief: 'List what people did, or verify that record' },
})

async function hasRow(client: Client, [seq, hash]: readonly [number, string]): Promise<boolean> {
  const [row] = await client.call('audit.list', { before: seq + 1, limit: 1 })
  return row?.seq === seq && row.hash === hash
}

function parseLast(this: unknown, text: string): readonly [number, string] {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq !== undefined && hash !== undefined) return [Number(seq), hash]
  throw new AppError(
    'bad-input',
    `"${text}" is no row: expected its number, ":", its 64 hex digits.`,
  )
}

function cellsOf(paint: Paint, row: AuditRow): string[] {
  const details = Object.entries(row.details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${shown(value)}`)
  const reason = row.reason === '' ? [] : [`"${oneLine(row.reason)}"`]
  return [
    paint('dim', String(row.seq)),
    localTime(row.at),
    oneLine(row.by),
    paint('bold', oneLine(row.action)),
    oneLine(row.subject),
    oneLine([...details, ...reason].join(' ')),
  ]
}

// A version is told by its first digits.
function shown(value: string | number | boolean | null): string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
    ? value.slice(0, 12)
    : String(value)
}

function auditJson(row: AuditRow): object {
  return { ...row, at: isoTime(row.at) }
}
