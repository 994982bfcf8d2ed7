// The reference of all fields as Markdown, from the published schema: what an editor shows and what the docs say are one.
import { jsonSchema } from './json-schema.ts'
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
}

export function referenceText(): string {
  return [
    intro,
    '## `sluice.yaml`\n',
    ...sections(jsonSchema('workspace'), 'sluice.yaml', 3),
    '## `pipelines/NAME.yaml`\n',
    ...sections(jsonSchema('pipeline'), 'pipeline', 3),
    expressions,
  ].join('\n')
}

function sections(node: Node, heading: string, level: number): string[] {
  const properties = Object.entries(node.properties ?? {})
  const lines = [`${'#'.repeat(level)} ${heading}\n`, '| field | what | value |', '|---|---|---|']
  for (const [name, field] of properties) {
    const needed = node.required?.includes(name) === true ? ' **Needed.**' : ''
    lines.push(
      `| \`${name}\` | ${cell(field.description ?? '')}${needed} | ${cell(kind(field))}${example(field)} |`,
    )
  }
  lines.push('')
  for (const [name, field] of properties) {
    const inner = innermost(field)
    if (inner.properties !== undefined)
      lines.push(...sections(inner, `${heading} > ${name}`, level))
  }
  return lines
}

/** What a list or a mapping by name holds, or the field itself. */
function innermost(field: Node): Node {
  if (field.items !== undefined) return innermost(field.items)
  const values = field.additionalProperties
  return typeof values === 'object' && field.properties === undefined ? innermost(values) : field
}

function kind(field: Node): string {
  if (field.enum !== undefined) return field.enum.map((word) => `\`${word}\``).join(', ')
  if (field.items !== undefined) return `list of ${kind(field.items)}`
  if (field.properties !== undefined) return 'mapping'
  if (typeof field.additionalProperties === 'object')
    return `name: ${kind(field.additionalProperties)}`
  if (field.anyOf !== undefined) return 'text, number, true or false'
  return field.type === 'string' ? 'text' : (field.type ?? '')
}

function example(field: Node): string {
  const [first] = field.examples ?? []
  return first === undefined ? '' : `, e.g. \`${cell(yamlFlow(first))}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

const intro = `# Pipeline and workspace files

A workspace is a folder with \`sluice.yaml\` and \`pipelines/*.yaml\`. This page is made from the published JSON Schemas
(\`schema/pipeline.schema.json\`, \`schema/workspace.schema.json\`) by \`node scripts/generate-reference.ts\`; do not edit it.

- Files are UTF-8 and YAML 1.2: only \`true\` and \`false\` are booleans, \`no\` is a word. One document per file.
- Refused, because other tools read them differently or lose something: duplicate keys (also \`1\` beside \`"1"\`), merge keys
  (\`<<\`), tags, integers above 2^53, values that hold themselves, files above 1 MiB, 60,000 tokens or 64 levels.
- Fields that are text take a plain number as it is written: \`VERSION: 3.10\` is \`3.10\`.
- A duration is written like \`30s\`, \`10m\`, \`1h30m\`, \`250ms\` or \`2d\`; a size like \`10GB\` (1000 bytes a KB) or \`64KiB\` (1024).
- A name starts with a letter or \`_\` and holds letters, digits, \`_\`, \`.\` and \`-\`, 64 characters at most. Params and
  environment variables hold letters, digits and \`_\` only.
- \`sluice validate\` reports all problems at once, each with its line, its column and what to write instead.
`

const expressions = `## Expressions

Values of \`env\` may hold \`\${{ }}\` with an expression in [CEL](https://cel.dev). They are checked when a file is loaded: unknown
names and wrong types are problems. A command (\`run\`) takes none: values reach it as environment variables.

| name | what |
|---|---|
| \`params.NAME\` | a param, with its type: text, integer, number or boolean; dates are text |
| \`vars.NAME\` | a variable of the environment; text |
| \`env.name\`, \`environment\` | the name of the environment |
| \`pipeline\` | the name of the pipeline |
| \`logical_date\` | the date that a run stands for; a run without one cannot use it |
| \`re(text, pattern)\` | whether an [RE2](https://github.com/google/re2/wiki/Syntax) pattern is found in the text |
| \`addDays(date, days)\` | a date some days later, or earlier: \`addDays(params.day, -1)\` |

Conversions are \`string(x)\`, \`int(x)\`, \`double(x)\`. Not offered: \`matches\` (a bad pattern may run for hours) and
macros that loop (\`map\`, \`filter\`, \`all\`, \`exists\`).

## Pools

A task that names a pool, or a name that its environment binds to one, runs on one of the pool's hosts: the one that \`pick\` says of
those that are open, in reach and have a free slot. A task that is run again goes to the host where it was, if that one can take it.
Which host took it, and why none of the others, stands with the attempt: \`sluice show\`, \`sluice why RUN TASK\`.

- A version holds the hosts as they were when the run was planned. Which of them a task runs on changes nothing about its work: a
  resume reuses it also where another host of the pool did it.
- A remedy without a \`host\` runs on the host of the task's last attempt. It may name another host, not another pool.

## When an outcome is not known

The link is gone, or the host: the task may run on, may have ended, may never have begun. It is \`unknown\` then, which is no failure,
and Sluice goes on asking. \`on_unknown\` says for how long, and what then:

| \`on_unknown\` | what is done |
|---|---|
| \`wait 2h\` | asks for two hours, then calls the attempt lost: it failed, and \`retries\` apply. Without \`on_unknown\`: \`wait 24h\` |
| \`fail\` | calls it lost at once |
| \`ask\` | waits for a person, without end: \`sluice settle RUN TASK wait\`, \`fail\` or \`failover\` |
| \`failover\` | starts it on another host of its pool as soon as the first copy cannot run any more |
| \`wait 10m then failover\`, \`wait 1h then ask\` | asks for so long first; 30 days at most |

A failover is for tasks that may run twice: \`pure\` and \`idempotent\` ones. Others refuse it, and where there is no other host a person
is asked. No two copies live at once: the first one's host stops it by itself when it has heard nothing from us for as long as the
wait says, a minute at least, and only then does another host begin. When the first host is back, what is left there is ended
before anything else. A host that comes back in time reports what became of the task, and that counts.

## Files that travel

A task runs in a folder of its own on its host. There are: the workspace files that its command names (a word of the command
that is a file of the workspace), those that \`files\` lists, and its \`inputs\`. A file has 16 MiB at most, all files of a task 64 MiB.
`
