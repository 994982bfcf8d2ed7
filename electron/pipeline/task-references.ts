// What an expression says about tasks: each `tasks.NAME.state` and `tasks.NAME.outputs.KEY`, and where it stands.
import type { ASTNode } from '@marcbachmann/cel-js'
import { childrenOf } from './evaluation-cost.ts'

export interface TaskReference {
  /** Of the whole chain, within the source. */
  start: number
  end: number
  /** As it was found by `isTask`, or as written where there is none. */
  task: string
  isKnown: boolean
  /** Where the name stands, and where what follows it begins. */
  nameOffset: number
  nameEnd: number
  /** What follows the name; null: nothing, or something else. */
  member: 'state' | 'outputs' | null
  memberEnd: number
  /** Of `outputs`; null: all of them. */
  key: string | null
  keyOffset: number
  keyEnd: number
}

interface Part {
  text: string
  offset: number
  /** Of the chain up to and with this part. */
  end: number
}

/** A name may hold dots: the longest that is a task wins. */
export function taskReferences(ast: ASTNode, isTask: (name: string) => boolean): TaskReference[] {
  const found: TaskReference[] = []
  visit(ast, (root, parts) => found.push(referenceOf(root, parts, isTask)))
  return found
}

function visit(node: ASTNode, report: (root: ASTNode, parts: readonly Part[]) => void): void {
  const chain = chainOf(node)
  if (chain !== null) return report(chain.root, chain.parts)
  for (const child of childrenOf(node)) visit(child, report)
}

function chainOf(node: ASTNode): { root: ASTNode; parts: Part[] } | null {
  if (node.op === 'id') return node.args === 'tasks' ? { root: node, parts: [] } : null
  if (node.op !== '.' && node.op !== '[]') return null
  const [inner, last] = node.args
  const text = typeof last === 'string' ? last : last.op === 'value' ? last.args : null
  if (typeof text !== 'string') return null
  const chain = chainOf(inner)
  if (chain === null) return null
  const offset = typeof last === 'string' ? node.end - text.length : last.start
  chain.parts.push({ text, offset, end: node.end })
  return chain
}

function referenceOf(
  root: ASTNode,
  parts: readonly Part[],
  isTask: (name: string) => boolean,
): TaskReference {
  let at = parts.length - 1
  const nameUpTo = (last: number): string =>
    parts
      .slice(0, last + 1)
      .map(({ text }) => text)
      .join('.')
  while (at > 0 && !isTask(nameUpTo(at))) at -= 1
  const task = nameUpTo(Math.max(at, 0))
  const last = parts[Math.max(at, 0)]
  const member = parts[at + 1]
  const key = member?.text === 'outputs' ? parts[at + 2] : undefined
  return {
    start: root.start,
    end: parts.at(-1)?.end ?? root.end,
    task,
    isKnown: parts.length > 0 && isTask(task),
    nameOffset: parts[0]?.offset ?? root.start,
    nameEnd: last?.end ?? root.end,
    member: member?.text === 'state' || member?.text === 'outputs' ? member.text : null,
    memberEnd: member?.end ?? last?.end ?? root.end,
    key: key?.text ?? null,
    keyOffset: key?.offset ?? last?.end ?? root.end,
    keyEnd: key?.end ?? last?.end ?? root.end,
  }
}

/** Names that an expression uses, without those that its loops declare: each with its first place. */
export function rootsOf(ast: ASTNode, declared: ReadonlySet<string>): Map<string, number> {
  const roots = new Map<string, number>()
  const into = (node: ASTNode): void => {
    if (node.op === 'id' && !declared.has(node.args) && !roots.has(node.args)) {
      roots.set(node.args, node.start)
    }
    for (const child of childrenOf(node)) into(child)
  }
  into(ast)
  return roots
}
