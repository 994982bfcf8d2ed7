// The words that fields are made of: names, durations, sizes, paths, and what is said of a wrong one.
import { z } from 'zod'
import { byteSizeForm, parseByteSize } from '../../shared/pipeline/byte-size.ts'
import { durationForm, durationMax, parseDuration } from '../../shared/pipeline/duration.ts'
import { parseUnknownPolicy } from '../../shared/pipeline/unknown-policy.ts'

const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const variableForm = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const inherited = new Set<string>(Object.getOwnPropertyNames(Object.prototype))

export const name = z
  .string()
  .regex(nameForm, {
    error:
      'A name starts with a letter or "_" and holds letters, digits, "_", "." and "-"; 64 characters at most.',
  })
  .refine((text) => !inherited.has(text), {
    error: 'This name has a meaning in JavaScript; take another.',
  })

export function isName(text: string): boolean {
  return name.safeParse(text).success
}

/** Params and environment variables: expressions and shells name them. */
export const variable = z
  .string()
  .regex(variableForm, {
    error: 'A variable starts with a letter or "_" and holds letters, digits and "_"; 64 at most.',
  })
  .refine((text) => !inherited.has(text), {
    error: 'This name has a meaning in JavaScript; take another.',
  })

export const line = z.string().max(10_000)
export const filled = z.string().max(100_000).regex(/\S/, { error: 'The text is empty.' })

/** A whole number from 1 on. */
export const upTo = (max: number) => z.number().int().min(1).max(max)

export const duration = z
  .string()
  .regex(durationForm, { error: 'This is no duration. Write one like 30s, 10m or 1h30m.' })
  .refine((text) => !durationForm.test(text) || parseDuration(text) !== null, {
    error: `A duration has ${durationMax} at most.`,
  })
  .meta({ title: 'duration' })

const size = z
  .string()
  .regex(byteSizeForm, { error: 'This is no size. Write one like 10GB, 500MB or 64KiB.' })
  .meta({ title: 'size' })

const logLimitMin = 64_000
const logLimitMax = 1024 ** 4
export const logLimit = size.refine(
  (text) => {
    const bytes = parseByteSize(text)
    return bytes === null || (bytes >= logLimitMin && bytes <= logLimitMax)
  },
  { error: 'A log keeps at least 64KB and at most 1TiB.' },
)

const thenForm = '(?:fail|failover|ask)'
const unknownForm = new RegExp(
  `^(?:${thenForm}|wait ${durationForm.source.slice(1, -1)}(?: then ${thenForm})?)$`,
)
export const unknownPolicy = z
  .string()
  .regex(unknownForm, {
    error: ({ input }) =>
      durationForm.test(String(input))
        ? `This is a duration alone. Write wait ${String(input)}.`
        : 'This is no policy. Write fail, ask, failover, wait 2h, or wait 10m then failover (or then ask).',
  })
  .refine((text) => !unknownForm.test(text) || parseUnknownPolicy(text) !== null, {
    error: 'A wait has 30 days at most. To wait without end, write ask.',
  })
  .meta({ title: 'policy' })

/** As written: `3.10` stays `3.10`. */
export const scalar = z.union([z.string().max(100_000), z.number(), z.boolean()], {
  error: 'Expected a text, a number, true or false.',
})

/** Paths and globs that one task may declare. */
export const filesMax = 1000

export const relativePath = z.string().max(240).refine(isRelativePath, {
  error: 'A path is relative, with "/", and stays in its folder: no leading "/", no "..", no "\\".',
})

export function isRelativePath(text: string): boolean {
  if (text === '' || /\\|\p{Cc}/u.test(text) || text.startsWith('/')) return false
  const parts = text.replace(/^(\.\/)+/, '').split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '~')
}

export const envFields = z.record(variable, scalar)

/** Of texts that are one `${{ }}` and nothing else; what stands inside is checked with the rest of the file. */
export const expression = z
  .string()
  .max(10_000)
  .regex(/^\s*\$\{\{[\s\S]*\}\}\s*$/, { error: 'Expected one expression: ${{ ... }}.' })
  .meta({ title: 'expression' })

export const priority = z.number().int().min(-1000).max(1000)

/** What an item of a list may be. */
export const jsonValue = z.json().meta({ title: 'value', id: 'value' })
