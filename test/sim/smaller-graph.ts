// Smaller graphs of a case: without a task, or with a plainer one.
import type { StateCondition } from '../../shared/pipeline/spec.ts'
import type { Behaviour } from '../helpers/fake-hosts.ts'
import type { Script, TaskSketch } from '../helpers/world.ts'
import type { SimCase } from './sim-case.ts'

/** Null: another task cannot do without it. */
export function withoutTask(sim: SimCase, gone: string): SimCase | null {
  const tasks: Record<string, TaskSketch> = {}
  for (const [name, task] of Object.entries(sim.tasks)) {
    if (name === gone) continue
    if (task.teardown?.of.includes(gone) === true || (task.when ?? '').includes(`'${gone}'`))
      return null
    if (typeof task.fanOut?.over === 'string' && task.fanOut.over.includes(`'${gone}'`)) return null
    if (typeof task.trigger === 'object' && speaksOf(task.trigger, gone)) return null
    tasks[name] = { ...task, needs: (task.needs ?? []).filter((need) => need !== gone) }
  }
  if (Object.keys(tasks).length === 0) return null
  const deeds = sim.deeds.filter((deed) => !JSON.stringify(deed).includes(`"${gone}"`))
  const { [gone]: _behaviour, ...script } = sim.script
  return { ...sim, tasks, script, deeds }
}

function speaksOf(condition: StateCondition, task: string): boolean {
  if (condition.op === 'is') return condition.task === task
  if (condition.op === 'not') return speaksOf(condition.of, task)
  return condition.of.some((one) => speaksOf(one, task))
}

const extras = [
  'trigger',
  'when',
  'fanOut',
  'branch',
  'approval',
  'child',
  'allowFailure',
  'priority',
  'semaphores',
  'onUnknown',
  'setup',
  'teardown',
  'isFinal',
  'effect',
  'retries',
  'graceMs',
] as const

export function plainerTasks(sim: SimCase): SimCase[] {
  const plain: SimCase[] = []
  for (const [name, task] of Object.entries(sim.tasks)) {
    const put = (smaller: TaskSketch): void =>
      void plain.push({ ...sim, tasks: { ...sim.tasks, [name]: smaller } })
    for (const extra of extras) {
      const { [extra]: dropped, ...rest } = task
      if (dropped !== undefined) put(rest)
    }
    const { fanOut, hosts, retries } = task
    if (hosts !== undefined) put({ ...without(task), host: 'a' })
    if (retries !== undefined && retries.on !== undefined) {
      const { on: _on, ...other } = retries
      put({ ...task, retries: other })
    }
    if (fanOut !== undefined && typeof fanOut.over === 'string')
      put({ ...task, fanOut: { ...fanOut, over: [0, 1] } })
    if (fanOut !== undefined && Array.isArray(fanOut.over) && fanOut.over.length > 1)
      put({ ...task, fanOut: { ...fanOut, over: fanOut.over.slice(1) } })
    for (const need of task.needs ?? [])
      if (typeof task.trigger !== 'object' && task.teardown === undefined)
        put({ ...task, needs: (task.needs ?? []).filter((one) => one !== need) })
  }
  for (const [name, behaviour] of Object.entries(sim.script))
    for (const smaller of plainerBehaviours(behaviour, name, sim))
      plain.push({ ...sim, script: smaller })
  return plain
}

// Of a pool: the sketch then stands on one host.
function without(task: TaskSketch): TaskSketch {
  const { hosts: _hosts, pool: _pool, ...rest } = task
  return rest
}

function plainerBehaviours(
  given: Behaviour | Behaviour[],
  name: string,
  { script }: SimCase,
): Script[] {
  const { [name]: _gone, ...others } = script
  const list = Array.isArray(given) ? given : [given]
  const plain: Script[] = [others]
  const put = (smaller: Behaviour[]): void => void plain.push({ ...script, [name]: smaller })
  if (list.length > 1) put(list.slice(0, -1))
  for (const [at, one] of list.entries()) {
    for (const key of Object.keys(one) as (keyof Behaviour)[]) {
      const { [key]: _dropped, ...rest } = one
      put(list.with(at, rest))
    }
  }
  return plain
}
