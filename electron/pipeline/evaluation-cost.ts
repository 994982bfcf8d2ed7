// What evaluating an expression may cost.
//   X2  The cost is bounded. The text limits nodes and depth; a loop pays for each element, by what its body may have to
//       look at; patterns are RE2 and pay by text and pattern. What cannot be paid for is a fault, at once.
//   X3  The bill counts steps, never time: the same values give the same answer on every machine.
import type { ASTNode } from '@marcbachmann/cel-js'
import { RE2JS } from '@bufbuild/re2'

/** Steps of one evaluation: some tens of milliseconds on a slow machine. */
const stepsMax = 200_000
/** Characters times the weight of a pattern, over all calls of `re` in one evaluation. */
const patternStepsMax = 500_000
const charactersPerStep = 200
const valuesPerStep = 400
/** A search goes through all of a list; a comparison mostly ends at its first value. */
const searchWeight = 8

/** How much there is to look at: all values of the scope, and its longest text. */
export interface Size {
  values: number
  longestText: number
}

interface Bill {
  steps: number
  /** A loop takes an error of its body for "not yet known" and goes on: it is told the end instead. */
  isSpent: boolean
  patternSteps: number
  size: Size
  patterns: Map<string, RE2JS>
}

const nothing: Size = { values: 0, longestText: 0 }
// Evaluation is synchronous and never nested: one bill at a time.
let bill = newBill(nothing)

function newBill(size: Size): Bill {
  return { steps: 0, isSpent: false, patternSteps: 0, size, patterns: new Map() }
}

export class TooMuchWork extends Error {
  readonly summary = 'The expression takes too many steps over so many values'
}

/** Throws what the program throws, and `TooMuchWork`. */
export function runBounded(program: () => unknown, size: Size): unknown {
  bill = newBill(size)
  try {
    const value = program()
    if (bill.isSpent) throw new TooMuchWork()
    return value
  } catch (error) {
    throw bill.isSpent ? new TooMuchWork() : error
  } finally {
    bill = newBill(nothing)
  }
}

function pay(steps: number): void {
  bill.steps += steps
  if (bill.steps > stepsMax) bill.isSpent = true
}

/** RE2 takes time in proportion to text and pattern, whatever the pattern. */
export function searchPattern(text: string, pattern: string): boolean {
  bill.patternSteps += text.length * weightOfPattern(pattern)
  if (bill.patternSteps > patternStepsMax) bill.isSpent = true
  if (bill.isSpent) return false
  let compiled = bill.patterns.get(pattern)
  if (compiled === undefined) {
    compiled = new RE2JS(pattern)
    bill.patterns.set(pattern, compiled)
  }
  return compiled.test(text)
}

// `{100}` writes its part out a hundred times.
function weightOfPattern(pattern: string): number {
  let repeats = 1
  for (const [, least = '', most = ''] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    repeats *= Math.max(1, Number(least), Number(most))
  }
  return pattern.length + repeats
}

/** The call that `withTicks` puts around the body of a loop; no file can write it, since it is no name that we offer. */
export const tickName = 'tick__'

interface Macro {
  body: ASTNode
  /** What ends the loop at once; null: nothing but an error does. */
  stop: boolean | null
  weight: Weight
}
interface Checker {
  check(node: ASTNode, context: unknown): unknown
}
interface Runner {
  run(node: ASTNode, context: unknown): unknown
}

/** Gives its body, whatever its type, and pays for it. The library hands both functions what they got from here. */
export function tickMacro({ args }: { args: readonly ASTNode[] }): Macro & Record<string, unknown> {
  const body = args[0] as ASTNode
  const stop = args[1]?.op === 'value' && typeof args[1].args === 'boolean' ? args[1].args : null
  return {
    body,
    stop,
    weight: weightOf(body),
    typeCheck: (checker: Checker, macro: Macro, context: unknown) =>
      checker.check(macro.body, context),
    evaluate: (runner: Runner, macro: Macro, context: unknown) => {
      const { nodes, texts, values } = macro.weight
      const { longestText, values: all } = bill.size
      pay(1 + nodes + (texts * longestText) / charactersPerStep + (values * all) / valuesPerStep)
      if (!bill.isSpent) return runner.run(macro.body, context)
      if (macro.stop === null) throw new TooMuchWork()
      return macro.stop
    },
  }
}

interface Weight {
  nodes: number
  /** Nodes that may read a whole text. */
  texts: number
  /** Nodes that may go through a whole list or mapping. */
  values: number
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const plain: ReadonlySet<string> = new Set(['value', 'id', '.', '[]', '&&', '||', '!_', '-_', '?:'])
/** Calls that look at one thing, and loops, which pay by themselves. */
const quick: ReadonlySet<string> = new Set(
  `${tickName} size has int double string all exists exists_one map filter`.split(' '),
)

function weightOf(body: ASTNode): Weight {
  const weight: Weight = { nodes: 0, texts: 0, values: 0 }
  walk(body, (node) => {
    weight.nodes += 1
    if (plain.has(node.op)) return
    if (comparisons.has(node.op)) {
      const [left, right] = node.args as [ASTNode, ASTNode]
      if (left.op === 'value' || right.op === 'value') return
    }
    if (node.op === 'in' && node.args[1].op === 'list') return
    if ((node.op === 'call' || node.op === 'rcall') && quick.has(node.args[0])) return
    weight.texts += 1
    weight.values += node.op === 'in' ? searchWeight : 1
  })
  return weight
}

export function walk(node: ASTNode, visit: (node: ASTNode) => void): void {
  visit(node)
  for (const child of childrenOf(node)) walk(child, visit)
}

export function childrenOf(node: ASTNode): ASTNode[] {
  const children: ASTNode[] = []
  const into = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) into(each)
    else if (isNode(value)) children.push(value)
  }
  into(node.args)
  return children
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}
