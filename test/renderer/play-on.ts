import type { RunEvent } from '../../shared/run/events.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import type { ScriptedClient } from './scripted-client.ts'
import { endAttempt, startAttempt, tell, type ScriptedRun } from './scripted-run.ts'

/** Moves a live run on: a task every second or so. For the harness. */
export function playOn(client: ScriptedClient, run: ScriptedRun, everyMs = 1500): () => void {
  const timer = setInterval(() => {
    if (isRunEnd(run.view.state)) return clearInterval(timer)
    const at = Date.now()
    const tasks = run.graph.map((node) => ({ node, task: run.view.tasks[node.name] }))
    const events: RunEvent[] = []
    const running = tasks.filter(({ task }) => task?.state === 'running')
    const oldest = running[0]
    if (oldest !== undefined && running.length > 1)
      events.push(...endAttempt(run, oldest.node.name, at, 0))
    else if (oldest !== undefined && Math.random() < 0.5)
      events.push(...endAttempt(run, oldest.node.name, at, 0))
    const next = tasks.find(
      ({ node, task }) =>
        task?.state === 'waiting' &&
        node.needs.every((need) =>
          ['succeeded', 'reused'].includes(run.view.tasks[need]?.state ?? ''),
        ),
    )
    if (next !== undefined) events.push(...startAttempt(run, next.node.name, at))
    if (tasks.every(({ task }) => task?.state === 'succeeded' || task?.state === 'reused'))
      events.push(tell(run, at, { kind: 'run.ended', state: 'succeeded' }))
    if (events.length > 0) client.publish(run, events)
  }, everyMs)
  return () => clearInterval(timer)
}
