// The values of a task: those that are known when a run is planned, and those that are left for when it starts.
//   P1  What is left is a template of the file. What was evaluated is never read as a template again: a value that holds
//       "${{" stays what it is.
import type { TaskSpec } from '../../shared/pipeline/spec.ts'
import { someOf } from '../../shared/pipeline/suggest.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import type { PlannedRules } from '../../shared/run/plan.ts'
import { branchLiterals } from './branch-names.ts'
import type { ExpressionFault } from './expression-scope.ts'
import type { TaskNames } from './expression-scope.ts'
import { edited } from './expression-types.ts'
import type { LateTemplate } from './late-template.ts'
import { isInside, resolveName } from './outline.ts'
import type { OutlineTask } from './outline.ts'
import { envEntries } from './parse-task.ts'
import { namesFor } from './plan-context.ts'
import type { PlanContext } from './plan-context.ts'
import { offsetInText } from './text-offset.ts'
import type { Path } from './yaml-tree.ts'
import { placeAt } from './yaml-tree.ts'

/** Of a fan-out; the engine takes no more. */
const itemsMax = 10_000

/** What templates of a plan read of what is known, for the hash of the work. */
export interface Reads {
  params: Set<string>
  vars: boolean
  logicalDate: boolean
}

export function newReads(): Reads {
  return { params: new Set(), vars: false, logicalDate: false }
}

export type PlannedText = { kind: 'known'; text: string } | { kind: 'late'; template: string }

export function planText(
  context: PlanContext,
  path: Path,
  value: string,
  { tasks, reads }: { tasks: TaskNames | null; reads: Reads },
): PlannedText {
  const planned = plannedOf(context, value, tasks)
  if (planned?.isLate === true) {
    note(reads, planned)
    return { kind: 'late', template: planned.template }
  }
  if (planned === null || !context.isEvaluable) return { kind: 'known', text: value }
  const result = context.expressions.evaluate(value, context.values)
  if ('text' in result) return { kind: 'known', text: result.text }
  reportFaults(context, path, value, result.faults)
  return { kind: 'known', text: value }
}

function plannedOf(
  { expressions, lateParams }: PlanContext,
  value: string,
  tasks: TaskNames | null,
): LateTemplate | null {
  return expressions.planned(value, { tasks, params: lateParams })
}

function note(reads: Reads, { reads: own }: LateTemplate): void {
  for (const name of own.params) reads.params.add(name)
  reads.vars ||= own.vars
  reads.logicalDate ||= own.logicalDate
}

export function reportFaults(
  { report, tree }: PlanContext,
  path: Path,
  value: string,
  faults: readonly ExpressionFault[],
): void {
  for (const fault of faults) {
    report.at(path, fault, offsetInText(placeAt(tree, path), value, fault.offset))
  }
}

/** The pipeline's variables below, those of its groups above them, the task's own on top; its secrets are among its own. */
export function planEnv(
  context: PlanContext,
  task: OutlineTask,
  { spec, reads }: { spec: TaskSpec; reads: Reads },
): { env: Record<string, string>; lateEnv: Record<string, string> } {
  const env: Record<string, string> = {}
  const lateEnv: Record<string, string> = {}
  const secrets = spec.secrets ?? {}
  const own = envEntries(task, context.tree).filter(({ name }) => !Object.hasOwn(secrets, name))
  const names = new Set(own.map(({ name }) => name))
  const put = (name: string, value: PlannedText): void => {
    if (value.kind === 'late') lateEnv[name] = value.template
    else env[name] = value.text
  }
  for (const [name, value] of Object.entries(context.spec.env)) {
    if (names.has(name) || Object.hasOwn(secrets, name)) continue
    put(name, planText(context, ['env', name], value, { tasks: null, reads }))
  }
  for (const { name, text, owner } of own) {
    const path = [...owner.path, 'env', name]
    put(name, planText(context, path, text, { tasks: namesFor(context, owner), reads }))
  }
  return { env, lateEnv }
}

/** `when`, `fan_out` and `branch`: evaluated where that can be done, so that a plan says what is known. */
export function planConditions(
  context: PlanContext,
  task: OutlineTask,
  { spec, reads }: { spec: TaskSpec; reads: Reads },
): Pick<PlannedRules, 'when' | 'fanOut' | 'branch' | 'approval'> {
  const rules: Pick<PlannedRules, 'when' | 'fanOut' | 'branch' | 'approval'> = {}
  const tasks = namesFor(context, task)
  if (spec.when !== undefined) {
    const known = planValue(context, [...task.path, 'when'], spec.when, {
      tasks,
      reads: newReads(),
    })
    // A task that runs in any case has no condition.
    if (known.kind !== 'known' || known.value !== true) rules.when = known.template
  }
  if (spec.fanOut !== undefined) {
    const { over } = spec.fanOut
    rules.fanOut = spec.fanOut
    if (typeof over === 'string') {
      rules.fanOut = { ...spec.fanOut, over: planList(context, task, over, reads) }
    }
  }
  if (spec.branch !== undefined) {
    rules.branch = { ...spec.branch, choose: planChoice(context, task, spec.branch.choose, reads) }
  }
  // P1: never its text, which would be read as a template when it is asked.
  if (spec.approval !== undefined) {
    const planned = plannedOf(context, spec.approval.message, tasks)
    if (planned !== null) note(reads, planned)
    rules.approval = { ...spec.approval, message: planned?.template ?? spec.approval.message }
  }
  return rules
}

function planList(
  context: PlanContext,
  task: OutlineTask,
  over: string,
  reads: Reads,
): readonly JsonValue[] | string {
  const path = [...task.path, 'fan_out']
  const known = planValue(context, path, over, { tasks: namesFor(context, task), reads })
  if (known.kind === 'late' || !Array.isArray(known.value)) return known.template
  const list = known.value as readonly JsonValue[]
  if (list.length > itemsMax) {
    const message = `The list has ${list.length} items; the limit is ${itemsMax}.`
    context.report.at(path, { message, hint: 'Give each item more work.' })
  }
  return list
}

type PlannedValue =
  | { kind: 'known'; value: JsonValue; template: string }
  | { kind: 'late'; template: string }

function planValue(
  context: PlanContext,
  path: Path,
  value: string,
  { tasks, reads }: { tasks: TaskNames | null; reads: Reads },
): PlannedValue {
  const planned = plannedOf(context, value, tasks)
  const template = planned?.template ?? value
  if (planned !== null) note(reads, planned)
  if (planned?.isLate === true || !context.isEvaluable) return { kind: 'late', template }
  const result = context.expressions.evaluateValue(value, context.values)
  if ('value' in result) return { kind: 'known', value: result.value, template }
  reportFaults(context, path, value, result.faults)
  return { kind: 'late', template }
}

// Names that stand in it as texts are made whole, as those of needs are.
function planChoice(context: PlanContext, task: OutlineTask, choose: string, reads: Reads): string {
  const { outline } = context.surroundings
  const edits = branchLiterals(choose).map(({ name, offset, end }) => ({
    start: offset,
    end,
    text: JSON.stringify(resolveName(outline, task, name)?.name ?? name),
  }))
  const whole = edited(choose, edits).text
  const path = [...task.path, 'branch']
  const known = planValue(context, path, whole, { tasks: namesFor(context, task), reads })
  if (known.kind === 'known') checkChosen(context, task, known.value)
  return known.template
}

// Known before the run begins, so that it need not fail when it gets there.
function checkChosen(
  { surroundings, report }: PlanContext,
  task: OutlineTask,
  value: JsonValue,
): void {
  const names = Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
  const { outline } = surroundings
  const after = outline.tasks.filter(({ upstream }) => upstream.includes(task.name))
  for (const name of names) {
    if (typeof name === 'boolean' || name === null || name === '') continue
    const means = typeof name === 'string' ? resolveName(outline, task, name) : null
    const isAfter = after.some(
      (each) => each === means || (means?.kind === 'group' && isInside(each, means)),
    )
    if (isAfter) continue
    report.at([...task.path, 'branch'], {
      message: `The branch gives ${JSON.stringify(name)}, which does not come right after "${task.name}".`,
      hint: `Right after it: ${someOf(after.map((each) => each.name))}.`,
    })
  }
}
