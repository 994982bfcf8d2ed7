// The audit in SQLite: rows that are only ever added, chained by their hashes, so that whoever changes, removes or slips in
// a row must rewrite all that follow. What that guards against, and what not: docs/security.md.
import { createHash } from 'node:crypto'
import type { Db } from './open.ts'
import type { Audit } from '../ports/audit.ts'
import type { Clock } from '../ports/clock.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { AuditRow } from '../../shared/api/views.ts'

export interface AuditLog extends Audit {
  /** Newest first; only rows before `before`. */
  list(options: { before: number | null; limit: number }): AuditRow[]
  /** `brokenAt`: the first row that does not follow from those before it. */
  verify(): { rows: number; brokenAt: number | null }
}

/** As it is stored and hashed: `details` is text. */
interface Stored extends Omit<AuditRow, 'details'> {
  details: string
}

/** The hash before the first row. */
const noHash = '0'.repeat(64)
const detailsBytesMax = 4096
const textMax = { by: 200, action: 64, subject: 300, reason: 1000, detail: 500 } as const

export function openAudit(db: Db, clock: Clock): AuditLog {
  const last = db.prepare<[], Pick<Stored, 'seq' | 'hash'>>(
    'select seq, hash from audit order by seq desc limit 1',
  )
  const insert = db.prepare<Stored>(
    'insert into audit values (@seq, @at, @by, @action, @subject, @details, @reason, @hash)',
  )
  const page = db.prepare<{ before: number | null; limit: number }, Stored>(
    'select * from audit where @before is null or seq < @before order by seq desc limit @limit',
  )
  const inOrder = db.prepare<[], Stored>('select * from audit order by seq')
  const append = db.transaction((row: Omit<Stored, 'seq' | 'hash'>) => {
    const previous = last.get() ?? { seq: 0, hash: noHash }
    const next = { seq: previous.seq + 1, ...row }
    insert.run({ ...next, hash: hashOf(previous.hash, next) })
  })

  return {
    record({ by, action, subject, details, reason }) {
      if (db.readonly) throw readsOnly()
      const row = {
        at: clock.now(),
        by: cut(by, textMax.by),
        action: cut(action, textMax.action),
        subject: cut(subject, textMax.subject),
        details: detailsText(details),
        reason: cut(reason, textMax.reason),
      }
      db.pragma('synchronous = full')
      try {
        append.immediate(row)
      } finally {
        db.pragma('synchronous = normal')
      }
    },
    list: (options) => page.all(options).map(rowOf),
    verify() {
      let previous = { seq: 0, hash: noHash }
      let brokenAt: number | null = null
      let rows = 0
      for (const row of inOrder.iterate()) {
        rows += 1
        const follows = row.seq === previous.seq + 1 && row.hash === hashOf(previous.hash, row)
        if (!follows) brokenAt ??= row.seq
        previous = row
      }
      return { rows, brokenAt }
    },
  }
}

function hashOf(previous: string, row: Omit<Stored, 'hash'>): string {
  const { seq, at, by, action, subject, details, reason } = row
  const text = JSON.stringify([previous, seq, at, by, action, subject, details, reason])
  return createHash('sha256').update(text).digest('hex')
}

function detailsText(details: AuditRow['details']): string {
  const entries = Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))
  const short = entries.map(([name, value]) => [
    name,
    typeof value === 'string' ? cut(value, textMax.detail) : value,
  ])
  const text = JSON.stringify(Object.fromEntries(short))
  if (Buffer.byteLength(text) > detailsBytesMax) {
    throw new Error(`The details of an audit row have ${text.length} characters.`)
  }
  return text
}

function rowOf({ details, ...row }: Stored): AuditRow {
  try {
    return { ...row, details: JSON.parse(details) as AuditRow['details'] }
  } catch {
    return { ...row, details: { unreadable: details.slice(0, textMax.detail) } } // not written by us: `verify` says so
  }
}

function readsOnly(): AppError {
  return new AppError(
    'engine-needed',
    'This is recorded in the audit, and no engine is up to write it.',
    {
      hint: 'Start one: sluice serve',
    },
  )
}

// Never within a character: a lone surrogate would not come back from the disk as it was hashed.
function cut(text: string, lengthMax: number): string {
  const whole = text.toWellFormed()
  return whole.length <= lengthMax ? whole : `${whole.slice(0, lengthMax - 1).toWellFormed()}…`
}
