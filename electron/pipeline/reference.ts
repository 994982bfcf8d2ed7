// The reference of all fields as Markdown, from the published schema: what an editor shows and what the docs say are one.
import { jsonSchema } from './json-schema.ts'
import type { SchemaName } from './json-schema.ts'
import { chapters, intro } from './reference-chapters.ts'
import { yamlFlow } from './yaml-flow.ts'

interface Node {
  title?: string
  description?: string
  type?: string
  enum?: readonly string[]
  anyOf?: readonly Node[]
  properties?: Readonly<Record<string, Node>>
  required?: readonly string[]
  additionalProperties?: Node | boolean
  items?: Node
  examples?: readonly unknown[]
  $ref?: string
  $defs?: Readonly<Record<string, Node>>
}

/** Named parts of the schema that is being written. */
type Parts = Readonly<Record<string, Node>>

export function referenceText(): string {
  return [
    intro,
    '## `sluice.yaml`\n',
    ...chapterOf('workspace', 'sluice.yaml'),
    '## `pipelines/NAME.yaml`\n',
    ...chapterOf('pipeline', 'pipeline'),
    chapters,
  ].join('\n')
}

function chapterOf(name: SchemaName, heading: string): string[] {
  const schema: Node = jsonSchema(name)
  return sections(schema, heading, { parts: schema.$defs ?? {}, seen: new Set() })
}

interface Writing {
  parts: Parts
  /** Parts that have a section: a group holds tasks that may be groups. */
  seen: Set<Node>
}

function sections(node: Node, heading: string, writing: Writing): string[] {
  const properties = Object.entries(node.properties ?? {})
  const lines = [`### ${heading}\n`, '| field | what | value |', '|---|---|---|']
  for (const [name, field] of properties) {
    const needed = node.required?.includes(name) === true ? ' **Needed.**' : ''
    lines.push(
      `| \`${name}\` | ${cell(field.description ?? '')}${needed} | ${cell(kind(field, writing))}${example(field)} |`,
    )
  }
  lines.push('')
  for (const [name, field] of properties) {
    for (const inner of innermost(field, writing)) {
      if (inner.properties === undefined || writing.seen.has(inner)) continue
      writing.seen.add(inner)
      lines.push(...sections(inner, `${heading} > ${name}`, writing))
    }
  }
  return lines
}

/** What a list or a mapping by name holds, or the field itself; of several kinds, each. */
function innermost(field: Node, writing: Writing): Node[] {
  if (field.$ref !== undefined) {
    // A part without fields is a value of any shape, which may hold itself.
    const part = partOf(field.$ref, writing)
    return part.properties === undefined ? [] : [part]
  }
  if (field.anyOf !== undefined) return field.anyOf.flatMap((each) => innermost(each, writing))
  if (field.items !== undefined) return innermost(field.items, writing)
  const values = field.additionalProperties
  const isMap = typeof values === 'object' && field.properties === undefined
  return isMap ? innermost(values, writing) : [field]
}

function partOf(ref: string, { parts }: Writing): Node {
  return parts[ref.replace('#/$defs/', '')] ?? {}
}

function kind(field: Node, writing: Writing): string {
  if (field.$ref !== undefined) {
    const part = partOf(field.$ref, writing)
    return part.title ?? kind(part, writing)
  }
  if (field.title === 'expression') return '`${{ }}`'
  if (field.enum !== undefined) return field.enum.map((word) => `\`${word}\``).join(', ')
  if (field.items !== undefined) return `list of ${kind(field.items, writing)}`
  if (field.properties !== undefined) return 'mapping'
  if (typeof field.additionalProperties === 'object')
    return `name: ${kind(field.additionalProperties, writing)}`
  if (field.anyOf !== undefined) {
    const kinds = new Set(field.anyOf.map((each) => kind(each, writing)))
    const all = [...kinds].join(', or ')
    return all === 'text, or number, or boolean' ? 'text, number, true or false' : all
  }
  return field.type === 'string' ? 'text' : (field.type ?? '')
}

function example(field: Node): string {
  const [first] = field.examples ?? []
  return first === undefined ? '' : `, e.g. \`${cell(yamlFlow(first))}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
