// The hosts that a task may run on in one environment, and those of its remedies.
import type { PoolPick } from '../../shared/pipeline/spec.ts'
import { didYouMean } from '../../shared/pipeline/suggest.ts'
import type { PlanContext } from './plan-context.ts'

export interface Bound {
  hosts: readonly string[]
  pool: { name: string; pick: PoolPick } | null
}

export function bindHost(
  { workspace, environment, report }: PlanContext,
  name: string,
  path: readonly (string | number)[],
): Bound {
  const bound = Object.hasOwn(environment.hosts, name) ? environment.hosts[name] : undefined
  const meant = bound ?? name
  const pool = workspace.pools.find((each) => each.name === meant)
  if (pool !== undefined) return { hosts: pool.hosts, pool: { name: meant, pick: pool.pick } }
  const known = workspace.hosts.map((host) => host.name)
  if (bound !== undefined || known.includes(name)) return { hosts: [meant], pool: null }
  known.push(...workspace.pools.map((each) => each.name))
  report.at(path, {
    message: `The environment "${environment.name}" binds no host "${name}".${didYouMean(name, [...known, ...Object.keys(environment.hosts)])}`,
    hint: `Add it to environments.${environment.name}.hosts in sluice.yaml.`,
  })
  return { hosts: [name], pool: null }
}

/** The task's own pool stands for itself: the host of the last attempt is known only when the remedy is run. */
export function bindRemedy(
  context: PlanContext,
  name: string,
  path: readonly (string | number)[],
  ofTask: Bound['pool'],
): string {
  const { hosts, pool } = bindHost(context, name, path)
  if (pool !== null && pool.name === ofTask?.name) return pool.name
  if (pool !== null) {
    context.report.at(path, {
      message: `"${name}" is the pool "${pool.name}" in the environment "${context.environment.name}": a remedy runs on one host.`,
      hint: 'Name a host, or leave it out for the host of the last attempt of the task.',
    })
  }
  return hosts[0] ?? name
}
