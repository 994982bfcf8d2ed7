// Who or what started a run, and what an event was, as short sentences.
import type { RunRow } from '../../shared/api/views.ts'
import type { RunCause, RunEvent, UnknownDecision } from '../../shared/run/events.ts'
import { taskKey } from '../../shared/run/run-view.ts'
import { assertNever } from '../../shared/run/states.ts'
import { TASK_LOOK, type Tone } from '../ui/state-look.ts'
import { byteWords } from '../../shared/run/byte-words.ts'
import { dateWords } from '../ui/time-words.ts'
import { endWords } from './task-facts.ts'

export function causeWords(cause: RunCause): string {
  switch (cause.kind) {
    case 'person':
      return `by ${cause.by}`
    case 'cron':
      return `by schedule, due ${dateWords(cause.dueAt)}`
    case 'parent':
      return `by ${taskKey(cause.task, cause.item)} of ${cause.run}`
    default:
      return assertNever(cause)
  }
}

/** For a list, where the time stands beside it. `parent`: the run that it is a part of, where that is known. */
export function causeShort(cause: RunCause, parent?: RunRow): string {
  if (cause.kind === 'person') return cause.by
  return cause.kind === 'parent' ? `part of ${parent?.pipeline ?? cause.run}` : 'schedule'
}

const settledWords: Record<UnknownDecision, string> = {
  wait: 'said to wait longer for',
  fail: 'gave up',
  failover: 'failed over',
}

export interface EventWords {
  tone: Tone
  /** Null for an event of the run itself. */
  task: string | null
  words: string
}

export function eventWords(event: RunEvent): EventWords {
  switch (event.kind) {
    case 'run.created':
      return ofRun('quiet', `Run created ${causeWords(event.cause)} in ${event.environment}`)
    case 'run.started':
      return ofRun('live', 'Run started')
    case 'run.cancel_asked':
      return ofRun('warn', `${event.by} asked to cancel${event.reason && `: ${event.reason}`}`)
    case 'run.paused':
      return ofRun(
        'warn',
        `${event.by} paused ${event.through ?? 'the run'}${event.reason && `: ${event.reason}`}`,
      )
    case 'run.unpaused':
      return ofRun('live', `${event.by} let the run go on`)
    case 'run.stop_asked': {
      const when = event.after === null ? 'what runs' : event.after
      return ofRun(
        'warn',
        `${event.by} stops it after ${when}${event.reason && `: ${event.reason}`}`,
      )
    }
    case 'run.resumed':
      return ofRun('live', `${event.by} resumed the run: ${decisionWords(event.decisions)}`)
    case 'run.ended':
      return ofRun(TASK_LOOK[event.state].tone, `Run ${event.state}`)
    case 'remedy.ran':
      return {
        tone: event.exit === 0 ? 'good' : 'bad',
        task: event.task,
        words: `${event.by} ran "${event.title}" on ${event.host}: ${
          event.exit === null ? 'no exit' : `exit ${event.exit}`
        }`,
      }
    case 'task.queued':
      return ofTask('quiet', event, event.elsewhere === true ? 'Queued for another host' : 'Queued')
    case 'task.retrying':
      return ofTask(
        'warn',
        event,
        `Will run again at ${dateWords(event.dueAt)}${event.because === undefined ? '' : `: ${event.because}`}`,
      )
    case 'task.ended':
      return ofTask(
        TASK_LOOK[event.state].tone,
        event,
        `${TASK_LOOK[event.state].word}${event.why && `: ${event.why}`}`,
      )
    case 'task.reset':
      return ofTask('quiet', event, 'Waits again')
    case 'task.expanded':
      return ofTask('live', event, `Has ${event.items.length} items`)
    case 'task.child':
      return ofTask('live', event, `Runs as ${event.child}`)
    case 'task.held':
      return ofTask('warn', event, `Held by ${event.by}${event.reason && `: ${event.reason}`}`)
    case 'task.unheld':
      return ofTask('live', event, `Let go by ${event.by}`)
    case 'task.marked': {
      const words = `Marked as ${event.state} by ${event.by}${event.reason && `: ${event.reason}`}`
      return ofTask(TASK_LOOK[event.state].tone, event, words)
    }
    case 'approval.asked':
      return ofTask('warn', event, `Waits for a person: ${event.message}`)
    case 'approval.decided': {
      const who = event.by === null ? 'because nobody answered' : `by ${event.by}`
      const words = `${event.decision === 'approved' ? 'Approved' : 'Rejected'} ${who}${event.reason && `: ${event.reason}`}`
      return ofTask(event.decision === 'approved' ? 'good' : 'bad', event, words)
    }
    case 'attempt.checkpoint':
      return ofTask('quiet', event, `Attempt ${event.number} saved a checkpoint`)
    case 'attempt.checkpoint_refused':
      return ofTask(
        'warn',
        event,
        `The checkpoint of attempt ${event.number} cannot be saved: ${event.why}`,
      )
    case 'attempt.starting':
      return ofTask(
        'quiet',
        event,
        `Attempt ${event.number} starts on ${event.host}${event.chosen === undefined ? '' : `: ${event.chosen.why}`}`,
      )
    case 'attempt.running':
      return ofTask('live', event, `Attempt ${event.number} runs, pid ${event.pid}`)
    case 'attempt.unknown':
      return ofTask('doubt', event, `Attempt ${event.number} is unknown: ${event.why}`)
    case 'attempt.found':
      return ofTask('live', event, `Attempt ${event.number} is seen again`)
    case 'attempt.ended': {
      const good = event.end.outcome === 'exited' && event.end.exit === 0
      const words = `Attempt ${event.number} ended: ${endWords(event.end)}`
      return ofTask(good ? 'good' : 'bad', event, words)
    }
    case 'attempt.settled':
      return ofTask(
        'quiet',
        event,
        `${event.by} ${settledWords[event.decision]} attempt ${event.number}${event.reason && `: ${event.reason}`}`,
      )
    case 'attempt.fenced':
      return ofTask(
        'quiet',
        event,
        `Attempt ${event.number} is proved gone from its host: ${endWords(event.end)}`,
      )
    case 'attempt.snapshot':
      return ofTask('quiet', event, `The host was looked at when attempt ${event.number} failed`)
    case 'attempt.log_closed': {
      const gaps = event.gaps.length === 0 ? '' : `, ${event.gaps.length} gaps`
      const words = `Log of attempt ${event.number} complete: ${byteWords(event.bytes)}${gaps}`
      return ofTask(event.gaps.length === 0 ? 'quiet' : 'warn', event, words)
    }
    default:
      return assertNever(event)
  }
}

function ofRun(tone: Tone, words: string): EventWords {
  return { tone, task: null, words }
}

function ofTask(tone: Tone, event: { task: string }, words: string): EventWords {
  return { tone, task: event.task, words }
}

function decisionWords(decisions: readonly { decision: string }[]): string {
  const counts = new Map<string, number>()
  for (const { decision } of decisions) counts.set(decision, (counts.get(decision) ?? 0) + 1)
  return [...counts].map(([decision, count]) => `${count} ${decision}`).join(', ')
}
