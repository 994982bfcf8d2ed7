// What the fields of a pipeline mean together: needs, hosts, files between tasks, params, triggers, expressions.
// Reads the values as they stand, right or wrong, so that one broken field hides nothing else.
import { findCycles, graphOf, upstreamOf } from '../../shared/graph/graph.ts'
import type { Graph } from '../../shared/graph/graph.ts'
import { coerceParam } from '../../shared/pipeline/param-value.ts'
import type { ParamType } from '../../shared/pipeline/spec.ts'
import { didYouMean, nearest, someOf } from '../../shared/pipeline/suggest.ts'
import { parseUnknownPolicy } from '../../shared/pipeline/unknown-policy.ts'
import { validateCron } from '../../shared/schedule/cron.ts'
import { isTimezone } from '../../shared/schedule/zone.ts'
import { openExpressions } from './expression.ts'
import type { Expressions } from './expression.ts'
import { keysOf, listOf, mapOf, textOf } from './lenient.ts'
import type { WorkspaceNames } from './parse-workspace.ts'
import type { Report } from './report.ts'
import { scalarText } from './scalar-text.ts'
import { offsetInText } from './text-offset.ts'
import type { Path, YamlTree } from './yaml-tree.ts'
import { placeAt, valueAt } from './yaml-tree.ts'

/** `workspace`: null where the pipeline stands alone and hosts and vars cannot be known. */
export function checkPipeline(
  tree: YamlTree,
  report: Report,
  workspace: WorkspaceNames | null,
): void {
  const check: Check = {
    tree,
    report,
    workspace,
    tasks: mapOf(valueAt(tree, ['tasks'])),
    graph: graphOf([]),
    expressions: openExpressions(scopeOf(tree, workspace)),
  }
  checkParams(check)
  const triggers = listOf(valueAt(tree, ['triggers'])).slice(0, triggersMax)
  triggers.forEach((trigger, at) => checkTrigger(check, trigger, at))
  checkEnv(check, ['env'])
  checkNeeds(check)
  checkCase(check)
  for (const name of Object.keys(check.tasks)) {
    if (report.isFull()) return
    checkTask(check, name)
  }
}

// A log is a file with the name of its task: on macOS and Windows `Load` and `load` would be one.
function checkCase({ report, tasks }: Check): void {
  const firstByName = new Map<string, string>()
  for (const name of Object.keys(tasks)) {
    const first = firstByName.get(name.toLowerCase())
    if (first === undefined) firstByName.set(name.toLowerCase(), name)
    else {
      report.atKey(['tasks', name], {
        message: `The tasks "${first}" and "${name}" differ in capitals only.`,
        hint: 'Their logs would be one file on macOS and Windows. Rename one.',
      })
    }
    if (report.isFull()) return
  }
}

/** As the schema says; more are reported and not looked at. */
const triggersMax = 100
const valueLengthMax = 100_000

interface Check {
  tree: YamlTree
  report: Report
  workspace: WorkspaceNames | null
  tasks: Readonly<Record<string, unknown>>
  graph: Graph
  expressions: Expressions
}

function scopeOf(tree: YamlTree, workspace: WorkspaceNames | null) {
  const params: Record<string, ParamType> = {}
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['params'])))) {
    if (/^[A-Za-z_]\w*$/.test(name)) params[name] = typeOf(mapOf(value))
  }
  const vars = workspace?.environments.flatMap((environment) => environment.vars) ?? null
  return { params, vars: vars === null ? null : [...new Set(vars)] }
}

function typeOf(param: Readonly<Record<string, unknown>>): ParamType {
  const types = ['string', 'integer', 'number', 'boolean', 'date', 'choice'] as const
  return types.find((type) => type === param['type']) ?? 'string'
}

function checkParams({ tree, report }: Check): void {
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, ['params'])))) {
    if (report.isFull()) return
    const param = mapOf(value)
    const path = ['params', name]
    const type = typeOf(param)
    const choices = listOf(param['choices']).map((_, at) =>
      scalarText(tree, [...path, 'choices', at]),
    )
    if (type === 'choice' && choices.length === 0) {
      const hint = 'Write choices: [eu, us].'
      report.atKey(path, { message: `The param "${name}" is a choice without choices.`, hint })
      continue
    }
    if (type !== 'choice' && 'choices' in param) {
      const hint = 'Write type: choice.'
      report.atKey([...path, 'choices'], { message: `A ${type} takes no choices.`, hint })
    }
    const given = param['default']
    if (given === undefined || given === null || typeof given === 'object') continue
    const text = scalarText(tree, [...path, 'default'])
    const coerced = coerceParam({ type, choices }, text)
    if (!coerced.ok) report.at([...path, 'default'], coerced)
    else if (text.includes('${{')) {
      const message = 'A default is a plain value; it takes no expression.'
      report.at([...path, 'default'], {
        message,
        hint: 'Put the expression in the env of the task.',
      })
    }
  }
}

function checkTrigger({ tree, report }: Check, value: unknown, at: number): void {
  const trigger = mapOf(value)
  const cron = textOf(trigger['cron'])
  if (cron !== null) {
    const path = ['triggers', at, 'cron']
    const verdict = validateCron(cron)
    if (!verdict.ok) {
      const { message, hint } = verdict
      const shift = offsetInText(placeAt(tree, path), cron, verdict.column - 1)
      report.at(path, { message: `${message}.`, hint }, shift)
    } else {
      for (const { message, hint } of verdict.warnings) {
        report.at(path, { message: `${message}.`, hint, severity: 'warning' })
      }
    }
  }
  const timezone = textOf(trigger['timezone'])
  if (timezone === null || isTimezone(timezone)) return
  report.at(['triggers', at, 'timezone'], {
    message: `There is no time zone "${timezone}".${zoneSuggestion(timezone)}`,
    hint: 'Write an IANA name, for example Europe/Berlin or UTC.',
  })
}

let zones: readonly string[] | null = null

// People know the city and leave the continent out.
function zoneSuggestion(timezone: string): string {
  zones ??= Intl.supportedValuesOf('timeZone')
  const city = timezone.replaceAll(' ', '_').toLowerCase()
  const byCity = zones.find((zone) => zone.toLowerCase().endsWith(`/${city}`))
  const found = byCity ?? nearest(timezone, zones)
  return found === null ? '' : ` Did you mean "${found}"?`
}

function checkNeeds(check: Check): void {
  const { report, tasks } = check
  const names = Object.keys(tasks)
  const known = new Set(names)
  const edges: { name: string; needs: string[] }[] = []
  for (const name of names) {
    const needs: string[] = []
    listOf(mapOf(tasks[name])['needs']).forEach((need, at) => {
      const path = ['tasks', name, 'needs', at]
      if (typeof need !== 'string' || report.isFull()) return
      if (need === name) {
        report.at(path, { message: `The task "${name}" needs itself.`, hint: 'Delete it.' })
      } else if (!known.has(need)) {
        const message = `There is no task "${need}".${didYouMean(need, known)}`
        report.at(path, { message, hint: `Tasks of this pipeline: ${someOf(names)}.` })
      } else if (needs.includes(need)) {
        const message = `"${need}" is needed twice.`
        report.at(path, { message, hint: 'Delete one of them.', severity: 'warning' })
      } else needs.push(need)
    })
    edges.push({ name, needs })
  }
  check.graph = graphOf(edges)
  for (const cycle of findCycles(check.graph)) reportCycle(check, cycle)
}

function reportCycle({ report, tasks }: Check, cycle: readonly string[]): void {
  const [first = '', second = ''] = cycle
  const at = listOf(mapOf(tasks[first])['needs']).indexOf(second)
  report.at(['tasks', first, 'needs', at], {
    message: `These tasks wait for each other: ${[...cycle, first].join(' needs ')}.`,
    hint: 'Delete one of these needs.',
  })
}

function checkTask(check: Check, name: string): void {
  const task = mapOf(check.tasks[name])
  const path = ['tasks', name]
  checkHost(check, [...path, 'host'])
  checkRun(check, [...path, 'run'])
  checkEnv(check, [...path, 'env'])
  checkInputs(check, name)
  checkDurations(check, path, task)
  checkUnknownPolicy(check, path, task)
  listOf(task['remedies']).forEach((remedy, at) => {
    checkHost(check, [...path, 'remedies', at, 'host'])
    checkRemedyHost(check, [...path, 'remedies', at, 'host'], {
      host: textOf(mapOf(remedy)['host']),
      ofTask: textOf(task['host']) ?? 'local',
    })
    checkRun(check, [...path, 'remedies', at, 'run'])
  })
}

function checkHost({ tree, report, workspace }: Check, path: Path): void {
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
function checkRemedyHost(
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

function checkUnknownPolicy(
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

function checkRun({ tree, report }: Check, path: Path): void {
  const run = textOf(valueAt(tree, path))
  const at = run?.indexOf('${{') ?? -1
  if (run === null || at === -1) return
  const shift = offsetInText(placeAt(tree, path), run, at)
  const message = 'A command takes no ${{ }}: a value pasted into a command can break it.'
  const inside = /^\$\{\{\s*(.*?)\s*\}\}/s.exec(run.slice(at, at + 200))?.[1] ?? 'params.day'
  const name = (/(\w+)\W*$/.exec(inside)?.[1] ?? 'value').toUpperCase()
  const hint = `Write env: { ${name}: "\${{ ${inside.replaceAll('"', "'")} }}" } and "$${name}" in the command.`
  report.at(path, { message, hint }, shift)
}

function checkEnv({ tree, report, expressions }: Check, path: Path): void {
  for (const [name, value] of Object.entries(mapOf(valueAt(tree, path)))) {
    if (typeof value !== 'string' || value.length > valueLengthMax) continue
    if (report.isFull()) return
    const at = [...path, name]
    for (const fault of expressions.check(value)) {
      report.at(at, fault, offsetInText(placeAt(tree, at), value, fault.offset))
    }
  }
}

function checkInputs({ report, tasks, graph }: Check, name: string): void {
  const upstream = upstreamOf(graph, name)
  for (const [file, value] of Object.entries(mapOf(mapOf(tasks[name])['inputs']))) {
    const path = ['tasks', name, 'inputs', file]
    const text = textOf(value)
    if (text === null) continue
    const source = splitInput(text, (task) => Object.hasOwn(tasks, task))
    if (source === null) {
      const hint = 'Write TASK.OUTPUT, for example extract.orders'
      report.at(path, { message: `"${text}" names no task and output.`, hint })
      continue
    }
    const outputs = keysOf(mapOf(tasks[source.task])['outputs'])
    const allOutputs = Object.keys(tasks).flatMap((task) =>
      keysOf(mapOf(tasks[task])['outputs']).map((output) => `${task}.${output}`),
    )
    if (!Object.hasOwn(tasks, source.task)) {
      const message = `There is no task "${source.task}".${didYouMean(text, allOutputs)}`
      report.at(path, { message, hint: `Outputs of this pipeline: ${someOf(allOutputs)}.` })
    } else if (!outputs.includes(source.output)) {
      const message = `The task "${source.task}" has no output "${source.output}".${didYouMean(source.output, outputs)}`
      const hint = outputs.length === 0 ? 'It declares no outputs.' : `It has: ${someOf(outputs)}.`
      report.at(path, { message, hint })
    } else if (source.task === name) {
      const message = `The task "${name}" cannot read its own output.`
      report.at(path, { message, hint: 'An input comes from a task upstream.' })
    } else if (!upstream.has(source.task)) {
      const message = `"${source.task}" is not upstream of "${name}": its output may not be there yet.`
      report.at(path, { message, hint: `Add "${source.task}" to the needs of "${name}".` })
    }
  }
}

/** Task and output names may both hold dots: the longest task that exists wins. */
export function splitInput(
  text: string,
  isTask: (name: string) => boolean,
): { task: string; output: string } | null {
  let first: { task: string; output: string } | null = null
  for (let at = text.lastIndexOf('.'); at > 0; at = text.lastIndexOf('.', at - 1)) {
    const split = { task: text.slice(0, at), output: text.slice(at + 1) }
    if (split.output === '') continue
    if (isTask(split.task)) return split
    first ??= split
  }
  return first
}

function checkDurations(
  { report }: Check,
  path: Path,
  task: Readonly<Record<string, unknown>>,
): void {
  const timeout = task['timeout']
  if (timeout !== '0s' && timeout !== '0m' && timeout !== '0ms') return
  const message = 'A timeout of nothing would end every attempt at once.'
  report.at([...path, 'timeout'], { message, hint: 'Leave the timeout out for no limit.' })
}
