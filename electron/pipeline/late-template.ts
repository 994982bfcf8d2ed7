// What of a value can be evaluated only while a run goes on, written so that it stands alone in a plan: tasks by their
// whole names, params with the type that they were declared with.
import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { walk } from './evaluation-cost.ts'
import type { ExpressionScope, TaskNames } from './expression-scope.ts'
import { edited } from './expression-types.ts'
import type { Edit } from './expression-types.ts'
import { loopVariables } from './loops.ts'
import { rootsOf, taskReferences } from './task-references.ts'
import { splitTemplate } from './template.ts'

export interface LateParts {
  /** null where the value may name none. */
  tasks: TaskNames | null
  /** Params of this pipeline that its parent gives only when it starts. */
  params: ReadonlySet<string>
}

export interface LateTemplate {
  /** Something in it is known only while the run goes on. */
  isLate: boolean
  template: string
  /** What it reads of what is known: with these, the same template is the same work. */
  reads: { params: string[]; vars: boolean; logicalDate: boolean }
}

const always: readonly string[] = ['tasks', 'item', 'item_index', 'outputs', 'run']

/** null: it cannot be read. */
export function lateTemplate(
  cel: Environment,
  scope: ExpressionScope,
  value: string,
  parts: LateParts,
): LateTemplate | null {
  const split = splitTemplate(value)
  if (!split.ok) return null
  let isLate = false
  let template = ''
  const reads = { params: new Set<string>(), vars: false, logicalDate: false }
  for (const part of split.parts) {
    if (part.kind === 'text') {
      template += part.text
      continue
    }
    const { ast } = cel.parse(part.source)
    const roots = rootsOf(ast, loopVariables(ast))
    const params = paramsIn(ast)
    isLate ||= always.some((root) => roots.has(root))
    // A name that is computed may be any of them.
    isLate ||= params.some(
      ({ name }) => parts.params.has(name) || (name === '' && parts.params.size > 0),
    )
    for (const { name } of params) if (!parts.params.has(name)) reads.params.add(name)
    reads.vars ||= roots.has('vars')
    reads.logicalDate ||= roots.has('logical_date')
    const edits = [...taskEdits(ast, parts.tasks), ...params.flatMap((each) => typed(each, scope))]
    template += `\${{${edited(part.source, edits).text}}}`
  }
  return { isLate, template, reads: { ...reads, params: [...reads.params].sort() } }
}

function taskEdits(ast: ASTNode, tasks: TaskNames | null): Edit[] {
  if (tasks === null) return []
  return taskReferences(ast, (name) => tasks.find(name) !== null).flatMap((reference) => {
    const named = tasks.find(reference.task)
    if (named === null) return []
    const { start, nameEnd } = reference
    return [{ start, end: nameEnd, text: `tasks[${JSON.stringify(named.name)}]` }]
  })
}

interface ParamIn {
  name: string
  start: number
  end: number
}

function paramsIn(ast: ASTNode): ParamIn[] {
  const found: ParamIn[] = []
  walk(ast, (node) => {
    if (node.op !== '.' && node.op !== '[]') return
    const [root, key] = node.args
    if (root.op !== 'id' || root.args !== 'params') return
    const name = typeof key === 'string' ? key : key.op === 'value' ? String(key.args) : ''
    found.push({ name, start: root.start, end: node.end })
  })
  return found
}

// A number that happens to be whole would be an integer of CEL, and 5 / 2 would be 2.
function typed({ name, start, end }: ParamIn, scope: ExpressionScope): Edit[] {
  if (!Object.hasOwn(scope.params, name) || scope.params[name] !== 'number') return []
  const text = /^[A-Za-z_]\w*$/.test(name) ? `params.${name}` : `params[${JSON.stringify(name)}]`
  return [{ start, end, text: `double(${text})` }]
}
