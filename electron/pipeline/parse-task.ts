// A task of a checked file to a TaskSpec, with what its groups say for it.
import { parseByteSize } from '../../shared/pipeline/byte-size.ts'
import { parseDuration } from '../../shared/pipeline/duration.ts'
import type {
  ApprovalSpec,
  BranchSpec,
  FailureMatch,
  FanOutSpec,
  RemedySpec,
  RetrySpec,
  TaskSpec,
  TeardownSpec,
} from '../../shared/pipeline/spec.ts'
import { parseUnknownPolicy, unknownPolicyDefault } from '../../shared/pipeline/unknown-policy.ts'
import type { JsonValue } from '../../shared/run/json.ts'
import { resolveInput } from './check-inputs.ts'
import { needsByName, teardownOf } from './check-rules.ts'
import { mapOf, textOf } from './lenient.ts'
import { resolveName } from './outline.ts'
import type { Outline, OutlineTask } from './outline.ts'
import { paramsOf } from './parse-params.ts'
import { scalarTexts } from './scalar-text.ts'
import type { TaskFields } from './schema-task.ts'
import { readTrigger } from './trigger-condition.ts'
import type { YamlTree } from './yaml-tree.ts'
import { valueAt } from './yaml-tree.ts'

export const retryDefaults: RetrySpec = {
  max: 0,
  delayMs: 5000,
  backoff: 'exponential',
  capMs: 600_000,
  jitter: 0,
}
export const graceDefaultMs = 10_000
export const logLimitDefault = 10 * 1024 ** 3

const fromGroups = ['host', 'retries', 'timeout', 'effect', 'on_unknown', 'priority'] as const

/** The file was checked: its values are as the schema says. */
export function taskOf(task: OutlineTask, outline: Outline, tree: YamlTree): TaskSpec {
  const fields = fieldsOf(task)
  const host = fields.host ?? 'local'
  const outputs = Object.entries(fields.outputs ?? {}).map(([output, path]) => [
    output,
    plainPath(path),
  ])
  return {
    name: task.name,
    needs: task.upstream,
    ...rulesOf(fields, task, outline),
    ...kindOf(fields, task, tree),
    host,
    run: fields.run ?? '',
    env: envOf(task, tree),
    timeoutMs: fields.timeout === undefined ? null : parseDuration(fields.timeout),
    graceMs: durationOf(fields.grace, graceDefaultMs),
    retries: retriesOf(fields.retries),
    effect: fields.effect ?? 'idempotent',
    onUnknown: parseUnknownPolicy(fields.on_unknown ?? '') ?? unknownPolicyDefault,
    logLimitBytes: parseByteSize(fields.log_limit ?? '') ?? logLimitDefault,
    files: (fields.files ?? []).map(plainPath),
    inputs: inputsOf(fields, task, outline),
    outputs: Object.fromEntries(outputs) as Record<string, string>,
    remedies: (fields.remedies ?? []).map((remedy): RemedySpec => ({
      title: remedy.title,
      cause: remedy.cause ?? null,
      host: remedy.host ?? host,
      run: remedy.run,
    })),
    description: fields.description ?? '',
  }
}

function fieldsOf(task: OutlineTask): TaskFields {
  const own = task.value as TaskFields
  // A run of a pipeline and a question have none of it.
  if ('pipeline' in own || 'approval' in own) return own
  const fields: Record<string, unknown> = { ...own }
  for (let around = task.group; around !== null; around = around.group) {
    for (const name of fromGroups) fields[name] ??= around.value[name]
  }
  return fields as TaskFields
}

/** Own variables above those of its groups, the innermost first. Those of the pipeline come in with the plan. */
function envOf(task: OutlineTask, tree: YamlTree): Record<string, string> {
  if ('pipeline' in task.value || 'approval' in task.value) return {}
  const env: Record<string, string> = {}
  for (const { name, text } of envEntries(task, tree)) env[name] = text
  return env
}

/** Each variable once, with where its value stands. */
export function envEntries(
  task: OutlineTask,
  tree: YamlTree,
): { name: string; text: string; owner: OutlineTask | NonNullable<OutlineTask['group']> }[] {
  const entries = new Map<
    string,
    { name: string; text: string; owner: OutlineTask | NonNullable<OutlineTask['group']> }
  >()
  for (let owner: OutlineTask | OutlineTask['group'] = task; owner !== null; owner = owner.group) {
    const path = [...owner.path, 'env']
    const texts = scalarTexts(tree, path, mapOf(valueAt(tree, path)) as Record<string, string>)
    for (const [name, text] of Object.entries(texts)) {
      if (!entries.has(name)) entries.set(name, { name, text, owner })
    }
  }
  return [...entries.values()]
}

function rulesOf(fields: TaskFields, task: OutlineTask, outline: Outline): Partial<TaskSpec> {
  const rules: Partial<TaskSpec> = {}
  if (fields.trigger_rule !== undefined) {
    const read = readTrigger(fields.trigger_rule, needsByName({ outline }, task), task.upstream)
    if ('trigger' in read && read.trigger !== 'all_success') rules.trigger = read.trigger
  }
  if (fields.when !== undefined) rules.when = fields.when.trim()
  if (fields.fan_out !== undefined) rules.fanOut = fanOutOf(fields.fan_out)
  if (fields.branch !== undefined) rules.branch = branchOf(fields.branch)
  if (fields.setup === true) rules.setup = true
  if (fields.teardown !== undefined) rules.teardown = teardownSpec(fields, task, outline)
  if (task.isFinal) rules.isFinal = true
  if (fields.allow_failure === true) rules.allowFailure = true
  if (task.group !== null) rules.group = task.group.name
  if (fields.priority !== undefined) rules.priority = fields.priority
  if (fields.semaphores !== undefined) {
    rules.semaphores = Array.isArray(fields.semaphores)
      ? Object.fromEntries(fields.semaphores.map((name) => [name, 1]))
      : (fields.semaphores as Record<string, number>)
  }
  if (fields.secrets !== undefined) {
    rules.secrets = Array.isArray(fields.secrets)
      ? Object.fromEntries(fields.secrets.map((name) => [name, name]))
      : (fields.secrets as Record<string, string>)
  }
  return rules
}

function fanOutOf(fields: NonNullable<TaskFields['fan_out']>): FanOutSpec {
  const whole =
    typeof fields === 'string' || Array.isArray(fields)
      ? { over: fields as string | JsonValue[] }
      : (fields as Exclude<typeof fields, string | readonly unknown[]>)
  const options = whole as Extract<typeof fields, { over: unknown }>
  return {
    over: typeof options.over === 'string' ? options.over.trim() : (options.over as JsonValue[]),
    maxParallel: options.max_parallel ?? null,
    join: joinOf(options.join),
    failFast: options.fail_fast ?? false,
  }
}

function joinOf(join: string | number | undefined): FanOutSpec['join'] {
  if (join === undefined || join === 'all') return 'all'
  if (join === 'any') return 'any'
  return typeof join === 'number' ? join : Number(join.slice(0, -1)) / 100
}

function branchOf(fields: NonNullable<TaskFields['branch']>): BranchSpec {
  return typeof fields === 'string'
    ? { choose: fields.trim(), skips: 'direct' }
    : { choose: fields.choose.trim(), skips: fields.skips ?? 'direct' }
}

function teardownSpec(fields: TaskFields, task: OutlineTask, outline: Outline): TeardownSpec {
  const of = teardownOf(task).of.flatMap(
    (name) => resolveName(outline, task, textOf(name) ?? '')?.name ?? [],
  )
  const failsRun =
    !Array.isArray(fields.teardown) && fields.teardown !== undefined
      ? (fields.teardown as { fails_run?: boolean }).fails_run === true
      : false
  return { of: [...new Set(of)], failsRun }
}

function kindOf(fields: TaskFields, task: OutlineTask, tree: YamlTree): Partial<TaskSpec> {
  if (fields.pipeline !== undefined) {
    const params = scalarTexts(tree, [...task.path, 'params'], fields.params)
    return { pipeline: { pipeline: fields.pipeline, params } }
  }
  const { approval } = fields
  if (approval === undefined) return {}
  const spec: ApprovalSpec = {
    message: approval.message,
    form: paramsOf(approval.form, [...task.path, 'approval', 'form'], tree),
    timeoutMs: approval.timeout === undefined ? null : parseDuration(approval.timeout),
    onTimeout: approval.on_timeout ?? 'reject',
  }
  return { approval: spec }
}

function inputsOf(fields: TaskFields, task: OutlineTask, outline: Outline): TaskSpec['inputs'] {
  const inputs: Record<string, { task: string; output: string }> = {}
  for (const [path, text] of Object.entries(fields.inputs ?? {})) {
    const source = resolveInput(outline, task, text)
    if (source.task === null) continue
    inputs[plainPath(path)] = { task: source.task.name, output: source.output }
  }
  return inputs
}

function retriesOf(fields: TaskFields['retries']): RetrySpec {
  if (fields === undefined) return retryDefaults
  return {
    max: fields.max,
    delayMs: durationOf(fields.delay, retryDefaults.delayMs),
    backoff: fields.backoff ?? retryDefaults.backoff,
    capMs: durationOf(fields.cap, retryDefaults.capMs),
    jitter: fields.jitter ?? retryDefaults.jitter,
    ...(fields.on === undefined ? {} : { on: matchOf(fields.on) }),
    ...(fields.never === undefined ? {} : { never: matchOf(fields.never) }),
  }
}

type MatchFields = NonNullable<NonNullable<TaskFields['retries']>['on']>

function matchOf({ exit, cause, pattern }: MatchFields): FailureMatch {
  return { exits: exit ?? [], causes: cause ?? [], patterns: pattern ?? [] }
}

function durationOf(text: string | undefined, otherwiseMs: number): number {
  return text === undefined ? otherwiseMs : (parseDuration(text) ?? otherwiseMs)
}

function plainPath(path: string): string {
  return path.replace(/^(\.\/)+/, '')
}
