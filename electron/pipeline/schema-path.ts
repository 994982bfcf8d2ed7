// Finds the part of a schema that a place in a file has to fit.
import { z } from 'zod'
import type { Path } from './yaml-tree.ts'

/** The schema of what stands at a path, without its optional wrapping; null where nothing may stand. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | null {
  const wrapped = wrappedAt(schema, path)
  return wrapped === null ? null : unwrap(wrapped)
}

/** The first example, of the field or of what it holds; undefined where there is none. */
export function exampleAt(schema: z.ZodType, path: Path): unknown {
  let at = wrappedAt(schema, path)
  while (at !== null) {
    const examples = at.meta()?.['examples']
    if (Array.isArray(examples)) return examples[0] as unknown
    at = at instanceof z.ZodOptional ? (at.unwrap() as z.ZodType) : null
  }
  return undefined
}

/** What a person calls it, in its description or around it. */
export function descriptionAt(schema: z.ZodType, path: Path): string {
  const at = wrappedAt(schema, path)
  return at?.description ?? (at === null ? '' : (unwrap(at).description ?? ''))
}

function wrappedAt(schema: z.ZodType, path: Path): z.ZodType | null {
  let at: z.ZodType = schema
  for (const part of path) {
    at = optionFor(unwrap(at), part)
    if (at instanceof z.ZodObject) {
      const shape = at.shape as Record<string, z.ZodType>
      const field = Object.hasOwn(shape, part) ? shape[String(part)] : undefined
      if (field === undefined) return null
      at = field
    } else if (at instanceof z.ZodRecord) at = at.valueType as z.ZodType
    else if (at instanceof z.ZodArray) at = at.element as z.ZodType
    else return null
  }
  return at
}

/** Of several kinds, the one in which such a part may stand. */
function optionFor(schema: z.ZodType, part: string | number): z.ZodType {
  if (!(schema instanceof z.ZodUnion)) return schema
  const options = (schema.options as z.ZodType[]).map((each) => optionFor(unwrap(each), part))
  const fitting = options.filter((each) =>
    typeof part === 'number'
      ? each instanceof z.ZodArray
      : each instanceof z.ZodObject || each instanceof z.ZodRecord,
  )
  return fitting[0] ?? schema
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema
  while (inner instanceof z.ZodOptional) inner = inner.unwrap() as z.ZodType
  return inner
}
