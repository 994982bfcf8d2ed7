// An attempt whose end nobody saw: each way to lose one is a class of its own, and says what to do next.
import type { AttemptView } from '../../shared/run/run-view.ts'
import type { AttemptEnd, LossCause } from '../../shared/run/events.ts'
import type { HostSigns } from './host-signs.ts'
import { verdict, type Verdict } from './verdict.ts'

type Lost = Extract<AttemptEnd, { outcome: 'lost' }>

const nextSteps: Readonly<Record<LossCause, string>> = {
  host_rebooted:
    'Resume runs it again; `last -x reboot` or the kernel log there say why the host went down.',
  supervisor_killed:
    'Look for a kill for want of memory, an operator, or a login manager that ends tasks with the login (`loginctl enable-linger`).',
  pid_reused:
    'Look for a kill for want of memory, an operator, or a login manager that ends tasks with the login (`loginctl enable-linger`).',
  record_lost:
    "Free some space where the host keeps Sluice's folder, check what it wrote, then resume.",
  attempt_vanished:
    "Sluice's folder there was emptied or is another one: look at the host's `folder`, and at what cleans it.",
  unknown_too_long: 'Mend the way to the host before you resume.',
  lease_expired: 'It was stopped so that another host may have it; resume when the way is mended.',
  failed_over: 'Another host of its pool has the task.',
  given_up: 'Mend the way to the host before you resume there.',
}

/** A copy may live on there, so the answer says what became of it. */
const mayLiveOn: readonly LossCause[] = ['unknown_too_long', 'failed_over', 'given_up']

export function lossCause(attempt: AttemptView, end: Lost, signs: HostSigns): Verdict {
  const kill = signs.memoryKill
  if (isKill(end.cause) && kill?.sure === true) {
    return verdict('out_of_memory', { kind: end.cause, confidence: 'high', words: kill.words })
  }
  const sure = end.cause !== 'attempt_vanished' && !isKill(end.cause)
  return verdict(end.cause, {
    kind: end.cause,
    confidence: sure ? 'high' : 'medium',
    words: wordsOf(attempt, end, signs),
  })
}

function isKill(cause: LossCause): boolean {
  return cause === 'supervisor_killed' || cause === 'pid_reused'
}

function wordsOf(attempt: AttemptView, end: Lost, signs: HostSigns): string {
  const { cause } = end
  if (cause === 'record_lost' && signs.full !== null) return signs.full.words
  if (isKill(cause) && signs.memoryKill !== null) return signs.memoryKill.words
  if (!mayLiveOn.includes(cause)) return nextSteps[cause]
  const { fenced } = attempt
  if (fenced === undefined || fenced === null) {
    return `${nextSteps[cause].slice(0, -1)}; its copy there is stopped as soon as the host is back.`
  }
  return `${nextSteps[cause].slice(0, -1)}; its copy there is proved gone.`
}
