import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  jsonSchema,
  jsonSchemaText,
  schemaFile,
  schemaNames,
} from '../../electron/pipeline/json-schema.ts'
import { referenceText } from '../../electron/pipeline/reference.ts'

const root = join(import.meta.dirname, '../..')
const published = (file: string): string => readFileSync(join(root, file), 'utf8')

test.each(schemaNames)('the published schema of a %s is what the loader checks by', (name) => {
  expect(published(schemaFile(name)), 'run: node scripts/generate-reference.ts').toBe(
    jsonSchemaText(name),
  )
})

test('the published reference is made from the schemas', () => {
  expect(published('docs/pipeline-reference.md'), 'run: node scripts/generate-reference.ts').toBe(
    referenceText(),
  )
})

// An editor shows nothing for a field without words.
test('every field of the schemas has a description', () => {
  const bare: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    const { properties } = node as { properties?: Record<string, { description?: string }> }
    for (const [name, field] of Object.entries(properties ?? {})) {
      if ((field.description ?? '') === '') bare.push(`${path}.${name}`)
    }
    for (const [name, each] of Object.entries(node)) visit(each, `${path}.${name}`)
  }
  for (const name of schemaNames) visit(jsonSchema(name), name)
  expect(bare).toEqual([])
})
