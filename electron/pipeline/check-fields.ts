// Turns what zod finds into problems that a person can act on: which thing, what was found, what to write.
import { z } from 'zod'
import { formatByteSize } from '../../shared/pipeline/byte-size.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import type { Report, Words } from './report.ts'
import { descriptionAt, exampleAt, schemaAt } from './schema-path.ts'
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
  for (const issue of parsed.error.issues.flatMap(meantIssues)) {
    if (report.isFull()) break
    reportIssue(schema, tree, report, issue)
  }
  return null
}

/** Of a field that may be of several kinds: what is wrong with it as the kind that it is. */
function meantIssues(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const kinds = issue.errors.filter(
    (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  )
  // A word that is none of the choices says less than the form of the others.
  const meant = kinds.find(([first]) => first?.code !== 'invalid_value') ?? kinds[0]
  if (meant === undefined) return [issue]
  return meant.flatMap((each) => meantIssues({ ...each, path: [...issue.path, ...each.path] }))
}

type Issue = z.core.$ZodIssue

/** Unknown fields of one mapping; a file with more is no file of ours. */
const fieldsShownMax = 100

function reportIssue(schema: z.ZodType, tree: YamlTree, report: Report, issue: Issue): void {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (reportMissing(schema, tree, report, path)) return
  // What stands there may be the secret itself: it is not repeated.
  if (issue.code !== 'invalid_key' && schemaAt(schema, path)?.meta()?.title === 'secret')
    return report.at(path, noPlace)
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys.slice(0, fieldsShownMax)) {
        report.atKey([...path, key], unknownField(schema, path, key))
      }
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
      return report.at(path, badBound('at least', issue.minimum, valueAt(tree, path)))
    case 'too_big':
      return report.at(path, badBound('at most', issue.maximum, valueAt(tree, path)))
    default:
      return report.at(path, { message: withFound(issue.message, tree, path) })
  }
}

const noPlace: Words = {
  message: 'This says not where the value of a secret is.',
  hint: 'Write env:NAME, or file:PATH with a path that begins with "/" or "~/". A value itself does not belong in a file of the workspace.',
}

function withFound(message: string, tree: YamlTree, path: Path): string {
  const value = valueAt(tree, path)
  if (typeof value !== 'string' || value.trim() === '' || value.length > 40) return message
  return `"${value}": ${message}`
}

function unknownField(schema: z.ZodType, path: Path, key: string): Words {
  const object = objectAt(schema, path)
  const known = object instanceof z.ZodObject ? Object.keys(object.shape) : []
  const what = object === null ? 'This' : thing(object)
  return {
    message: `${what} has no field "${key}".${didYouMean(key, known)}`,
    hint: `Known fields: ${someOf(known, 16)}.`,
  }
}

/** Of a field of several kinds, the mapping. */
function objectAt(schema: z.ZodType, path: Path): z.ZodType | null {
  const found = schemaAt(schema, path)
  if (!(found instanceof z.ZodUnion)) return found
  return (found.options as z.ZodType[]).find((each) => each instanceof z.ZodObject) ?? found
}

function reportType(schema: z.ZodType, tree: YamlTree, report: Report, path: Path): void {
  const value = valueAt(tree, path)
  const expected = schemaAt(schema, path)
  const wanted = expected === null ? 'something else' : kindOf(expected)
  const message =
    path.length === 0
      ? `${thing(schema)} file holds ${wanted}; this one holds ${found(value)}.`
      : `Expected ${wanted}, found ${found(value)}.`
  report.at(path, { message, hint: typeHint(schema, tree, path) })
}

// A field that is not there is missing, whatever it should have been.
function reportMissing(schema: z.ZodType, tree: YamlTree, report: Report, path: Path): boolean {
  const key = path.at(-1)
  if (typeof key !== 'string' || valueAt(tree, path) !== undefined) return false
  const around = path.slice(0, -1)
  const owner = schemaAt(schema, around)
  const message = `${owner === null ? 'This' : thing(owner)} needs "${key}".`
  const words = { message, hint: descriptionAt(schema, path) }
  if (around.length === 0) report.at([], words)
  else report.atKey(around, words)
  return true
}

function typeHint(schema: z.ZodType, tree: YamlTree, path: Path): string {
  const expected = schemaAt(schema, path)
  if (expected === null) return ''
  const value = valueAt(tree, path)
  const written = placeAt(tree, path).written ?? ''
  const title = expected.meta()?.title
  if (value === null) return 'Give it a value, or delete the line.'
  if (typeof value === 'number' && title === 'retries') return `Write { max: ${value} }.`
  if (typeof value === 'number' && title === 'duration') {
    return `Give it a unit: ${written}s or ${written}m`
  }
  if (typeof value === 'number' && title === 'size') {
    return `Give it a unit: ${formatByteSize(value)}`
  }
  if (title === 'policy') return 'For example: wait 2h'
  if (typeof value === 'string') {
    if (expected instanceof z.ZodArray) return `Write [${written}].`
    const isNumber = expected instanceof z.ZodNumber && Number.isFinite(Number(value))
    if (isNumber) return `Write it without quotes: ${value}`
  } else if (typeof value !== 'object' && expected instanceof z.ZodString) {
    return `Put it in quotes: "${written}"`
  }
  const example = exampleAt(schema, path)
  return example === undefined ? '' : `For example: ${yamlFlow(example)}`
}

function badChoice(value: unknown, choices: readonly string[]): Words {
  const hint = `Choose one of: ${choices.join(', ')}.`
  if (typeof value !== 'string') return { message: `Expected a word, found ${found(value)}.`, hint }
  return { message: `"${value}" is not known here.${didYouMean(value, choices)}`, hint }
}

function badBound(side: string, bound: number | bigint, value: unknown): Words {
  if (typeof value === 'string') return { message: `Expected ${side} ${bound} characters.` }
  if (Array.isArray(value))
    return { message: `Expected ${side} ${bound} ${Number(bound) === 1 ? 'entry' : 'entries'}.` }
  return { message: `Expected ${side} ${bound}, found ${Number(value)}.` }
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
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return 'a text'
  if (schema instanceof z.ZodBoolean) return 'true or false'
  if (schema instanceof z.ZodUnion && schema.meta()?.title !== undefined) return unionKinds(schema)
  return 'a text, a number, true or false'
}

function unionKinds(schema: z.ZodUnion): string {
  const kinds = [...new Set((schema.options as z.ZodType[]).map(kindOf))]
  return kinds.length === 1
    ? (kinds[0] ?? '')
    : `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
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
