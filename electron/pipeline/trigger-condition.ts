// `trigger_rule`: the name of a rule, or a condition over the states of needs.
import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import type { StateCondition, TriggerRule } from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { celFault } from './cel-fault.ts'
import { newCel } from './cel.ts'
import type { ExpressionFault } from './expression-scope.ts'
import { splitTemplate } from './template.ts'

/** In the order of the documentation. */
export const triggerRules: readonly TriggerRule[] = [
  'all_success',
  'all_failed',
  'all_done',
  'all_done_min_one_success',
  'all_skipped',
  'one_success',
  'one_failed',
  'one_done',
  'none_failed',
  'none_failed_min_one_success',
  'none_skipped',
  'always',
]

/** Names that Airflow has or had. */
const aliases: Readonly<Record<string, TriggerRule>> = {
  dummy: 'always',
  none_failed_or_skipped: 'none_failed_min_one_success',
  all_succeeded: 'all_success',
  success: 'all_success',
  failed: 'one_failed',
  any_success: 'one_success',
  any_failed: 'one_failed',
  on_success: 'all_success',
  on_failure: 'one_failed',
}

const stateNames = ['succeeded', 'failed', 'skipped', 'done'] as const
const atomsMax = 100

export type ReadTrigger =
  | { trigger: TriggerRule | StateCondition }
  | { faults: readonly ExpressionFault[] }

/** `resolve`: a need, as written, to the tasks that it stands for, by their whole names; null: it is no need. */
export function readTrigger(
  text: string,
  resolve: (name: string) => readonly string[] | null,
  needs: readonly string[],
): ReadTrigger {
  const rule = triggerRules.find((each) => each === text)
  if (rule !== undefined) return { trigger: rule }
  if (!text.includes('${{')) return { faults: [unknownRule(text)] }
  const split = splitTemplate(text.trim())
  const part = split.ok && split.parts.length === 1 ? split.parts[0] : undefined
  if (part?.kind !== 'expression') {
    const hint = "For example: ${{ succeeded('a') || skipped('b') }}"
    return { faults: [{ offset: 0, message: 'Expected one expression: ${{ ... }}.', hint }] }
  }
  const offset = part.offset + text.length - text.trimStart().length
  return readCondition({ source: part.source, offset }, resolve, needs)
}

function unknownRule(text: string): ExpressionFault {
  const alias = Object.hasOwn(aliases, text) ? aliases[text] : undefined
  const meant = alias === undefined ? didYouMean(text, triggerRules) : ` Write "${alias}".`
  return {
    offset: 0,
    message: `There is no trigger rule "${text}".${meant}`,
    hint: `Rules: ${triggerRules.join(', ')}; or \${{ }} with succeeded, failed, skipped and done.`,
  }
}

let parser: Environment | null = null

function readCondition(
  { source, offset }: { source: string; offset: number },
  resolve: (name: string) => readonly string[] | null,
  needs: readonly string[],
): ReadTrigger {
  let ast: ASTNode
  try {
    ast = (parser ??= newCel()).parse(source).ast
  } catch (error) {
    return { faults: [celFault(error, source, offset)] }
  }
  const reading: Reading = { resolve, needs, faults: [], atoms: 0 }
  const condition = conditionOf(ast, reading)
  if (reading.atoms > atomsMax) {
    const message = `The condition asks ${reading.atoms} times for a state; ${atomsMax} is the most.`
    reading.faults.push({ offset: 0, message, hint: 'Put a task in between.' })
  }
  const faults = reading.faults.map((fault) => ({ ...fault, offset: offset + fault.offset }))
  return faults.length > 0 || condition === null ? { faults } : { trigger: condition }
}

interface Reading {
  resolve: (name: string) => readonly string[] | null
  needs: readonly string[]
  faults: ExpressionFault[]
  atoms: number
}

function conditionOf(node: ASTNode, reading: Reading): StateCondition | null {
  if (node.op === '&&' || node.op === '||') {
    const op = node.op === '&&' ? 'all' : 'any'
    const [left, right] = node.args.map((each) => conditionOf(each, reading))
    if (left == null || right == null) return null
    // `a && b && c` is one list, whichever way it was grouped.
    const flat = [left, right].flatMap((each) => (each.op === op ? each.of : [each]))
    return { op, of: flat }
  }
  if (node.op === '!_') {
    const of = conditionOf(node.args, reading)
    return of === null ? null : { op: 'not', of }
  }
  if (node.op === 'call') return atomOf(node, reading)
  reading.faults.push({
    offset: node.start,
    message:
      'A condition of states holds succeeded, failed, skipped and done, with &&, || and !; nothing else.',
    hint: 'What depends on values goes into when.',
  })
  return null
}

function atomOf(node: ASTNode & { op: 'call' }, reading: Reading): StateCondition | null {
  const [called, args] = node.args
  const fault = (message: string, hint: string, at = node.start): null => {
    reading.faults.push({ offset: at, message, hint })
    return null
  }
  const state = stateNames.find((each) => each === called)
  if (state === undefined) {
    const hint = `There are: ${stateNames.join(', ')}.`
    return fault(`There is no state "${called}".${didYouMean(called, stateNames)}`, hint)
  }
  const [name] = args
  if (args.length !== 1 || name?.op !== 'value' || typeof name.args !== 'string') {
    return fault(
      `"${called}" takes the name of a task in quotes.`,
      `For example: ${called}('extract')`,
    )
  }
  const tasks = reading.resolve(name.args)
  if (tasks === null) {
    const { needs } = reading
    const hint = needs.length === 0 ? 'The task needs nothing.' : `It needs: ${someOf(needs)}.`
    return fault(
      `"${name.args}" is no need of this task.${didYouMean(name.args, needs)}`,
      hint,
      name.start,
    )
  }
  reading.atoms += tasks.length
  const atoms = tasks.map((task): StateCondition => ({ op: 'is', task, state }))
  // Of a group: it has succeeded, is skipped or is done when all of it is, and has failed when some of it has.
  const [only] = atoms
  if (atoms.length === 1 && only !== undefined) return only
  return { op: state === 'failed' ? 'any' : 'all', of: atoms }
}
