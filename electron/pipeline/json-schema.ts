// The JSON Schemas that editors use, and that `schema/` publishes. Made from the same fields that check a file.
import { z } from 'zod'
import { pipelineFields } from './schema.ts'
import { workspaceFields } from './schema-workspace.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const fieldsOf = { pipeline: pipelineFields, workspace: workspaceFields } as const
export type SchemaName = keyof typeof fieldsOf
export const schemaNames: readonly SchemaName[] = ['pipeline', 'workspace']

export function jsonSchema(name: SchemaName): JsonSchema {
  return z.toJSONSchema(fieldsOf[name], { io: 'input', target: 'draft-2020-12' })
}

/** As it is written to `schema/NAME.schema.json`. */
export function jsonSchemaText(name: SchemaName): string {
  return `${JSON.stringify(jsonSchema(name), null, 2)}\n`
}

export function schemaFile(name: SchemaName): string {
  return `schema/${name}.schema.json`
}
