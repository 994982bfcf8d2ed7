// The rules of a planned task as texts, for telling what changed. What a task does not have is absent.
import { formatDuration } from '../../shared/pipeline/duration.ts'
import type { FailureMatch, RetrySpec } from '../../shared/pipeline/spec.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { canonicalJson } from './canonical-json.ts'

/** What holds for all tasks of a run. */
export function planTexts({ verdict, retryBudget, slots }: RunPlan): Record<string, string> {
  return texts({ verdict, retry_budget: retryBudget, slots })
}

export function ruleTexts(task: PlannedTask): Record<string, string> {
  const { trigger, when, fanOut, branch, setup, teardown, isFinal, allowFailure, group } = task
  const { priority, semaphores, secrets, approval, child } = task
  return texts({
    trigger_rule: trigger,
    when,
    fan_out: fanOut,
    branch: branch?.choose,
    branch_skips: branch === undefined || branch.skips === 'direct' ? undefined : branch.skips,
    setup,
    teardown: teardown?.of.join(', '),
    teardown_fails_run: teardown?.failsRun === true ? true : undefined,
    finally: isFinal,
    allow_failure: allowFailure,
    group,
    priority,
    semaphores,
    secrets: secrets === undefined ? undefined : secretsText(secrets),
    approval,
    pipeline: child?.plan.pipeline,
    'version of the pipeline': child?.plan.version.slice(0, 12),
    'params of the pipeline':
      child === undefined ? undefined : { ...child.plan.params, ...templatesOf(child.late) },
  })
}

function secretsText(secrets: NonNullable<PlannedTask['secrets']>): string {
  const words = Object.entries(secrets).map(([variable, { secret }]) =>
    variable === secret ? variable : `${variable}: ${secret}`,
  )
  return words.sort().join(', ')
}

function templatesOf(late: NonNullable<PlannedTask['child']>['late']): Record<string, string> {
  return Object.fromEntries(Object.entries(late).map(([name, { template }]) => [name, template]))
}

function texts(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    given.map(([name, value]) => [name, typeof value === 'string' ? value : canonicalJson(value)]),
  )
}

export function retryText(retries: RetrySpec): string {
  const { max, backoff, delayMs, capMs, jitter, on, never } = retries
  const wait = `${max}, ${backoff} from ${formatDuration(delayMs)} to ${formatDuration(capMs)}, jitter ${jitter}`
  const rules = [
    on === undefined ? '' : `, on ${matchText(on)}`,
    never === undefined ? '' : `, never on ${matchText(never)}`,
  ]
  return wait + rules.join('')
}

function matchText({ exits, causes, patterns }: FailureMatch): string {
  return [...exits, ...causes, ...patterns.map((pattern) => `/${pattern}/`)].join(' ')
}
