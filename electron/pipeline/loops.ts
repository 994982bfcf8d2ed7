// What an expression may not hold, so that its cost stays bounded (X2), and the counting of the elements of its loops:
// `all`, `exists`, `exists_one`, `map`, `filter`.
import type { ASTNode } from '@marcbachmann/cel-js'
import { childrenOf, tickName, walk } from './evaluation-cost.ts'

const loops: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])
const depthMax = 2
/** A loop that took one of these would hide it from all that asks what an expression reads. */
const reserved: ReadonlySet<string> = new Set(
  'params vars env environment pipeline logical_date tasks item item_index outputs run'.split(' '),
)

export interface CostFault {
  offset: number
  message: string
  hint: string
}

type LoopNode = ASTNode & { op: 'rcall' }

export function isLoop(node: ASTNode): node is LoopNode {
  return node.op === 'rcall' && loops.has(node.args[0])
}

/** The names that loops declare, for the expressions inside them. */
export function loopVariables(ast: ASTNode): Set<string> {
  const names = new Set<string>()
  walk(ast, (node) => {
    if (!isLoop(node)) return
    const [variable] = node.args[2]
    if (variable?.op === 'id') names.add(variable.args)
  })
  return names
}

/**
 * A loop goes over values as they are, never over what another one has made of them: with that, no chain of loops can
 * make its texts or lists grow from step to step.
 */
export function costFaults(ast: ASTNode): CostFault[] {
  const faults: CostFault[] = []
  walk(ast, (node) => {
    const fault = refusedCall(node)
    if (fault !== null) faults.push(fault)
  })
  visit(ast, 0, faults)
  return faults
}

const separatorMax = 100

function refusedCall(node: ASTNode): CostFault | null {
  const offset = node.start
  if (node.op === 'call' && node.args[0] === tickName) {
    return { offset, message: `There is no function "${tickName}".`, hint: '' }
  }
  if (node.op !== 'rcall') return null
  const [name, , args] = node.args
  if (name === 'matches') {
    const message = '"matches" is not offered: a bad pattern may run for hours.'
    return { offset, message, hint: 'Write re(text, pattern); it takes RE2 patterns.' }
  }
  if (name === 'bind') {
    const message = '"bind" is not offered: expressions name nothing.'
    return { offset, message, hint: 'Do it in the command of a task.' }
  }
  const [separator] = args
  if (name !== 'join' || separator === undefined) return null
  const { op, args: value } = separator
  if (op === 'value' && typeof value === 'string' && value.length <= separatorMax) return null
  const message = `"join" takes a text in quotes, of ${separatorMax} characters at most.`
  return { offset, message, hint: 'For example: list.join(", ")' }
}

function visit(node: ASTNode, depth: number, faults: CostFault[]): void {
  if (!isLoop(node)) {
    for (const child of childrenOf(node)) visit(child, depth, faults)
    return
  }
  const [name, list, [variable, ...bodies]] = node.args
  const fault = (message: string, hint: string): void => {
    faults.push({ offset: node.start, message, hint })
  }
  if (variable?.op !== 'id' || bodies.length !== 1) {
    fault(
      `"${name}" takes a name and an expression.`,
      `For example: list.${name}(each, each ${name === 'map' ? '+ 1' : '> 1'})`,
    )
  }
  if (variable?.op === 'id' && reserved.has(variable.args)) {
    fault(
      `"${variable.args}" has a meaning of its own in expressions; a loop needs another name.`,
      `For example: list.${name}(each, ...)`,
    )
  }
  if (depth >= depthMax) {
    fault(
      `Loops stand inside each other at most ${depthMax} deep.`,
      'Do it in the command of a task.',
    )
  }
  if (grows(list)) {
    fault(
      `"${name}" goes over a value as it is, not over one that the expression makes larger.`,
      'Filter first and map last, or do it in the command of a task.',
    )
  }
  visit(list, depth, faults)
  for (const body of bodies) visit(body, depth + 1, faults)
}

function grows(list: ASTNode): boolean {
  let does = false
  walk(list, (node) => {
    does ||= node.op === '+' || (node.op === 'rcall' && node.args[0] === 'map')
  })
  return does
}

function stopOf(loop: string): string {
  if (loop === 'all') return 'false'
  return loop === 'exists' ? 'true' : 'null'
}

/** The source with the body of each loop inside a call that counts. Loops that `costFaults` refuses are not for here. */
export function withTicks(source: string, ast: ASTNode): string {
  const marks: { at: number; text: string }[] = []
  walk(ast, (node) => {
    if (!isLoop(node)) return
    const [variable] = node.args[2]
    const comma = variable === undefined ? -1 : source.indexOf(',', variable.end)
    if (comma === -1 || source[node.end - 1] !== ')') throw new Error('A loop cannot be read')
    marks.push({ at: comma + 1, text: ` ${tickName}(` })
    marks.push({ at: node.end - 1, text: `, ${stopOf(node.args[0])})` })
  })
  // From the end, so that earlier places keep their numbers.
  marks.sort((a, b) => b.at - a.at)
  let text = source
  for (const mark of marks) text = text.slice(0, mark.at) + mark.text + text.slice(mark.at)
  return text
}
