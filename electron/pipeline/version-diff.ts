// What differs between two plans of one pipeline, thing by thing: for root cause ("what changed") and for recovery
// ("why does this run again"). Pure.
import type { Change } from '../../shared/api/views.ts'
import { formatByteSize } from '../../shared/pipeline/byte-size.ts'
import { formatDuration } from '../../shared/pipeline/duration.ts'
import { formatUnknownPolicy, unknownPolicyDefault } from '../../shared/pipeline/unknown-policy.ts'
import type { PlannedTask, RunPlan } from '../../shared/run/plan.ts'
import { logLimitDefault } from './parse-task.ts'
import { planTexts, retryText, ruleTexts } from './rule-texts.ts'

/** No change shows more of a value than this. */
const shownMax = 500
const absent = 'absent'

/** Params first, then the tasks in the order of `after`, then those that are gone. Empty: the same work. */
export function diffPlans(before: RunPlan, after: RunPlan): Change[] {
  const changes = diffMaps('param', null, texts(before.params), texts(after.params))
  changes.push(...diffMaps('version', null, planTexts(before), planTexts(after)))
  const beforeByName = new Map(before.tasks.map((task) => [task.name, task]))
  const afterNames = new Set(after.tasks.map((task) => task.name))
  for (const task of after.tasks) {
    const old = beforeByName.get(task.name)
    if (old === undefined) changes.push(change('version', task.name, 'task', absent, 'added'))
    else changes.push(...diffTasks(old, task))
  }
  for (const { name } of before.tasks) {
    if (!afterNames.has(name)) changes.push(change('version', name, 'task', 'there', 'removed'))
  }
  return changes
}

export function diffTasks(before: PlannedTask, after: PlannedTask): Change[] {
  const task = after.name
  const changes: Change[] = []
  if (before.run !== after.run) changes.push(change('script', task, 'run', before.run, after.run))
  changes.push(...diffMaps('script', task, fileTexts(before), fileTexts(after)))
  changes.push(...diffMaps('env', task, envTexts(before), envTexts(after)))
  const hosts = [hostText(before), hostText(after)] as const
  if (hosts[0] !== hosts[1]) changes.push(change('host', task, 'host', ...hosts))
  changes.push(...diffMaps('input', task, inputTexts(before), inputTexts(after)))
  changes.push(...diffMaps('version', task, settingTexts(before), settingTexts(after)))
  return changes
}

/** `the env DAY is 2026-01-02, was 2026-01-01`: for a reason in one line. */
export function changeWords({ what, name, before, after }: Change): string {
  if (what === 'version' && name === 'task')
    return after === 'added' ? 'the task is new' : 'the task is gone'
  if (what === 'script' && name === 'run') return 'its command changed'
  if (what === 'script') {
    if (before === absent) return `the file ${name} is new`
    return after === absent ? `the file ${name} is gone` : `the file ${name} changed`
  }
  const thing = what === 'version' || name === what ? name : `${what} ${name}`
  if (before === absent) return `${thing} is new: ${oneLine(after)}`
  if (after === absent) return `${thing} is gone`
  return `${thing} is ${oneLine(after)}, was ${oneLine(before)}`
}

type What = Change['what']
type Texts = Readonly<Record<string, string>>

function diffMaps(what: What, task: string | null, before: Texts, after: Texts): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  const changes: Change[] = []
  for (const name of names) {
    const old = Object.hasOwn(before, name) ? (before[name] ?? absent) : absent
    const now = Object.hasOwn(after, name) ? (after[name] ?? absent) : absent
    if (old !== now) changes.push(change(what, task, name, old, now))
  }
  return changes
}

function change(
  what: What,
  task: string | null,
  name: string,
  before: string,
  after: string,
): Change {
  return { what, task, name, before: cut(before), after: cut(after) }
}

function cut(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax - 3)}...` : text
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const short = line.length > 60 ? `${line.slice(0, 57)}...` : line
  return short === '' ? 'empty' : short
}

function texts(values: Readonly<Record<string, unknown>>): Texts {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
}

function fileTexts(task: PlannedTask): Texts {
  const entries = task.files.map(({ path, sha256, mode }) => [
    path,
    `${sha256.slice(0, 12)} ${(mode & 0o777).toString(8)}`,
  ])
  return Object.fromEntries(entries) as Texts
}

function inputTexts(task: PlannedTask): Texts {
  const entries = Object.entries(task.inputs)
  return Object.fromEntries(entries.map(([path, from]) => [path, `${from.task}.${from.output}`]))
}

/** `wh`, or `crunch (least busy of c1, c2)`. */
function hostText({ hosts, pool }: PlannedTask): string {
  if (pool === undefined || pool === null) return hosts.join(', ')
  return `${pool.name} (${pool.pick.replace('_', ' ')} of ${hosts.join(', ')})`
}

/** What is known only when it starts counts as it is written. */
function envTexts({ env, lateEnv }: PlannedTask): Texts {
  return { ...env, ...lateEnv }
}

function settingTexts(task: PlannedTask): Texts {
  const { retries } = task
  return {
    ...ruleTexts(task),
    needs: [...task.needs].sort().join(', ') || 'nothing',
    timeout: task.timeoutMs === null ? 'none' : formatDuration(task.timeoutMs),
    grace: formatDuration(task.graceMs),
    retries: retryText(retries),
    effect: task.effect,
    // Absent in plans of older versions: their files say no more than the defaults.
    on_unknown: formatUnknownPolicy(task.onUnknown ?? unknownPolicyDefault),
    log_limit: formatByteSize(task.logLimitBytes ?? logLimitDefault),
    outputs:
      Object.entries(task.outputs)
        .map(([name, path]) => `${name}: ${path}`)
        .sort()
        .join(', ') || 'none',
  }
}
