// The record of who did what. An intent is recorded before it is carried out: what cannot be recorded is not done.
import type { ApiParts } from './parts.ts'
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { AuditEntry } from '../ports/audit.ts'

export function auditCalls({ audit }: ApiParts): Pick<Api, 'audit.list' | 'audit.verify'> {
  return {
    'audit.list': async (input) => audit.list(input),
    'audit.verify': async () => audit.verify(),
  }
}

/** What a person does through this face. Throws where it cannot be recorded. */
export type Deed = Pick<AuditEntry, 'action' | 'subject'> & Partial<AuditEntry>

export function recordDeed({ audit, user }: Pick<ApiParts, 'audit' | 'user'>, deed: Deed): void {
  audit.record({ by: user, details: {}, reason: '', ...deed })
}

/** Records, then does. A deed that fails after all has a second row, with what was said. */
export async function audited<Value>(
  parts: Pick<ApiParts, 'audit' | 'user'>,
  deed: Deed,
  act: () => Value | Promise<Value>,
): Promise<Value> {
  recordDeed(parts, deed)
  try {
    return await act()
  } catch (error) {
    const why = error instanceof AppError ? error.message : 'a fault'
    recordDeed(parts, { ...deed, action: `${deed.action}.failed`, details: { why } })
    throw error
  }
}
