// Files that somebody broke: each still gets a spec or problems that point into it. Bounded to a few seconds.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePipeline } from '../../electron/pipeline/parse-pipeline.ts'
import { namesOf, parseWorkspace } from '../../electron/pipeline/parse-workspace.ts'
import { decodeText } from '../../electron/pipeline/yaml-text.ts'
import { openReport } from '../../electron/pipeline/report.ts'
import type { Problem } from '../../shared/pipeline/problem.ts'
import { hasErrors } from '../../shared/pipeline/problem.ts'
import type { WorkspaceSpec } from '../../shared/pipeline/spec.ts'
import { renderProblem } from '../../shared/pipeline/render-problem.ts'
import { everyRule, everyRuleWorkspace } from './every-rule.ts'
import { exampleFiles } from './workspace-dir.ts'

const pieces = [
  '',
  ' ',
  '  ',
  '\n',
  '\t',
  ':',
  ': ',
  '-',
  '- ',
  '*',
  '&a ',
  '*a',
  '!',
  '!!int ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|\n',
  '>',
  '#',
  '%',
  '@',
  '`',
  '?',
  ',',
  '<<: *a',
  '---\n',
  '...',
  '0x',
  '1e999',
  '99999999999999999999',
  '~',
  'null',
  '${{',
  '}}',
  '${{ params.x }}',
  '${{ tasks.list.state }}',
  'tasks: { x: { run: ls } }',
  'fan_out: ',
  'item',
  'finally',
  'copy',
  'name',
  'tasks',
  'needs',
  'run',
  'env',
  '__proto__',
  'constructor',
  '\u0000',
  '\u2028',
  'é',
  '\ud83d',
  '\r',
  '\ufeff',
  'a'.repeat(70),
]
const edit = fc.record({
  at: fc.nat(10_000),
  remove: fc.nat(12),
  insert: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })),
})
const edits = fc.array(edit, { minLength: 1, maxLength: 6 })

function mutate(
  text: string,
  changes: readonly { at: number; remove: number; insert: string }[],
): string {
  let out = text
  for (const { at, remove, insert } of changes) {
    const place = at % (out.length + 1)
    out = out.slice(0, place) + insert + out.slice(place + remove)
  }
  return out
}

/** What is wrong with an answer; empty is best. */
function faultsOf(text: string, spec: unknown, problems: readonly Problem[]): string[] {
  const faults: string[] = []
  if ((spec === null) !== hasErrors(problems)) faults.push('neither a spec nor problems, or both')
  const lines = text.split('\n')
  for (const problem of problems) {
    const { line, column, message } = problem
    const width = (lines[line - 1] ?? '').length
    const isInside = line <= lines.length && column >= 1 && column <= width + 1
    if (line !== 0 && !isInside) faults.push(`${line}:${column} is not in the file`)
    if (message.length > 1000) faults.push('a message without end')
    if (/[^\P{Cc}\n]/u.test(renderProblem(problem, text))) faults.push('a control character')
  }
  return faults
}

/** What a plan relies on: a pool has hosts, all of them known, and a name that no host has. */
function poolFaultsOf({ hosts, pools }: WorkspaceSpec): string[] {
  const known = new Set(hosts.map(({ name }) => name))
  return pools.flatMap(({ name, hosts: members }) => [
    ...(members.length > 0 ? [] : [`${name} is empty`]),
    ...(known.has(name) ? [`${name} is a host`] : []),
    ...(new Set(members).size === members.length ? [] : [`${name} has a host twice`]),
    ...members.filter((host) => !known.has(host)).map((host) => `${name} has ${host}`),
  ])
}

const richPipeline = `${exampleFiles['pipelines/orders.yaml']}  more:
    needs: [extract, load]
    env:
      A: "\${{ params.day + 'x' }} and \${{ vars.REGION }}"
    run: |
      set -eu
      ./extract.sh
    inputs: { a.csv: load.rows }
    outputs: { out: out.csv }
    on_unknown: wait 10m then failover
    log_limit: 1.5 GiB
    remedies: [{ title: Look, cause: disk_full, run: df }]
`
const richWorkspace = exampleFiles['sluice.yaml'].replace(
  'environments:',
  `pools:
  crunch: { hosts: [wh, edge], labels: [edge], pick: in_order, slots: 20 }
  far: { labels: [edge] }
environments:`,
)
const names = namesOf(null)

/** As the loader does it: bytes first. */
function read(
  bytes: Uint8Array,
  around = names,
): { text: string; spec: unknown; problems: readonly Problem[] } {
  const { text, faults } = decodeText(bytes)
  if (faults.length === 0) return { text, ...parsePipeline(text, 'pipelines/x.yaml', around) }
  const report = openReport('pipelines/x.yaml', text, null)
  for (const fault of faults) report.fault(fault)
  return { text, spec: null, problems: report.problems() }
}

test('a mutated pipeline is read or refused, and every problem points into the file', () => {
  fc.assert(
    fc.property(edits, (changes) => {
      const { text, spec, problems } = read(Buffer.from(mutate(richPipeline, changes)))
      expect(faultsOf(text, spec, problems)).toEqual([])
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 3000 },
  )
})

test('so is one that holds every rule of a DAG', () => {
  const rich = parseWorkspace(everyRuleWorkspace, 'sluice.yaml').names ?? names
  expect(read(Buffer.from(everyRule), rich).problems).toEqual([])
  fc.assert(
    fc.property(edits, (changes) => {
      const { text, spec, problems } = read(Buffer.from(mutate(everyRule, changes)), rich)
      expect(faultsOf(text, spec, problems)).toEqual([])
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 4000 },
  )
})

test('a mutated workspace is read or refused, and every problem points into the file', () => {
  fc.assert(
    fc.property(edits, (changes) => {
      const text = mutate(richWorkspace, changes)
      const { spec, problems } = parseWorkspace(text, 'sluice.yaml')
      expect(faultsOf(text, spec, problems)).toEqual([])
      expect(spec === null ? [] : poolFaultsOf(spec)).toEqual([])
    }),
    { numRuns: 1000, interruptAfterTimeLimit: 3000 },
  )
})

test('any bytes at all get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { text, spec, problems } = read(bytes)
      expect(faultsOf(text, spec, problems)).toEqual([])
    }),
    { numRuns: 500, interruptAfterTimeLimit: 3000 },
  )
})
