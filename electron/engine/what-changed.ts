// What differs between the work of a task in two versions, named for people. Pure.
import type { PlannedTask } from '../../shared/run/plan.ts'

/** Names the first thing that differs; empty when the work is the same. */
export function whatChanged(before: PlannedTask, after: PlannedTask): string {
  if (before.codeHash === after.codeHash) return ''
  if (before.run !== after.run) return 'its command changed'
  for (const file of after.files) {
    const old = before.files.find((one) => one.path === file.path)
    if (old === undefined || old.sha256 !== file.sha256) return `${file.path} changed`
  }
  for (const [name, value] of Object.entries({ ...after.env, ...after.lateEnv })) {
    if ((before.env[name] ?? before.lateEnv?.[name]) !== value)
      return `its variable ${name} changed`
  }
  if (before.hosts.join() !== after.hosts.join())
    return `its host changed to ${after.hosts.join(', ')}`
  if (!isSame(before.inputs, after.inputs)) return 'its inputs changed'
  if (!isSame(secretsOf(before), secretsOf(after))) return 'its secrets changed'
  if (!isSame(before.fanOut, after.fanOut)) return 'its list changed'
  if (before.child?.plan.version !== after.child?.plan.version)
    return `its pipeline ${after.child?.plan.pipeline ?? ''} changed`
  if (!isSame(before.child?.plan.params, after.child?.plan.params)) return 'its params changed'
  return 'its definition changed'
}

/** Names what differs in that by which it was skipped; empty when nothing does. A condition may read any param. */
export function conditionChanged(
  before: PlannedTask,
  after: PlannedTask,
  hasOtherParams: boolean,
): string {
  if (before.when !== after.when) return 'its condition changed'
  if (!isSame(before.trigger, after.trigger)) return 'its trigger rule changed'
  return after.when !== undefined && hasOtherParams ? 'the params of its condition changed' : ''
}

function secretsOf({ secrets = {} }: PlannedTask): string[] {
  return Object.entries(secrets)
    .map(([name, { secret }]) => `${name}: ${secret}`)
    .sort()
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
