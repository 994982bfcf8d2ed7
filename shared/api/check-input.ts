// The border: what a client says must fit the contract before a handler sees it.
import type { CheckedInputOf, Contract } from './contract.ts'
import { contract } from './contract.ts'
import { AppError } from './app-error.ts'

/** Throws AppError('bad-input') that names every field that does not fit. */
export function checkInput<K extends keyof Contract>(name: K, input: unknown): CheckedInputOf<K> {
  const result = contract[name].input.safeParse(input ?? {})
  if (result.success) return result.data as CheckedInputOf<K>
  const issues = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  throw new AppError('bad-input', `${name}: ${issues.join('; ')}`)
}
