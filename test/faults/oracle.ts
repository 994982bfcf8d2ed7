// Judges a case without asking the product: what the hosts have witnessed against what the store says.
//   O1  An attempt key starts at most once, on the host that the store names.
//   O2  The store says `exited C` exactly where the task came to its own end with C; anything else needs a deed that
//       explains it: a kill, a reboot, a full disk, a cancel, a timeout, a wrong key.
//   O3  The verdict of each task and of the run follows from the last attempts.
//   O4  The log here is the log there, byte for byte, with its hash; a gap needs a deed that destroyed the host's file.
//   O5  After a stop nobody of the attempt lives, or is named. After the end the hosts know nothing of the run.
//   O6  Events are numbered without a hole, move only as is legal, and never use more slots than there are.
//   O7  The run ends.
//   O8  A value of a task's environment is in no command line, no file on a host and nowhere here but in the pinned plan.
//   O9  Of one task never two copies live at once, on whatever hosts.
//   O10 Times are those of the host's clock as it was then, and no step of it makes a task longer or shorter than it was.
import type { RunEvent } from '../../shared/run/events.ts'
import type { AttemptView, TaskView } from '../../shared/run/run-view.ts'
import type { Case, TaskShape } from './case-shape.ts'
import type { Evidence } from './evidence.ts'
import { inWords, keyOf } from './judged.ts'
import type { Judged } from './judged.ts'
import { judgeEnd } from './oracle-ends.ts'
import { judgeLog } from './oracle-logs.ts'
import { judgeTimes } from './oracle-times.ts'
import { slots } from './workspace.ts'

export function judge(one: Case, evidence: Evidence): string[] {
  const { view, deeds } = evidence
  const wrongs = [...deeds.wrongs]
  if (!evidence.ended) wrongs.push(`O7: the run is still ${view.state}`)
  wrongs.push(...starts(evidence), ...overlaps(evidence), ...order(evidence))
  for (const shape of one.tasks) {
    const task = view.tasks[shape.name]
    if (task === undefined) wrongs.push(`The store knows no task ${shape.name}`)
    else wrongs.push(...judgeTask({ one, shape, task, evidence }))
  }
  if (evidence.ended) wrongs.push(...verdict(one, evidence), ...remains(evidence))
  wrongs.push(...canaries(evidence))
  return wrongs
}

// ---- O1

function starts(evidence: Evidence): string[] {
  const known = new Map<string, AttemptView>()
  for (const { task, attempts } of Object.values(evidence.view.tasks)) {
    for (const attempt of attempts) known.set(keyOf(evidence, task, attempt.number), attempt)
  }
  const wrongs: string[] = []
  const hostByKey = new Map<string, string>()
  for (const host of evidence.hosts) {
    for (const key of host.starts) {
      const before = hostByKey.get(key)
      if (before !== undefined) wrongs.push(`O1: ${key} started twice (${before}, ${host.name})`)
      hostByKey.set(key, host.name)
      const attempt = known.get(key)
      if (attempt === undefined)
        wrongs.push(`O1: ${key} started and the store has never heard of it`)
      else if (attempt.host !== host.name)
        wrongs.push(`O1: ${key} started on ${host.name}, and the store says ${attempt.host}`)
    }
  }
  return wrongs
}

// ---- O9

function overlaps(evidence: Evidence): string[] {
  const lives = new Map(evidence.hosts.flatMap((host) => [...host.lives]))
  return Object.values(evidence.view.tasks).flatMap(({ task, attempts }) =>
    attempts.flatMap(({ number, end }) => {
      const [mine, next] = [number, number + 1].map((one) => lives.get(keyOf(evidence, task, one)))
      // What a task leaves that ended by itself is its own business.
      if (end?.outcome === 'exited' || mine === undefined || next === undefined) return []
      const tooLongMs = mine.toMs - next.fromMs
      if (tooLongMs <= 0) return []
      return [
        `O9: attempt ${number} of ${task} was alive ${tooLongMs.toFixed(0)} ms after the next began`,
      ]
    }),
  )
}

// ---- O2, O4

function judgeTask(judged: Judged): string[] {
  const { task, evidence } = judged
  return task.attempts.flatMap((attempt) => {
    const key = keyOf(evidence, task.task, attempt.number)
    const host = evidence.hosts.find(({ name }) => name === attempt.host)
    if (host === undefined) return [`${key} is on ${attempt.host}, which is no host`]
    const found = [
      ...judgeEnd(judged, { key, attempt, host }),
      ...judgeLog(judged, { key, attempt, host }),
      ...judgeTimes(judged, { key, attempt, host }),
    ]
    return found.map((wrong) => `${wrong} [${key}]`)
  })
}

// ---- O3

function verdict(one: Case, evidence: Evidence): string[] {
  const { view, deeds } = evidence
  const wrongs: string[] = []
  const isCancelled = view.cancelAsked !== null
  for (const shape of one.tasks) {
    const task = view.tasks[shape.name]
    if (task === undefined) continue
    const wrong = taskVerdict(shape, task, evidence)
    if (wrong !== null) wrongs.push(`O3: ${shape.name} is ${task.state}: ${wrong}`)
  }
  const states = Object.values(view.tasks).map(({ state }) => state)
  const isGood = states.every((state) => state === 'succeeded' || state === 'reused')
  const right = isGood ? ['succeeded'] : isCancelled ? ['cancelled', 'failed'] : ['failed']
  if (!right.includes(view.state))
    wrongs.push(`O3: the run is ${view.state} with ${states.join(', ')}`)
  if (isCancelled && !deeds.cancelled) wrongs.push('O3: the run was cancelled by nobody')
  return wrongs
}

/** null: it is right. */
function taskVerdict(shape: TaskShape, task: TaskView, evidence: Evidence): string | null {
  const last = task.attempts.at(-1)
  const isGoodEnd = last?.end?.outcome === 'exited' && last.end.exit === 0
  const needs = shape.needs.map((name) => evidence.view.tasks[name]?.state)
  const isReady = needs.every((state) => state === 'succeeded' || state === 'reused')
  switch (task.state) {
    case 'succeeded':
    case 'reused':
      if (!isReady) return `it needs ${needs.join(', ')}`
      return isGoodEnd ? null : `its last attempt ended ${inWords(last?.end ?? null)}`
    case 'upstream_failed':
      return isReady ? 'all that it needs went well' : null
    case 'cancelled':
      return evidence.view.cancelAsked === null ? 'nobody cancelled' : null
    case 'failed':
      return failedVerdict(shape, task, evidence)
    default:
      return 'the run has ended'
  }
}

function failedVerdict(shape: TaskShape, task: TaskView, evidence: Evidence): string | null {
  const made = task.attempts.length - task.attemptsBefore
  const end = task.attempts.at(-1)?.end ?? null
  if (end?.outcome === 'exited' && end.exit === 0) return 'its last attempt went well'
  const isForAPerson =
    end?.outcome === 'not_started' &&
    end.cause !== 'host_unreachable' &&
    end.cause !== 'host_refused'
  if (made <= shape.retriesMax && !isForAPerson && evidence.view.cancelAsked === null)
    return `${made} of ${shape.retriesMax + 1} attempts were made`
  return null
}

// ---- O5

function remains(evidence: Evidence): string[] {
  const { hosts, view } = evidence
  const left = new Set<string>()
  // What a task leaves that ended by itself is its own business.
  for (const { task, attempts } of Object.values(view.tasks)) {
    for (const { number, end } of attempts)
      if (end?.outcome === 'exited') left.add(keyOf(evidence, task, number))
  }
  const named = new Map<string, string>()
  for (const { task, attempts } of Object.values(view.tasks)) {
    for (const attempt of attempts)
      for (const one of survivorsOf(attempt))
        named.set(`${attempt.host} ${one}`, keyOf(evidence, task, attempt.number))
  }
  return hosts.flatMap((host) => [
    ...host.leftovers.map((name) => `O5: ${host.name} still has ${name}`),
    ...host.living
      .filter(({ attempt }) => !left.has(attempt))
      .filter((one) => named.get(`${host.name} ${one.hostPid}:${one.name}`) !== one.attempt)
      .map(
        ({ hostPid, name, attempt }) =>
          `O5: ${name} (${hostPid}) of ${attempt} lives on ${host.name}, and nothing names it`,
      ),
  ])
}

function survivorsOf({ end, fenced }: AttemptView): readonly string[] {
  return [end, fenced ?? null].flatMap((one) =>
    one !== null && 'survivors' in one ? (one.survivors ?? []) : [],
  )
}

// ---- O6

function order({ events, view }: Evidence): string[] {
  const wrongs: string[] = []
  const live = new Map<string, Set<string>>()
  const ended = new Map<string, string>()
  events.forEach((event, index) => {
    if (event.seq !== index + 1) wrongs.push(`O6: event ${event.seq} stands at place ${index + 1}`)
    if (event.kind === 'attempt.starting') {
      const on = live.get(event.host) ?? new Set<string>()
      live.set(event.host, on.add(nameOf(event)))
      if (on.size > slots)
        wrongs.push(`O6: ${on.size} attempts at once on ${event.host} with ${slots} slots`)
      if (ended.get(event.task) === 'succeeded')
        wrongs.push(`O6: ${event.task} starts after it succeeded`)
    }
    if (event.kind === 'attempt.ended') for (const on of live.values()) on.delete(nameOf(event))
    if (event.kind === 'task.ended') ended.set(event.task, event.state)
    if (event.kind === 'task.reset') ended.delete(event.task)
  })
  if (view.seq !== events.length)
    wrongs.push(`O6: the view is at ${view.seq} of ${events.length} events`)
  return wrongs
}

function nameOf(event: Extract<RunEvent, { task: string; number: number }>): string {
  return `${event.task}.${event.number}`
}

// ---- O8

function canaries({ canary }: Evidence): string[] {
  return canary.map((place) => `O8: the canary is ${place}`)
}
