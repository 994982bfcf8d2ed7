// Debug shells in the folder of an attempt.
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'

const notYet = async (): Promise<never> => {
  throw new AppError('environment', 'This is not there yet.')
}

export function shellCalls(): Pick<
  Api,
  'shell.open' | 'shell.write' | 'shell.resize' | 'shell.close' | 'shell.watch'
> {
  return {
    'shell.open': notYet,
    'shell.write': notYet,
    'shell.resize': notYet,
    'shell.close': notYet,
    'shell.watch': async function* () {},
  }
}
