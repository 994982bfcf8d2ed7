// sluice why RUN TASK
import { command, printJson, printLines } from '../command.ts'
import { jsonFlag, runGiven, taskGiven } from '../flags.ts'
import { snapshotOf } from '../follow-run.ts'
import { oneLine, paintFor, shellWord, stateWord } from '../paint.ts'
import type { Paint } from '../paint.ts'
import { askLines } from '../person-notes.ts'
import { choiceLines, placementLines, unknownLines } from '../run-notes.ts'
import { withSession } from '../session.ts'
import { durationWords } from '../words.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'
import type { GraphNode, PlacementView } from '../../../shared/api/views.ts'
import { didYouMean, someOf } from '../../../shared/pipeline/suggest.ts'
import type { RunView, TaskView } from '../../../shared/run/run-view.ts'
import { parseTaskKey, taskKey } from '../../../shared/run/run-view.ts'
import { isRunEnd, isTaskEnd } from '../../../shared/run/states.ts'

interface Flags {
  json: boolean
}

export const whyCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Say why a task waits, or why it is on the host where it is',
      fullDescription:
        'For a task that waits: what for, what would let it go on, and what each host of its pool says. For one that runs or ran on a host of a pool: why there, and why on none of the others. For one whose outcome is unknown: what is done about it, and what you can do. Why a run failed: sluice explain.',
    },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven, taskGiven] },
    },
  },
  (context, { json }, ref, name) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const { view, graph } = await snapshotOf(client, ref)
      const task = taskOf(view, name)
      const waiting = await placementOf(client, view, task)
      if (json) {
        const { why, hosts } = waiting ?? { why: '', hosts: [] }
        const chosen = task.attempts.at(-1)?.chosen ?? null
        return printJson(context, {
          task: task.task,
          item: task.item,
          state: task.state,
          why,
          hosts,
          chosen,
        })
      }
      const paint = paintFor(context.out)
      const now = context.clock.now()
      printLines(context, whyLines({ view, task, graph, waiting, paint, now }))
    }),
)

function taskOf(view: RunView, name: string): TaskView {
  const { task, item } = parseTaskKey(name)
  const found = view.tasks[taskKey(task, item)]
  if (found !== undefined) return found
  const known = Object.keys(view.tasks)
  throw new AppError(
    'not-found',
    `Run ${view.run} has no task "${name}".${didYouMean(name, known)}`,
    {
      hint: `It has ${someOf(known)}.`,
    },
  )
}

/** null: it waits for no host. */
async function placementOf(
  client: Client,
  view: RunView,
  { task, item, state }: TaskView,
): Promise<PlacementView | null> {
  if (isRunEnd(view.state) || isTaskEnd(state)) return null
  try {
    return await client.call('run.placement', { run: view.run, task, item })
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'engine-needed') throw error
    const why = 'No engine is up: nothing starts until one is (sluice serve, or any sluice run).'
    return state === 'queued' || state === 'retrying' ? { why, hosts: [] } : null
  }
}

interface Why {
  view: RunView
  task: TaskView
  graph: readonly GraphNode[]
  waiting: PlacementView | null
  paint: Paint
  now: number
}

function whyLines({ view, task, graph, waiting, paint, now }: Why): string[] {
  const name = paint('bold', oneLine(taskKey(task.task, task.item)))
  const said = task.why === '' ? '' : `: ${oneLine(task.why)}`
  const lines = [`${name}  ${stateWord(paint, task.state)}${said}`]
  const node = graph.find((each) => each.name === task.task)
  if (task.state === 'unknown') {
    lines.push(...unknownLines(view, task, { paint, now, rule: node?.unknown }))
  } else if (task.approval?.decided === null) {
    lines.push(...askLines(view, taskKey(task.task, task.item), { paint, now, graph }))
  } else if (waiting !== null) lines.push(...placementLines(paint, waiting), ...wayOn(view, task))
  else if (task.state === 'waiting') lines.push(...upstreamLines(view, node, paint))
  else if (task.state === 'retrying' && task.dueAt !== null) {
    lines.push(`Its next attempt is due in ${durationWords(task.dueAt - now)}.`)
  }
  for (const attempt of task.attempts) lines.push(...choiceLines(attempt))
  if (lines.length === 1 && !isTaskEnd(task.state)) lines.push('It waits for nothing.')
  return lines
}

/** The command that lets go what a person holds back. */
function wayOn(view: RunView, task: TaskView): string[] {
  const ref = view.run.slice(-8)
  if (task.state !== 'running' && view.paused !== undefined)
    return [`    sluice unpause ${view.paused.through?.slice(-8) ?? ref}`]
  const held = [task, view.tasks[task.task]].find((one) => one?.held !== undefined)
  if (held === undefined) return task.child === undefined ? [] : [`    sluice show ${task.child}`]
  return [`    sluice unhold ${ref} ${shellWord(taskKey(held.task, held.item))}`]
}

function upstreamLines(view: RunView, node: GraphNode | undefined, paint: Paint): string[] {
  const open = Object.values(view.tasks).filter(
    ({ task, state }) => node?.needs.includes(task) === true && !isTaskEnd(state),
  )
  if (open.length === 0) return []
  return [
    'It waits for what it needs:',
    ...open.map(
      ({ task, item, state }) => `  ${oneLine(taskKey(task, item))}  ${stateWord(paint, state)}`,
    ),
  ]
}
