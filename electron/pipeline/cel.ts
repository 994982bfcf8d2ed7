// The language inside `${{ }}`: CEL, with a few functions of ours.
import { Environment } from '@marcbachmann/cel-js'
import { fromCel } from './cel-values.ts'
import { searchPattern, tickMacro, tickName } from './evaluation-cost.ts'

export function newCel(): Environment {
  const cel = new Environment({
    unlistedVariablesAreDyn: false,
    limits: { maxAstNodes: 300, maxDepth: 30, maxListElements: 50, maxMapEntries: 50 },
  })
  cel.registerFunction('re(string, string): bool', searchPattern)
  cel.registerFunction('addDays(string, int): string', addDays)
  cel.registerFunction('json(dyn): string', jsonText)
  cel.registerFunction(`${tickName}(ast, ast): dyn`, tickMacro)
  return cel
}

/** Numbers from JSON are integers or not as it happens: they may meet in one expression. */
export function withMixedNumbers(cel: Environment): Environment {
  const apply = { '+': add, '-': subtract, '*': multiply, '/': divide } as const
  for (const [operator, both] of Object.entries(apply)) {
    cel.registerOperator(`int ${operator} double`, (a: bigint, b: number) => both(Number(a), b))
    cel.registerOperator(`double ${operator} int`, (a: number, b: bigint) => both(a, Number(b)))
  }
  return cel
}

const add = (a: number, b: number): number => a + b
const subtract = (a: number, b: number): number => a - b
const multiply = (a: number, b: number): number => a * b
const divide = (a: number, b: number): number => a / b

function addDays(date: string, days: bigint): string {
  const day = /^(\d{4}-\d{2}-\d{2})/.exec(date)?.[1]
  const at = day === undefined ? Number.NaN : Date.parse(`${day}T00:00:00Z`)
  if (Number.isNaN(at)) throw new Error(`addDays: "${date}" is no date`)
  const moved = new Date(at + Number(days) * 86_400_000)
  // Also the year of an invalid date; other years have no four digits.
  const year = moved.getUTCFullYear()
  if (!(year >= 0 && year <= 9999))
    throw new Error(`addDays: ${days} days from "${date}" are outside the years 0000 to 9999`)
  return moved.toISOString().slice(0, 10)
}

function jsonText(value: unknown): string {
  const json = fromCel(value)
  if (!json.ok) throw new Error(`json: ${json.why}`)
  return JSON.stringify(json.value)
}
