// `sluice.yaml` to a WorkspaceSpec, or all that is wrong with it.
import { parseDuration } from '../../shared/pipeline/duration.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type {
  EnvironmentSpec,
  HostSpec,
  SecretSource,
  SemaphoreSpec,
  WorkspaceSpec,
} from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { checkFields } from './check-fields.ts'
import { keysOf, mapOf, textOf } from './lenient.ts'
import { checkPools, poolOf } from './pools.ts'
import { readYaml } from './read-yaml.ts'
import { openReport } from './report.ts'
import type { Report } from './report.ts'
import { workspaceFields } from './schema-workspace.ts'
import type { WorkspaceFields } from './schema-workspace.ts'
import { scalarTexts } from './scalar-text.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export const localHost: HostSpec = {
  name: 'local',
  kind: 'local',
  ssh: null,
  address: null,
  port: null,
  user: null,
  key: null,
  labels: [],
  slots: 4,
  folder: null,
}

export const emptyWorkspace: WorkspaceSpec = {
  hosts: [localHost],
  pools: [],
  environments: [],
  defaultEnvironment: 'default',
}

export type ParsedWorkspace = {
  spec: WorkspaceSpec | null
  problems: Problem[]
  /** Also where the file is wrong: so that pipelines are not blamed for it. null: it cannot be read at all. */
  names: WorkspaceNames | null
}

/** What the pipelines of a workspace may name. */
export interface WorkspaceNames {
  hosts: readonly string[]
  pools: readonly string[]
  environments: readonly EnvironmentNames[]
  semaphores: readonly { name: string; slots: number | null }[]
}

export interface EnvironmentNames {
  name: string
  /** Names that it binds. */
  hosts: readonly string[]
  /** Those of them that it binds to a pool. */
  pools: readonly string[]
  vars: readonly string[]
  secrets: readonly string[]
}

export function parseWorkspace(text: string, file: string): ParsedWorkspace {
  const { tree, faults } = readYaml(text)
  const report = openReport(file, text, tree)
  for (const fault of faults) report.fault(fault)
  if (tree === null) return { spec: null, problems: report.problems(), names: null }
  const names = namesOf(tree)
  if (tree.value === null && faults.length === 0) {
    return { spec: emptyWorkspace, problems: [], names }
  }
  const fields = checkFields(workspaceFields, tree, report)
  checkHosts(tree, report)
  checkPools(tree, report, names.hosts)
  checkBindings(tree, report, names)
  checkSemaphores(tree, report)
  const problems = report.problems()
  const spec = fields === null || hasErrors(problems) ? null : specOf(fields, tree)
  return { spec, problems, names }
}

export function namesOf(tree: YamlTree | null): WorkspaceNames {
  if (tree === null) return { hosts: ['local'], pools: [], environments: [], semaphores: [] }
  const environments = mapOf(valueAt(tree, ['environments']))
  const pools = new Set(keysOf(valueAt(tree, ['pools'])))
  const semaphores = Object.entries(mapOf(valueAt(tree, ['semaphores'])))
  return {
    semaphores: semaphores.map(([name, value]) => {
      const { slots } = mapOf(value)
      return { name, slots: typeof slots === 'number' ? slots : null }
    }),
    hosts: [...new Set(['local', ...keysOf(valueAt(tree, ['hosts']))])],
    pools: [...pools],
    environments: Object.entries(environments).map(([name, value]) => {
      const bound = Object.entries(mapOf(mapOf(value)['hosts']))
      const toPools = bound.filter(([, target]) => pools.has(textOf(target) ?? ''))
      return {
        name,
        hosts: bound.map(([host]) => host),
        pools: toPools.map(([host]) => host),
        vars: keysOf(mapOf(value)['vars']),
        secrets: keysOf(mapOf(value)['secrets']),
      }
    }),
  }
}

function checkHosts(tree: YamlTree, report: Report): void {
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['hosts'])))) {
    const path = ['hosts', name]
    const host = mapOf(value)
    if (name === 'local') checkLocal(path, host, report)
    else checkRemote(path, host, report)
  }
}

function checkLocal(path: Path, host: Record<string, unknown>, report: Report): void {
  for (const field of ['ssh', 'address', 'port', 'user', 'key', 'transport']) {
    if (!(field in host)) continue
    report.atKey([...path, field], {
      message: `"local" is this machine: it takes no "${field}".`,
      hint: 'Give the host another name.',
    })
  }
}

function checkRemote(path: Path, host: Record<string, unknown>, report: Report): void {
  const name = path.at(-1)
  if (!('ssh' in host) && !('address' in host)) {
    report.atKey(path, {
      message: `The host "${name}" has neither "ssh" nor "address".`,
      hint: `Write ssh: NAME for an entry of ~/.ssh/config, or address: ${name}.example.org`,
    })
    return
  }
  if (!('ssh' in host)) return
  for (const field of ['address', 'port', 'user', 'key']) {
    if (!(field in host)) continue
    report.atKey([...path, field], {
      message: `"ssh" and "${field}" do not go together: the OpenSSH config decides.`,
      hint: `Write it under "Host ${textOf(host['ssh']) ?? name}" in ~/.ssh/config, or use "address" instead of "ssh".`,
    })
  }
}

function checkBindings(tree: YamlTree, report: Report, names: WorkspaceNames): void {
  const known = [...new Set([...names.hosts, ...names.pools])]
  const what = names.pools.length === 0 ? ['host', 'Hosts'] : ['host or pool', 'Hosts and pools']
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['environments'])))) {
    for (const [bound, target] of Object.entries(mapOf(mapOf(value)['hosts']))) {
      const host = textOf(target)
      if (host === null || known.includes(host)) continue
      if (report.isFull()) return
      report.at(['environments', name, 'hosts', bound], {
        message: `There is no ${what[0]} "${host}".${didYouMean(host, known)}`,
        hint: `${what[1]} of this file: ${someOf(known)}.`,
      })
    }
  }
}

function specOf(fields: WorkspaceFields, tree: YamlTree): WorkspaceSpec {
  const remote = Object.entries(fields.hosts ?? {}).map(([name, host]): HostSpec => ({
    name,
    kind: name === 'local' ? 'local' : 'ssh',
    ssh: host.ssh ?? null,
    address: host.address ?? null,
    port: host.port ?? null,
    user: host.user ?? null,
    key: host.key ?? null,
    labels: host.labels ?? [],
    slots: host.slots ?? localHost.slots,
    folder: host.folder ?? null,
    ...(host.keep_failed_days === undefined ? {} : { keepFailedDays: host.keep_failed_days }),
    ...(host.transport === 'ssh2' || host.transport === 'openssh'
      ? { transport: host.transport }
      : {}),
  }))
  const hosts = remote.some((host) => host.kind === 'local') ? remote : [localHost, ...remote]
  const environments = Object.entries(fields.environments ?? {}).map(
    ([name, environment]): EnvironmentSpec => ({
      name,
      ...(environment.slots === undefined ? {} : { slots: environment.slots }),
      hosts: environment.hosts ?? {},
      vars: scalarTexts(tree, ['environments', name, 'vars'], environment.vars),
      ...(environment.secrets === undefined ? {} : { secrets: secretsOf(environment.secrets) }),
    }),
  )
  const pools = Object.entries(fields.pools ?? {}).map(([name, pool]) => poolOf(name, pool, hosts))
  const semaphores = Object.entries(fields.semaphores ?? {}).map(
    ([name, { slots, starts }]): SemaphoreSpec => ({
      name,
      slots: slots ?? null,
      starts: starts === undefined ? null : startsOf(starts),
    }),
  )
  return {
    hosts,
    pools,
    ...(semaphores.length === 0 ? {} : { semaphores }),
    environments,
    defaultEnvironment: environments[0]?.name ?? 'default',
  }
}

/** `30/1m`. */
function startsOf(text: string): { max: number; perMs: number } {
  const [max = '', per = ''] = text.split('/')
  return { max: Number(max), perMs: parseDuration(per) ?? 0 }
}

function checkSemaphores(tree: YamlTree, report: Report): void {
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['semaphores'])))) {
    if (report.isFull()) return
    const { slots, starts } = mapOf(value)
    const path = ['semaphores', name]
    if (slots === undefined && starts === undefined && typeof value === 'object') {
      report.atKey(path, {
        message: `The semaphore "${name}" limits nothing.`,
        hint: 'Write slots: 4, or starts: 30/1m, or both.',
      })
    }
    const rate = textOf(starts)
    if (rate !== null && /^\d+\//.test(rate) && parseDuration(rate.split('/')[1] ?? '') === 0) {
      const message = 'A window of nothing limits nothing.'
      report.at([...path, 'starts'], { message, hint: 'For example: 30/1m' })
    }
  }
}

function secretsOf(written: Readonly<Record<string, string>>): Record<string, SecretSource> {
  const sources = Object.entries(written).map(([name, text]): [string, SecretSource] => [
    name,
    text.startsWith('env:') ? { env: text.slice(4) } : { file: text.slice(5) },
  ])
  return Object.fromEntries(sources)
}
