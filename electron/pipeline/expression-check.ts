// Whether an expression says something that can be evaluated: names, types, and nothing that could run for long.
import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { celFault } from './cel-fault.ts'
import { walk } from './evaluation-cost.ts'
import { lateRoots, planRoots, rootsElsewhere } from './expression-scope.ts'
import type { ExpressionFault, ExpressionScope, LateScope, Wanted } from './expression-scope.ts'
import { edited, standFor, typeFault } from './expression-types.ts'
import type { Edit } from './expression-types.ts'
import { costFaults, loopVariables, withTicks } from './loops.ts'
import { taskReferences } from './task-references.ts'
import type { TaskReference } from './task-references.ts'

export interface Place {
  /** null: only what is known when the run is planned. */
  late: LateScope | null
  wanted: Wanted
}

export function checkSource(
  cel: Environment,
  scope: ExpressionScope,
  part: { source: string; offset: number },
  { late, wanted }: Place,
): ExpressionFault[] {
  const { source, offset } = part
  if (source.trim() === '') {
    return [{ offset, message: 'The expression is empty.', hint: 'For example: ${{ params.day }}' }]
  }
  let ast: ASTNode
  try {
    ast = cel.parse(source).ast
  } catch (error) {
    return [celFault(error, source, offset)]
  }
  const references = taskReferences(ast, (name) => late?.tasks.find(name) != null)
  const faults = [
    ...costFaults(ast),
    ...nameFaults(ast, scope, late),
    ...(late === null ? [] : references.flatMap((each) => referenceFault(each, source, late))),
  ]
  if (faults.length === 0) faults.push(...commentFaults(cel, ast, source))
  if (faults.length > 0) {
    return faults.map((fault) => ({ ...fault, offset: offset + fault.offset }))
  }
  const typed = edited(
    source,
    references.map((reference) => standIn(reference, late)),
  )
  const checked = cel.check(typed.text)
  if (!checked.valid) {
    const fault = celFault(checked.error, typed.text, 0)
    return [{ ...fault, offset: offset + typed.back(fault.offset) }]
  }
  const fault = typeFault(String(checked.type), wanted)
  return fault === null ? [] : [{ offset: offset + leading(source), ...fault }]
}

// The counting call of a loop is put into its text, where a comment may swallow it.
function commentFaults(cel: Environment, ast: ASTNode, source: string): ExpressionFault[] {
  if (!source.includes('//') || loopVariables(ast).size === 0) return []
  try {
    cel.parse(withTicks(source, ast))
    return []
  } catch {
    const message = 'A comment stands inside a loop.'
    return [{ offset: source.indexOf('//'), message, hint: 'Delete it.' }]
  }
}

function leading(source: string): number {
  return source.length - source.trimStart().length
}

function nameFaults(
  ast: ASTNode,
  scope: ExpressionScope,
  late: LateScope | null,
): ExpressionFault[] {
  const faults: ExpressionFault[] = []
  const roots = [...planRoots, ...(late === null ? [] : lateRoots(late))]
  const declared = loopVariables(ast)
  walk(ast, (node) => {
    if (node.op === 'id' && !declared.has(node.args) && !roots.includes(node.args)) {
      faults.push(unknownRoot(node.args, node.start, roots))
    }
    if (node.op !== '.' || node.args[0].op !== 'id') return
    const fault = memberFault(node, node.args[0].args, { scope, late })
    if (fault !== null) faults.push(fault)
  })
  return faults
}

function unknownRoot(name: string, offset: number, roots: readonly string[]): ExpressionFault {
  const elsewhere = Object.hasOwn(rootsElsewhere, name) ? rootsElsewhere[name] : undefined
  if (elsewhere !== undefined) {
    return { offset, message: `"${name}" is not known here.`, hint: elsewhere }
  }
  return {
    offset,
    message: `There is no variable "${name}".${didYouMean(name, roots)}`,
    hint: `Known: ${roots.join(', ')}.`,
  }
}

function memberFault(
  node: ASTNode & { op: '.' },
  root: string,
  { scope, late }: { scope: ExpressionScope; late: LateScope | null },
): ExpressionFault | null {
  const member = node.args[1]
  const offset = node.end - member.length
  if (root === 'run' && member === 'state' && late?.hasRunState === false) {
    const message = 'How the run fares is known when all its tasks have ended.'
    return { offset, message, hint: 'run.state is for the tasks of finally.' }
  }
  const known = membersOf(root, scope)
  if (known === null || known.includes(member)) return null
  const thing = root === 'params' ? 'param' : root === 'vars' ? 'var' : 'field'
  const where = root === 'vars' ? ' in any environment' : ''
  const declared = known.length === 0 ? 'None are declared.' : `Declared: ${someOf(known)}.`
  return {
    offset,
    message: `There is no ${thing} "${member}"${where}.${didYouMean(member, known)}`,
    hint: declared,
  }
}

function membersOf(root: string, scope: ExpressionScope): readonly string[] | null {
  if (root === 'params') return Object.keys(scope.params)
  if (root === 'vars') return scope.vars
  if (root === 'run') return ['id', 'state']
  return root === 'env' ? ['name'] : null
}

function referenceFault(
  reference: TaskReference,
  source: string,
  late: LateScope,
): ExpressionFault[] {
  const { task, member, key, start, end, nameOffset } = reference
  const named = late.tasks.find(task)
  if (task === '' || /[()]/.test(source.slice(start, end))) {
    const message = 'A task is named with its field: tasks.NAME.state or tasks.NAME.outputs.KEY.'
    return [{ offset: start, message, hint: 'A name with a dash or a dot: tasks["NAME"].state' }]
  }
  if (named === null) {
    const names = late.tasks.names()
    const message = `There is no task "${task}".${didYouMean(task, names)}`
    return [{ offset: nameOffset, message, hint: `Tasks of this pipeline: ${someOf(names)}.` }]
  }
  if (named.refused !== null) return [{ offset: nameOffset, ...named.refused }]
  if (member === null) {
    const message = `Of a task there are state and outputs; this asks for neither.`
    return [
      {
        offset: nameOffset,
        message,
        hint: `Write tasks.${task}.state or tasks.${task}.outputs.KEY.`,
      },
    ]
  }
  if (member === 'state') return []
  const { gives } = named
  if (gives === 'none') {
    const message = `The task "${named.name}" runs a pipeline and has no output values of its own.`
    return [{ offset: nameOffset, message, hint: `tasks.${task}.state says how it ended.` }]
  }
  if (typeof gives === 'string' || key === null || Object.hasOwn(gives.answers, key)) return []
  const answers = Object.keys(gives.answers)
  const message = `The form of the task "${named.name}" has no field "${key}".${didYouMean(key, answers)}`
  const hint = answers.length === 0 ? 'It has no form.' : `It has: ${someOf(answers)}.`
  return [{ offset: reference.keyOffset, message, hint }]
}

function standIn(reference: TaskReference, late: LateScope | null): Edit {
  const { start, memberEnd, keyEnd, member, key } = reference
  if (member === 'state') return { start, end: memberEnd, text: standFor('state') }
  const gives = late?.tasks.find(reference.task)?.gives
  if (typeof gives === 'object' && key !== null) {
    return { start, end: keyEnd, text: standFor(gives.answers[key] ?? 'string') }
  }
  return { start, end: memberEnd, text: standFor(gives === 'lists' ? 'lists' : 'values') }
}
