// The hosts that a task and its remedies name, and whether there is another one to fail over to.
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { parseUnknownPolicy } from '../../shared/pipeline/unknown-policy.ts'
import type { Check } from './check-context.ts'
import { textOf } from './lenient.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import type { Path } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export function checkHost({ tree, report, workspace }: Check, path: Path): void {
  const host = textOf(valueAt(tree, path))
  if (host === null || workspace === null) return
  if (workspace.hosts.includes(host) || workspace.pools.includes(host)) return
  const { environments } = workspace
  const lacking = environments.filter((environment) => !environment.hosts.includes(host))
  if (environments.length > 0 && lacking.length < environments.length) {
    if (lacking.length === 0) return
    const names = someOf(lacking.map((environment) => `"${environment.name}"`))
    report.at(path, {
      message: `"${host}" is bound in some environments, and not in ${names}.`,
      hint: `Add it to environments.${lacking[0]?.name}.hosts in sluice.yaml.`,
      severity: 'warning',
    })
    return
  }
  const bound = environments.flatMap((environment) => environment.hosts)
  const known = [...workspace.hosts, ...workspace.pools, ...bound]
  report.at(path, {
    message: `There is no host "${host}".${didYouMean(host, known)}`,
    hint: `Declare it in sluice.yaml. Known: ${someOf(new Set(known))}.`,
  })
}

// A command on a pool would run on one of its hosts, by chance the one where nothing failed.
export function checkRemedyHost(
  { report, workspace }: Check,
  path: Path,
  remedy: { host: string | null; ofTask: string },
): void {
  const { host, ofTask } = remedy
  if (host === null || host === ofTask || workspace === null) return
  if (!workspace.pools.includes(host)) return
  report.at(path, {
    message: `"${host}" is a pool: a remedy runs on one host.`,
    hint: 'Name a host, or leave it out for the host of the last attempt of the task.',
  })
}

/** Whether it may mean a pool: by its own name, or bound in some environment. */
function mayBePool(workspace: WorkspaceNames, host: string): boolean {
  const { pools, environments } = workspace
  return (
    pools.includes(host) || environments.some((environment) => environment.pools.includes(host))
  )
}

export function checkUnknownPolicy(
  { report, workspace }: Check,
  path: Path,
  task: Readonly<Record<string, unknown>>,
): void {
  const policy = parseUnknownPolicy(textOf(task['on_unknown']) ?? '')
  if (policy?.then !== 'failover') return
  const effect = textOf(task['effect'])
  if (effect === 'external' || effect === 'irreversible') {
    report.at([...path, 'on_unknown'], {
      message: `A task with the effect "${effect}" is not failed over: the first copy may have done its work.`,
      hint: 'Write ask, or wait 24h. Or effect: idempotent, where running it twice does no harm.',
    })
  }
  const host = textOf(task['host']) ?? 'local'
  if (workspace === null || mayBePool(workspace, host)) return
  report.at([...path, 'on_unknown'], {
    message: `There is no other host to fail over to: "${host}" is one host.`,
    hint: 'Let the task name a pool of sluice.yaml, or write ask.',
    severity: 'warning',
  })
}
