import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  jsonSchema,
  jsonSchemaText,
  schemaFile,
  schemaNames,
} from '../../electron/pipeline/json-schema.ts'
import { readYaml } from '../../electron/pipeline/read-yaml.ts'
import { referenceText } from '../../electron/pipeline/reference.ts'
import { starterFiles } from '../../electron/pipeline/starter.ts'
import { everyRule } from './every-rule.ts'
import { exampleFiles } from './workspace-dir.ts'

const root = join(import.meta.dirname, '../..')
const demo = join(root, 'electron/demo/workspace/pipelines')
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

// An editor goes by the published schema alone.
test('the published schema takes what the loader takes, and knows wrong fields from right ones', () => {
  const pipeline = z.fromJSONSchema(JSON.parse(jsonSchemaText('pipeline')) as never)
  const good = [
    everyRule,
    exampleFiles['pipelines/orders.yaml'],
    ...starterFiles.filter(({ path }) => path.startsWith('pipelines/')).map(({ text }) => text),
    ...readdirSync(demo).map((file) => readFileSync(join(demo, file), 'utf8')),
  ]
  for (const text of good) {
    const { tree, faults } = readYaml(text)
    expect(faults).toEqual([])
    expect(pipeline.safeParse(plain(tree?.value)).error?.issues ?? []).toEqual([])
  }
  const wrong = [
    'tasks: { a: { rnu: x } }',
    'tasks: { a: { run: x, fan_out: { ovr: [] } } }',
    'tasks: { a: { tasks: { b: { run: x, branch: [1] } } } }',
    'tasks: { a: { run: x, priority: 5000 } }',
    'tasks: { a: { run: x, retries: { max: 1, on: { exit: [0] } } } }',
    'tasks: { a: { approval: {} } }',
  ]
  for (const text of wrong) {
    expect(pipeline.safeParse(plain(readYaml(text).tree?.value)).success).toBe(false)
  }
})

// Every example of a field is one that the field takes.
test('the examples in the schemas are right', () => {
  const visit = (node: unknown): number => {
    if (typeof node !== 'object' || node === null) return 0
    const { examples, ...schema } = node as { examples?: unknown[] }
    let count = 0
    for (const example of examples ?? []) {
      const parsed = z.fromJSONSchema({ ...schema, $defs } as never).safeParse(example)
      expect(parsed.error?.issues ?? []).toEqual([])
      count += 1
    }
    return count + Object.values(node).reduce<number>((sum, each) => sum + visit(each), 0)
  }
  const schema = JSON.parse(jsonSchemaText('pipeline')) as { $defs: unknown }
  const { $defs } = schema
  expect(visit(schema)).toBeGreaterThan(20)
})

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
