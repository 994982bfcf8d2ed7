// A second reading of the rules that shares nothing with the engine: Airflow's own answers, looked up, and conditions by
// trying every way that the open tasks could still end.
import { readFileSync } from 'node:fs'
import type { StateCondition, TriggerRule } from '../../shared/pipeline/spec.ts'
import type { PlannedTask } from '../../shared/run/plan.ts'
import type { TaskState } from '../../shared/run/states.ts'

export type Expected = 'run' | 'skipped' | 'upstream_failed' | 'wait'

/** The table knows no more. */
export const NEEDS_MAX = 4

const table = new Map<string, Expected>()
for (const line of readFileSync('test/data/trigger-rules/truth_table.txt', 'utf8').split('\n')) {
  const [rule, good, failed, skipped, held, removed, open, expected] = line.split(' ')
  if (removed === '0')
    table.set([rule, good, failed, skipped, held, open].join(' '), expected as Expected)
}

const WORD: Partial<Record<TaskState, 'good' | 'failed' | 'skipped' | 'held'>> = {
  succeeded: 'good',
  reused: 'good',
  failed: 'failed',
  cancelled: 'failed',
  skipped: 'skipped',
  upstream_failed: 'held',
}

export function expectedOf(rule: TriggerRule, states: readonly TaskState[]): Expected {
  const count = (word: string | undefined): number =>
    states.filter((state) => WORD[state] === word).length
  const row = [
    rule,
    count('good'),
    count('failed'),
    count('skipped'),
    count('held'),
    count(undefined),
  ]
  const expected = table.get(row.join(' '))
  if (expected === undefined) throw new Error(`The table has no row ${row.join(' ')}`)
  return expected
}

/** True or false when every way to end gives that; null when it depends. */
export function truthOf(
  condition: StateCondition,
  stateOf: (task: string) => TaskState,
): boolean | null {
  const open = [...new Set(atomsOf(condition))].filter((task) => WORD[stateOf(task)] === undefined)
  const found = new Set<boolean>()
  const ways = ['succeeded', 'failed', 'skipped'] as const
  for (let way = 0; way < ways.length ** open.length; way += 1) {
    const ends = new Map(
      open.map((task, at) => [task, ways[Math.floor(way / ways.length ** at) % ways.length]]),
    )
    found.add(holds(condition, (task) => ends.get(task) ?? stateOf(task)))
  }
  return found.size === 1 ? ([...found][0] ?? null) : null
}

function atomsOf(condition: StateCondition): string[] {
  if (condition.op === 'is') return [condition.task]
  return condition.op === 'not' ? atomsOf(condition.of) : condition.of.flatMap(atomsOf)
}

function holds(condition: StateCondition, stateOf: (task: string) => TaskState): boolean {
  switch (condition.op) {
    case 'all':
      return !condition.of.some((one) => !holds(one, stateOf))
    case 'any':
      return condition.of.some((one) => holds(one, stateOf))
    case 'not':
      return !holds(condition.of, stateOf)
    case 'is': {
      const word = WORD[stateOf(condition.task)]
      if (condition.state === 'done') return word !== undefined
      if (condition.state === 'failed') return word === 'failed' || word === 'held'
      return word === (condition.state === 'succeeded' ? 'good' : 'skipped')
    }
  }
}

/** What must happen to a waiting task that is no set-up's, tear-down's or final matter; null: this oracle cannot tell. */
export function expectedFor(
  task: PlannedTask,
  stateOf: (task: string) => TaskState,
): Expected | null {
  const { trigger = 'all_success', needs } = task
  if (typeof trigger !== 'string') {
    const truth = truthOf(trigger, stateOf)
    if (truth === null) return 'wait'
    return truth ? 'run' : 'skipped'
  }
  return needs.length > NEEDS_MAX ? null : expectedOf(trigger, needs.map(stateOf))
}
