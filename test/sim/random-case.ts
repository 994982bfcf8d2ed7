// A random graph with everything that a pipeline may have, what each of its attempts will do, and what they may use.
import { sketchPlan } from '../helpers/world.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'
import type { Behaviour } from '../helpers/fake-hosts.ts'
import { triggerRules } from '../../electron/pipeline/trigger-condition.ts'
import { seededChance } from './chance.ts'
import type { Chance } from './chance.ts'
import { randomLife } from './random-life.ts'
import { HOSTS } from './sim-case.ts'
import type { SimCase, SimLimits } from './sim-case.ts'
import type { StateCondition } from '../../shared/pipeline/spec.ts'

export function randomCase(seed: number): SimCase {
  const chance = seededChance(seed * 7919 + 1)
  const tasks: Record<string, TaskSketch> = {}
  const script: Script = {}
  const count = 1 + chance.int(13)
  const isRich = chance.int(3) > 0
  for (let at = 0; at < count; at += 1) {
    const name = `t${at}`
    const task = plainTask(chance, at)
    tasks[name] = task
    script[name] = attempts(chance)
    if (isRich) enrich(chance, { name, task, tasks, script }, 0)
  }
  if (isRich && chance.int(4) === 0) addSetup(chance, tasks, script, count)
  if (isRich && chance.int(4) === 0) {
    tasks['last'] = { ...plainTask(chance, 0), isFinal: true }
    script['last'] = attempts(chance)
  }
  return {
    seed,
    tasks,
    script,
    limits: limits(chance),
    retryBudget: chance.int(3) === 0 ? chance.int(6) : null,
    verdict: chance.int(4) === 0 ? 'leaves' : 'any',
    ...randomLife(chance, tasks),
  }
}

function limits(chance: Chance): SimLimits {
  return {
    slots: 1 + chance.int(4),
    pool: chance.int(2) === 0 ? 1 + chance.int(6) : null,
    environment: chance.int(4) === 0 ? 1 + chance.int(5) : null,
    pipeline: chance.int(4) === 0 ? 1 + chance.int(3) : null,
    semaphore: 2 + chance.int(3),
    rate: chance.int(3) === 0 ? { max: 1 + chance.int(3), perMs: 1000 + chance.int(60_000) } : null,
  }
}

function plainTask(chance: Chance, at: number): TaskSketch {
  const needs = new Set<string>()
  for (let k = chance.int(4); k > 0 && at > 0; k -= 1) needs.add(`t${chance.int(at)}`)
  const pick = chance.of(['least_busy', 'in_order', 'spread'] as const)
  const waitMs = chance.int(3) === 0 ? 0 : chance.int(120_000)
  const then = chance.of(['fail', 'failover', 'ask'] as const)
  const place =
    chance.int(2) === 0
      ? { hosts: HOSTS.slice(chance.int(2)), pool: { name: 'pool', pick } }
      : { host: chance.of(HOSTS) }
  return {
    needs: [...needs],
    ...place,
    ...(chance.int(2) === 0 ? { onUnknown: { waitMs, then } } : {}),
    retries: {
      max: chance.int(3),
      delayMs: 1 + chance.int(5000),
      backoff: 'exponential',
      capMs: 20_000,
      jitter: chance.roll(),
      ...(chance.int(3) === 0 ? { on: { exits: [], causes: [], patterns: ['again'] } } : {}),
    },
    effect: chance.of(['pure', 'idempotent', 'external', 'irreversible']),
    graceMs: 1 + chance.int(5000),
    ...(chance.int(4) === 0 ? { priority: chance.int(3) - 1 } : {}),
    ...(chance.int(5) === 0 ? { semaphores: { db: 1 + chance.int(2) } } : {}),
  }
}

const unreachable = { cause: 'host_unreachable' as const, message: 'no route' }

function attempts(chance: Chance): Behaviour[] {
  return Array.from({ length: 1 + chance.int(3) }, () => ({
    ms: 1 + chance.int(chance.int(5) === 0 ? 300_000 : 20_000),
    exit: chance.roll() < 0.2 ? 1 : 0,
    stubborn: chance.roll() < 0.2,
    ...(chance.int(2) === 0 ? { says: 'again' } : {}),
    values: { list: listOf(chance), go: chance.int(3) > 0, next: `t${chance.int(14)}` },
    ...(chance.roll() < 0.05 ? { notStarted: unreachable } : {}),
    ...(chance.roll() < 0.1 ? { checkpoints: [{ atMs: 500, values: { offset: '7' } }] } : {}),
  }))
}

function listOf(chance: Chance): number[] {
  return Array.from({ length: chance.int(5) }, () => chance.int(3))
}

interface Making {
  name: string
  task: TaskSketch
  tasks: Record<string, TaskSketch>
  script: Script
}

// The keys of a sketch are readonly: what is added is put on by assign.
function enrich(chance: Chance, making: Making, depth: number): void {
  const { task } = making
  const needs = task.needs ?? []
  const put = (more: TaskSketch): void => void Object.assign(task, more)
  if (chance.int(3) === 0) put({ trigger: chance.of(triggerRules) })
  else if (needs.length > 0 && chance.int(6) === 0) put({ trigger: condition(chance, needs, 2) })
  const need = needs.length > 0 ? chance.of(needs) : null
  if (need !== null && chance.int(6) === 0)
    put({ when: `\${{ tasks['${need}'].outputs.go == true }}` })
  if (chance.int(8) === 0) put({ when: '${{ 1 == 1 }}' })
  if (chance.int(10) === 0) put({ allowFailure: true })
  const kind = chance.int(14)
  if (kind < 2) {
    put({
      fanOut: {
        over:
          need !== null && chance.int(2) === 0
            ? `\${{ tasks['${need}'].outputs.list }}`
            : listOf(chance),
        maxParallel: chance.int(2) === 0 ? null : 1 + chance.int(3),
        join: chance.of(['all', 'any', 0.5] as const),
        failFast: chance.int(3) === 0,
      },
    })
    if (chance.int(3) === 0) put({ when: '${{ item != 1 }}' })
  } else if (kind === 2) {
    const choose = chance.int(2) === 0 ? '${{ outputs.go }}' : '${{ outputs.next }}'
    put({ branch: { choose, skips: chance.of(['direct', 'all'] as const) } })
  } else if (kind === 3) {
    put({
      approval: {
        message: 'go?',
        form: [],
        timeoutMs: chance.int(2) === 0 ? null : 1 + chance.int(100_000),
        onTimeout: chance.of(['approve', 'reject'] as const),
      },
    })
  } else if (kind === 4 && depth < 2) addChild(chance, making, depth)
}

function condition(chance: Chance, needs: readonly string[], depth: number): StateCondition {
  if (depth === 0 || chance.int(2) === 0) {
    const state = chance.of(['succeeded', 'failed', 'skipped', 'done'] as const)
    const is: StateCondition = { op: 'is', task: chance.of(needs), state }
    return chance.int(3) === 0 ? { op: 'not', of: is } : is
  }
  const of = [condition(chance, needs, depth - 1), condition(chance, needs, depth - 1)]
  return { op: chance.of(['all', 'any'] as const), of }
}

// Its tasks have names of their own, since scripts go by name.
function addChild(chance: Chance, { name, task, script }: Making, depth: number): void {
  const tasks: Record<string, TaskSketch> = {}
  const names = Array.from({ length: 1 + chance.int(3) }, (_, at) => `${name}c${at}`)
  for (const [at, child] of names.entries()) {
    const inner = {
      ...plainTask(chance, 0),
      needs: names.slice(0, at).filter(() => chance.int(2) === 0),
    }
    tasks[child] = inner
    script[child] = attempts(chance)
    if (chance.int(3) === 0) enrich(chance, { name: child, task: inner, tasks, script }, depth + 1)
  }
  const plan = { ...sketchPlan(tasks, `of-${name}`), pipeline: name }
  Object.assign(task, { child: { plan, late: {} } })
}

function addSetup(
  chance: Chance,
  tasks: Record<string, TaskSketch>,
  script: Script,
  count: number,
): void {
  tasks['make'] = { ...plainTask(chance, 0), setup: true }
  script['make'] = attempts(chance)
  const users = Array.from({ length: count }, (_, at) => `t${at}`).filter(() => chance.int(3) === 0)
  for (const user of users) {
    const task = tasks[user]
    if (task !== undefined)
      Object.assign(task, { needs: [...new Set([...(task.needs ?? []), 'make'])] })
  }
  tasks['drop'] = {
    ...plainTask(chance, 0),
    needs: [...users, 'make'],
    teardown: { of: ['make'], failsRun: chance.int(2) === 0 },
  }
  script['drop'] = attempts(chance)
}
