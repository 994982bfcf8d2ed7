// Questions of logins that wait for a person.
import { AppError } from '../../shared/api/app-error.ts'
import type { Api } from '../../shared/api/contract.ts'

const notYet = async (): Promise<never> => {
  throw new AppError('environment', 'This is not there yet.')
}

export function askCalls(): Pick<Api, 'ask.answer' | 'ask.watch'> {
  return {
    'ask.answer': notYet,
    'ask.watch': async function* () {},
  }
}
