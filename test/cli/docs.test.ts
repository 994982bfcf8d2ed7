import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cliReference } from './cli-reference.ts'

const file = join(import.meta.dirname, '../../docs/cli.md')

test('docs/cli.md says what the commands say', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(file, cliReference())
  expect(readFileSync(file, 'utf8')).toBe(cliReference())
})
