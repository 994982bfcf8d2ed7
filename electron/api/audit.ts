// The record of who did what.
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'

const notYet = async (): Promise<never> => {
  throw new AppError('environment', 'This is not there yet.')
}

export function auditCalls(): Pick<Api, 'audit.list' | 'audit.verify'> {
  return {
    'audit.list': notYet,
    'audit.verify': notYet,
  }
}
