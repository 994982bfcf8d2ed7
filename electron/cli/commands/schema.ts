// sluice schema [pipeline|workspace]
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { command } from '../command.ts'
import { AppError } from '../../../shared/api/app-error.ts'

interface Flags {
  write: boolean
  json: boolean
}

const kinds = ['pipeline', 'workspace'] as const
type Kind = (typeof kinds)[number]

export const schemaCommand = command<Flags, [Kind?]>(
  {
    docs: {
      brief: 'Print the JSON Schema of pipeline files or of sluice.yaml',
      fullDescription:
        'For editors: put this at the head of a file, with the path of the schema:\n# yaml-language-server: $schema=pipeline.schema.json',
    },
    parameters: {
      flags: {
        write: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Write both to schema/ in the current folder instead',
        },
        json: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'As it is always: one JSON document',
        },
      },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            brief: 'pipeline (the default) or workspace',
            parse: parseKind,
            placeholder: 'KIND',
            optional: true,
            proposeCompletions: (partial) => kinds.filter((kind) => kind.startsWith(partial)),
          },
        ],
      },
    },
  },
  async (context, flags, kind = 'pipeline') => {
    const { jsonSchemaText } = await import('../../pipeline/json-schema.ts')
    if (!flags.write) return context.out.write(jsonSchemaText(kind))
    const folder = join(context.cwd, 'schema')
    await mkdir(folder, { recursive: true })
    for (const each of kinds) {
      await writeFile(join(folder, `${each}.schema.json`), jsonSchemaText(each))
    }
    context.out.write(`Wrote ${kinds.map((each) => `schema/${each}.schema.json`).join(' and ')}\n`)
  },
)

function parseKind(text: string): Kind {
  const kind = kinds.find((name) => name === text)
  if (kind !== undefined) return kind
  throw new AppError('bad-input', `Expected pipeline or workspace, found "${text}".`)
}
