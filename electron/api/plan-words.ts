// When a task of a plan starts and what it is, in a few words: `after a, b (none_failed), for each of 3 items, if ...`.
import type { StateCondition } from '../../shared/pipeline/spec.ts'
import { someOf } from '../../shared/pipeline/suggest.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'
import { assertNever } from '../../shared/run/states.ts'

const templateLengthMax = 80

export function planWords(task: PlannedTask): string {
  const { when, branch, fanOut, approval, child, lateEnv, setup, teardown, allowFailure } = task
  const parts = [startWords(task)]
  if (when !== undefined) parts.push(`if ${short(when)}`)
  if (fanOut !== undefined) parts.push(fanOutWords(fanOut))
  if (approval !== undefined) parts.push('asks a person')
  if (child !== undefined)
    parts.push(`runs ${child.plan.pipeline} (${tasksOf(child.plan.tasks.length)})`)
  if (setup === true) parts.push('sets up')
  if (teardown !== undefined) parts.push(`tears down ${someOf(teardown.of)}`)
  if (branch !== undefined) parts.push(`then chooses by ${short(branch.choose)}`)
  if (allowFailure === true) parts.push('may fail')
  const late = Object.keys(lateEnv ?? {})
  if (late.length > 0) parts.push(`${someOf(late, 3)} known when it starts`)
  return parts.join(', ')
}

function startWords({ needs, trigger, isFinal, teardown }: PlannedTask): string {
  const after = needs.length === 0 ? '' : `after ${someOf(needs, 20)}`
  if (isFinal === true) return `at the end${after === '' ? '' : `, ${after}`}`
  if (after === '') return 'starts at once'
  if (teardown !== undefined) return `${after}, however they end`
  if (trigger === undefined || trigger === 'all_success') return after
  return `${after} (${typeof trigger === 'string' ? trigger : conditionWords(trigger)})`
}

function fanOutWords({ over, maxParallel, join }: NonNullable<PlannedTask['fanOut']>): string {
  const what =
    typeof over === 'string' ? `for each of ${short(over)}` : `for each of ${over.length} items`
  const atOnce = maxParallel === null ? '' : `, ${maxParallel} at once`
  if (join === 'all') return what + atOnce
  return `${what}${atOnce}, ${join === 'any' ? 'any' : `${Math.round(join * 100)}%`} must succeed`
}

/** `succeeded(a) && (failed(b) || skipped(c))`. */
export function conditionWords(condition: StateCondition, isInner = false): string {
  switch (condition.op) {
    case 'is':
      return `${condition.state}(${condition.task})`
    case 'not':
      return `!${conditionWords(condition.of, true)}`
    case 'all':
    case 'any': {
      const sign = condition.op === 'all' ? ' && ' : ' || '
      const text = condition.of.map((each) => conditionWords(each, true)).join(sign)
      return isInner ? `(${text})` : text
    }
    default:
      return assertNever(condition)
  }
}

function tasksOf(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}

function short(template: string): string {
  const line = template.replace(/\s+/g, ' ').trim()
  return line.length > templateLengthMax ? `${line.slice(0, templateLengthMax - 3)}...` : line
}
