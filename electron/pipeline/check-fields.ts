// Turns what zod finds into problems that a person can act on: which thing, what was found, what to write.
import { z } from 'zod'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Report, Words } from './report.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { placeAt, valueAt } from './yaml-tree.ts'
import { yamlFlow } from './yaml-flow.ts'

/** Gives the value where the fields are right, and null where problems were reported. */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  tree: YamlTree,
  report: Report,
): z.output<Schema> | null {
  const parsed = schema.safeParse(tree.value)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) reportIssue(schema, tree, report, issue)
  return null
}

type Issue = z.core.$ZodIssue

function reportIssue(schema: z.ZodType, tree: YamlTree, report: Report, issue: Issue): void {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) report.atKey([...path, key], unknownField(schema, path, key))
      return
    case 'invalid_key':
      report.atKey(path, { message: issue.issues[0]?.message ?? 'This is no name.' })
      return
    case 'invalid_type':
    case 'invalid_union':
      return reportType(schema, tree, report, path)
    case 'invalid_value':
      return report.at(path, badChoice(valueAt(tree, path), issue.values.map(String)))
    case 'too_small':
      return report.at(path, { message: boundText('at least', issue.minimum, issue.origin) })
    case 'too_big':
      return report.at(path, { message: boundText('at most', issue.maximum, issue.origin) })
    default:
      return report.at(path, { message: withFound(issue.message, tree, path) })
  }
}

function withFound(message: string, tree: YamlTree, path: Path): string {
  const value = valueAt(tree, path)
  if (typeof value !== 'string' || value.trim() === '' || value.length > 40) return message
  return `"${value}": ${message}`
}

function unknownField(schema: z.ZodType, path: Path, key: string): Words {
  const object = schemaAt(schema, path)
  const known = object instanceof z.ZodObject ? Object.keys(object.shape) : []
  const what = object === null ? 'This' : thing(object)
  return {
    message: `${what} has no field "${key}".${didYouMean(key, known)}`,
    hint: `Known fields: ${someOf(known, 16)}.`,
  }
}

function reportType(schema: z.ZodType, tree: YamlTree, report: Report, path: Path): void {
  const value = valueAt(tree, path)
  const expected = schemaAt(schema, path)
  const key = path.at(-1)
  if (value === undefined && typeof key === 'string') {
    const around = path.slice(0, -1)
    const owner = schemaAt(schema, around)
    const message = `${owner === null ? 'This' : thing(owner)} needs a "${key}".`
    const hint = expected?.description ?? ''
    return around.length === 0
      ? report.at([], { message, hint })
      : report.atKey(around, { message, hint })
  }
  const wanted = expected === null ? 'something else' : kindOf(expected)
  const message = `Expected ${wanted}, found ${found(value)}.`
  report.at(path, { message, hint: typeHint(expected, value, tree, path) })
}

function typeHint(expected: z.ZodType | null, value: unknown, tree: YamlTree, path: Path): string {
  if (expected === null) return ''
  const written = placeAt(tree, path).written ?? ''
  if (expected instanceof z.ZodArray && typeof value === 'string') return `Write [${written}].`
  if (
    expected instanceof z.ZodString &&
    (typeof value === 'number' || typeof value === 'boolean')
  ) {
    return `Put it in quotes: "${written}"`
  }
  if (value === null) return 'Give it a value, or delete the line.'
  if (expected.meta()?.title === 'retries' && typeof value === 'number') {
    return `Write { max: ${value} }.`
  }
  const example = (expected.meta()?.['examples'] as unknown[] | undefined)?.[0]
  return example === undefined ? '' : `For example: ${yamlFlow(example)}`
}

function badChoice(value: unknown, choices: readonly string[]): Words {
  const hint = `Choose one of: ${choices.join(', ')}.`
  if (typeof value !== 'string') return { message: `Expected a word, found ${found(value)}.`, hint }
  return { message: `"${value}" is not known here.${didYouMean(value, choices)}`, hint }
}

function boundText(side: string, bound: number | bigint, origin: string): string {
  if (origin === 'string') return `Expected ${side} ${bound} characters.`
  if (origin === 'array') return `Expected ${side} ${bound} entries.`
  return `Expected ${side} ${bound}.`
}

/** The schema of what stands at a path, without its optional wrapping. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | null {
  let at: z.ZodType = schema
  for (const part of path) {
    at = unwrap(at)
    if (at instanceof z.ZodObject) {
      const field = (at.shape as Record<string, z.ZodType>)[String(part)]
      if (field === undefined) return null
      at = field
    } else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType
    else return null
  }
  return unwrap(at)
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType
  return inner
}

function thing(schema: z.ZodType): string {
  const title = schema.meta()?.title ?? 'field'
  if (title === 'retries' || title === 'dst') return `"${title}"`
  return /^[aeiou]/.test(title) ? `An ${title}` : `A ${title}`
}

function kindOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodArray) return 'a list'
  if (schema instanceof z.ZodObject || schema instanceof z.ZodRecord) return 'a mapping'
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'an integer' : 'a number'
  if (schema instanceof z.ZodString) return 'a text'
  return 'a text, a number, true or false'
}

function found(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'number')
    return Number.isInteger(value) ? `the integer ${value}` : `the number ${value}`
  if (typeof value === 'boolean') return String(value)
  return 'a text'
}
