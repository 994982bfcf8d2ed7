// What must hold when an attempt begins, whatever people have said: asked at the commit that begins it.
import { isFenceOpen, taskKey } from '../../shared/run/run-view.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView, TaskView } from '../../shared/run/run-view.ts'
import { must } from './broken.ts'
import { allRuns, planOfRun, viewOf } from './life.ts'
import type { Life } from './life.ts'

export function checkStart(
  { world, witness }: Life,
  event: RunEvent & { kind: 'attempt.starting' },
  view: RunView,
): void {
  const { task, item, number, host } = event
  const found = (): string => `attempt ${number} of ${taskKey(task, item)} on ${host}`
  must(world.drain() === null, 'nothing starts while all is drained', found)
  must(!world.closed.has(host), 'nothing starts on a host that is drained', found)
  const isHeld = (one: TaskView | undefined): boolean => one?.held !== undefined
  const isBack = isHeld(view.tasks[taskKey(task, item)]) || isHeld(view.tasks[task])
  must(!isBack, 'nothing starts that is held back', found)
  for (let run: RunView | undefined = view; run !== undefined;) {
    // A run that is cancelled or stopped comes to its end, whatever is paused above it.
    if (run.cancelAsked !== null || run.stopAsked !== undefined) return
    must(run.paused === undefined, 'nothing starts in a run that is paused', found)
    run = run.cause.kind === 'parent' ? witness.views.get(run.cause.run) : undefined
  }
}

/** Where nothing lives there is room for whatever may start, so it has. */
export function checkNotIdle(life: Life): void {
  const { world, sim } = life
  // A rate may keep work back, and what waits for one may have the share of others kept for it.
  if (world.drain() !== null || sim.limits.rate !== null) return
  let first: string | null = null
  for (const run of allRuns(life)) {
    const view = viewOf(life, run)
    const tasks = Object.values(view.tasks)
    if (tasks.some(({ attempts }) => attempts.some(isInTheWay))) return
    if (first !== null || view.paused !== undefined || world.engine.live(run) === null) continue
    for (const task of tasks) {
      if (task.state !== 'queued' || task.held !== undefined) continue
      if (view.tasks[task.task]?.held !== undefined) continue
      const { hosts } = planOfRun(life, run).tasks.find(({ name }) => name === task.task) ?? {}
      if (hosts?.some((host) => !world.closed.has(host)) === true)
        first = taskKey(task.task, task.item)
    }
  }
  must(first === null, 'nothing waits for a start where nothing lives', () => first ?? '')
}

function isInTheWay(attempt: TaskView['attempts'][number]): boolean {
  return attempt.state !== 'ended' || isFenceOpen(attempt)
}
