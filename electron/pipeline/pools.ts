// Pools of `sluice.yaml`: which hosts each one holds, and what is wrong with them.
import type { HostSpec, PoolSpec } from '../../shared/pipeline/spec.ts'
import { didYouMean, someOf } from '../../shared/pipeline/suggest.ts'
import { keysOf, listOf, mapOf, textOf } from './lenient.ts'
import type { Report } from './report.ts'
import type { WorkspaceFields } from './schema-workspace.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

type PoolFields = NonNullable<WorkspaceFields['pools']>[string]

/** Those it names, in its own order, then those with all its labels, in the order of the file. */
export function poolOf(name: string, fields: PoolFields, hosts: readonly HostSpec[]): PoolSpec {
  const labels = fields.labels ?? []
  const labelled = hosts.filter((host) => isLabelled(host.labels, labels)).map((host) => host.name)
  return {
    name,
    hosts: [...new Set([...(fields.hosts ?? []), ...labelled])],
    pick: fields.pick ?? 'least_busy',
    slots: fields.slots ?? null,
  }
}

function isLabelled(own: readonly unknown[], asked: readonly unknown[]): boolean {
  return asked.length > 0 && asked.every((label) => own.includes(label))
}

/** `hosts`: names that a pool may hold. */
export function checkPools(tree: YamlTree, report: Report, hosts: readonly string[]): void {
  const labelsOf = Object.values(mapOf(valueAt(tree, ['hosts']))).map((host) =>
    listOf(mapOf(host)['labels']),
  )
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['pools'])))) {
    if (report.isFull()) return
    const path = ['pools', name]
    const pool = mapOf(value)
    if (hosts.includes(name)) {
      report.atKey(path, {
        message: `"${name}" is a host already: a pool needs a name of its own.`,
        hint: `For example: ${name}-pool`,
      })
    }
    const members = pool['hosts'] ?? []
    if (Array.isArray(members) && members.length === 0 && !('labels' in pool)) {
      report.atKey(path, {
        message: `The pool "${name}" holds no hosts.`,
        hint: 'Write hosts: [NAME, NAME], or labels: [LABEL] for all hosts with that label.',
      })
    }
    checkMembers(report, path, { pool, hosts, pools: keysOf(valueAt(tree, ['pools'])) })
    checkLabels(report, path, { asked: listOf(pool['labels']), labelsOf })
  }
}

interface Members {
  pool: Readonly<Record<string, unknown>>
  hosts: readonly string[]
  pools: readonly string[]
}

function checkMembers(report: Report, path: Path, { pool, hosts, pools }: Members): void {
  listOf(pool['hosts']).forEach((member, at) => {
    const host = textOf(member)
    if (host === null || hosts.includes(host) || report.isFull()) return
    const isPool = pools.includes(host)
    report.at([...path, 'hosts', at], {
      message: isPool
        ? `"${host}" is a pool: a pool holds hosts.`
        : `There is no host "${host}".${didYouMean(host, hosts)}`,
      hint: `Hosts of this file: ${someOf(hosts)}.`,
    })
  })
}

interface Labels {
  asked: readonly unknown[]
  labelsOf: readonly (readonly unknown[])[]
}

function checkLabels(report: Report, path: Path, { asked, labelsOf }: Labels): void {
  const known = [...new Set(labelsOf.flat())].filter((label) => typeof label === 'string')
  // What is no text is the schema's to tell.
  let areKnown = asked.every((label) => typeof label === 'string')
  asked.forEach((label, at) => {
    if (typeof label !== 'string' || known.includes(label) || report.isFull()) return
    areKnown = false
    report.at([...path, 'labels', at], {
      message: `No host has the label "${label}".${didYouMean(label, known)}`,
      hint:
        known.length === 0
          ? `Give it to a host: labels: [${label}]`
          : `Labels of this file: ${someOf(known)}.`,
    })
  })
  if (!areKnown || asked.length === 0) return
  if (labelsOf.some((labels) => isLabelled(labels, asked))) return
  report.at([...path, 'labels'], {
    message: `No host has all of the labels ${asked.join(', ')}.`,
    hint: 'A host of the pool needs every one of them.',
  })
}
