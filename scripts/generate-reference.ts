// Writes the published JSON Schemas and the reference of pipeline files. A test fails when they are stale.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { schemaFile, schemaNames, jsonSchemaText } from '../electron/pipeline/json-schema.ts'
import { referenceText } from '../electron/pipeline/reference.ts'

const root = join(import.meta.dirname, '..')
mkdirSync(join(root, 'schema'), { recursive: true })
mkdirSync(join(root, 'docs'), { recursive: true })
for (const name of schemaNames) writeFileSync(join(root, schemaFile(name)), jsonSchemaText(name))
writeFileSync(join(root, 'docs/pipeline-reference.md'), referenceText())
