// The fields of a task that hold `${{ }}`: each with what is known where it is evaluated.
import type { Check } from './check-context.ts'
import type { LateScope, Wanted } from './expression-scope.ts'
import { mapOf } from './lenient.ts'
import type { OutlineGroup, OutlineTask } from './outline.ts'
import { lateScopeOf } from './task-scope.ts'
import { offsetInText } from './text-offset.ts'
import type { Path } from './yaml-tree.ts'
import { placeAt } from './yaml-tree.ts'

const valueLengthMax = 100_000
const text: Wanted = { kind: 'text' }

/** Where the fields of a task are evaluated: of an item, for each item. */
export function taskScope(check: Check, task: OutlineTask | OutlineGroup): LateScope {
  return lateScopeOf(check, task, { item: 'fan_out' in task.value })
}

export function checkExpressions(check: Check, task: OutlineTask | OutlineGroup): void {
  const { path, value } = task
  const inside = taskScope(check, task)
  checkTexts(check, [...path, 'env'], value['env'], inside)
  if (task.kind === 'group') return
  const before = lateScopeOf(check, task)
  checkTexts(check, [...path, 'params'], value['params'], inside)
  checkValue(check, [...path, 'when'], value['when'], { late: inside, wanted: { kind: 'bool' } })
  const approval = mapOf(value['approval'])
  checkValue(check, [...path, 'approval', 'message'], approval['message'], {
    late: inside,
    wanted: text,
  })
  const fanOut = value['fan_out']
  const over = typeof fanOut === 'string' ? fanOut : mapOf(fanOut)['over']
  const overPath = typeof fanOut === 'string' ? ['fan_out'] : ['fan_out', 'over']
  checkValue(check, [...path, ...overPath], over, { late: before, wanted: { kind: 'list' } })
  const branch = value['branch']
  const choose = typeof branch === 'string' ? branch : mapOf(branch)['choose']
  const choosePath = typeof branch === 'string' ? ['branch'] : ['branch', 'choose']
  checkValue(check, [...path, ...choosePath], choose, {
    late: lateScopeOf(check, task, { outputs: !('pipeline' in value) }),
    wanted: { kind: 'choice' },
  })
}

/** `late` null: only what is known when a run is planned. */
export function checkTexts(
  check: Check,
  path: Path,
  values: unknown,
  late: LateScope | null,
): void {
  for (const [name, value] of Object.entries(mapOf(values))) {
    checkValue(check, [...path, name], value, { late, wanted: text })
  }
}

function checkValue(
  { report, tree, expressions }: Check,
  path: Path,
  value: unknown,
  place: { late: LateScope | null; wanted: Wanted },
): void {
  if (typeof value !== 'string' || value.length > valueLengthMax || report.isFull()) return
  for (const fault of expressions.check(value, place)) {
    report.at(path, fault, offsetInText(placeAt(tree, path), value, fault.offset))
  }
}
