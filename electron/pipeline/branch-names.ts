// Names of tasks that stand as plain texts where an expression of `branch` gives its result: 'a', ['a', 'b'], x ? 'a' : 'b'.
import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { newCel } from './cel.ts'
import { splitTemplate } from './template.ts'

export interface BranchLiteral {
  name: string
  /** Within the value: of the opening quote, and after the closing one. */
  offset: number
  end: number
}

let parser: Environment | null = null

/** What cannot be read has no names: its faults are told elsewhere. */
export function branchLiterals(choose: string): BranchLiteral[] {
  const split = splitTemplate(choose)
  const part = split.ok ? split.parts.find((each) => each.kind === 'expression') : undefined
  if (part?.kind !== 'expression') return []
  try {
    return literalsOf((parser ??= newCel()).parse(part.source).ast, part.offset)
  } catch {
    // Its faults are told where expressions are checked.
    return []
  }
}

function literalsOf(node: ASTNode, offset: number): BranchLiteral[] {
  if (node.op === '?:') return node.args.slice(1).flatMap((each) => literalsOf(each, offset))
  if (node.op === 'list') return node.args.flatMap((each) => literalsOf(each, offset))
  if (node.op !== 'value' || typeof node.args !== 'string') return []
  return [{ name: node.args, offset: offset + node.start, end: offset + node.end }]
}
