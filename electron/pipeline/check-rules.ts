// When tasks start and what they are to each other: trigger rules, branches, set-up and tear-down, semaphores.
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { branchLiterals } from './branch-names.ts'
import type { Check } from './check-context.ts'
import { listOf, mapOf, textOf } from './lenient.ts'
import { resolveName } from './outline.ts'
import type { OutlineTask } from './outline.ts'
import { offsetInText } from './text-offset.ts'
import { readTrigger } from './trigger-condition.ts'
import type { Path } from './yaml-tree.ts'
import { placeAt } from './yaml-tree.ts'

export function checkRules(check: Check, task: OutlineTask): void {
  checkTrigger(check, task)
  checkBranch(check, task)
  checkSetup(check, task)
  checkTeardown(check, task)
  checkSemaphores(check, task)
}

/** The tasks that a name in a trigger rule stands for: needs of the task, groups opened. */
export function needsByName(
  { outline }: Pick<Check, 'outline'>,
  task: OutlineTask,
): (name: string) => readonly string[] | null {
  return (name) => {
    const means = resolveName(outline, task, name)
    if (means === null) return null
    const names = means.kind === 'task' ? [means.name] : means.tasks
    const needed = names.filter((each) => task.upstream.includes(each))
    return needed.length === 0 ? null : needed
  }
}

function checkTrigger(check: Check, task: OutlineTask): void {
  const { report, tree } = check
  const text = textOf(task.value['trigger_rule'])
  if (text === null) return
  const path = [...task.path, 'trigger_rule']
  if ('teardown' in task.value) {
    report.atKey(path, {
      message:
        'A teardown has a rule of its own: once everything before it has ended and a set-up of it has succeeded.',
      hint: 'Delete the trigger_rule.',
    })
    return
  }
  const read = readTrigger(text, needsByName(check, task), task.upstream)
  if ('trigger' in read) return
  for (const fault of read.faults) {
    report.at(path, fault, offsetInText(placeAt(tree, path), text, fault.offset))
  }
}

function checkBranch(check: Check, task: OutlineTask): void {
  const { report, tree, outline, graph } = check
  const branch = task.value['branch']
  if (branch === undefined) return
  const isText = typeof branch === 'string'
  const path: Path = isText ? [...task.path, 'branch'] : [...task.path, 'branch', 'choose']
  const choose = textOf(isText ? branch : mapOf(branch)['choose'])
  const after = graph.dependentsOf.get(task.name) ?? []
  if (after.length === 0) {
    const message = 'Nothing comes after this task: there is nothing to choose from.'
    report.atKey([...task.path, 'branch'], { message, hint: `Let tasks need "${task.name}".` })
  }
  if (choose === null) return
  for (const { name, offset } of branchLiterals(choose)) {
    const means = resolveName(outline, task, name)
    const names = means === null ? [] : means.kind === 'task' ? [means.name] : means.tasks
    if (names.some((each) => after.includes(each))) continue
    const message =
      means === null
        ? `There is no task "${name}".${didYouMean(name, after)}`
        : `"${name}" does not come right after "${task.name}".`
    const hint = `Right after it: ${after.length === 0 ? 'nothing' : someOf(after)}.`
    report.at(path, { message, hint }, offsetInText(placeAt(tree, path), choose, offset))
  }
}

function checkSetup({ report }: Check, { value, path, isFinal }: OutlineTask): void {
  for (const field of ['setup', 'teardown'] as const) {
    if (value[field] === undefined || value[field] === false) continue
    if (isFinal) {
      report.atKey([...path, field], {
        message: `A task of finally takes no "${field}".`,
        hint: 'Finally comes after everything, teardowns too. Move the task to tasks.',
      })
    }
    if ('fan_out' in value) {
      report.atKey([...path, field], {
        message: `A task with fan_out takes no "${field}".`,
        hint: 'Let one task set up for all items.',
      })
    }
  }
  if (value['setup'] === true && 'teardown' in value) {
    report.atKey([...path, 'teardown'], {
      message: 'A task sets up or tears down; this one says both.',
      hint: 'Make two tasks.',
    })
  }
}

/** The list of set-ups, and where it stands. */
export function teardownOf({ value, path }: OutlineTask): { of: readonly unknown[]; path: Path } {
  const teardown = value['teardown']
  return Array.isArray(teardown)
    ? { of: teardown, path: [...path, 'teardown'] }
    : { of: listOf(mapOf(teardown)['of']), path: [...path, 'teardown', 'of'] }
}

function checkTeardown(check: Check, task: OutlineTask): void {
  const { report, outline } = check
  const teardown = teardownOf(task)
  teardown.of.forEach((given, at) => {
    const name = textOf(given)
    if (name === null) return
    const means = resolveName(outline, task, name)
    const path = [...teardown.path, at]
    if (means?.kind !== 'task') {
      const setups = outline.tasks.filter(({ value }) => value['setup'] === true)
      const names = setups.map((setup) => setup.name)
      const message = `There is no task "${name}".${didYouMean(name, names)}`
      const hint = names.length === 0 ? 'No task says setup: true.' : `Set-ups: ${someOf(names)}.`
      report.at(path, { message, hint })
    } else if (means.value['setup'] !== true) {
      const message = `The task "${name}" is no set-up.`
      report.at(path, { message, hint: `Write setup: true in "${name}".` })
    } else if (!check.upstreamOf(task.name).has(means.name)) {
      const message = `"${name}" is not upstream of "${task.name}", which tears it down.`
      const hint = `Add "${name}", or what uses its work, to the needs of "${task.name}".`
      report.at(path, { message, hint })
    }
  })
}

function checkSemaphores({ report, workspace }: Check, { value, path }: OutlineTask): void {
  const given = value['semaphores']
  const known = workspace?.semaphores ?? null
  if (known === null || given === undefined || given === null) return
  const asked: [name: unknown, path: Path, weight: unknown][] = Array.isArray(given)
    ? given.map((name: unknown, at) => [name, [...path, 'semaphores', at], 1])
    : Object.entries(mapOf(given)).map(([name, weight]) => [
        name,
        [...path, 'semaphores', name],
        weight,
      ])
  for (const [name, at, weight] of asked) {
    if (typeof name !== 'string') continue
    const semaphore = known.find((each) => each.name === name)
    if (semaphore === undefined) {
      const names = known.map((each) => each.name)
      const message = `There is no semaphore "${name}".${didYouMean(name, names)}`
      const hint =
        names.length === 0
          ? `Declare it in sluice.yaml: semaphores: { ${name}: { slots: 1 } }`
          : `Semaphores of sluice.yaml: ${someOf(names)}.`
      if (Array.isArray(given)) report.at(at, { message, hint })
      else report.atKey(at, { message, hint })
    } else if (semaphore.slots !== null && typeof weight === 'number' && weight > semaphore.slots) {
      const message = `The task would hold ${weight} of "${name}", which has ${semaphore.slots}: it could never start.`
      report.at(at, { message, hint: `At most ${semaphore.slots}.` })
    }
  }
}
