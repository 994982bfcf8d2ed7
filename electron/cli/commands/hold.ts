// sluice hold RUN TASK, sluice unhold RUN TASK
import { command } from '../command.ts'
import { jsonFlag, reasonFlag, runGiven, taskOrGroup } from '../flags.ts'
import { shellWord } from '../paint.ts'
import { tellDeed } from '../tell-deed.ts'
import type { GraphNode } from '../../../shared/api/views.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'

interface Flags {
  reason: string
  json: boolean
}

export const holdCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Keep a task that has not begun from starting; all beside it goes on',
      fullDescription:
        'Of a fan-out, its name holds the items that have not begun; "task[3]" holds that one. Of a group, its name holds its tasks that have not begun. The run goes on beside it, and ends only once the task is let go (sluice unhold), marked or cancelled, or cannot start any more: it ends as upstream_failed or skipped where what it needs ended so.',
    },
    parameters: {
      flags: { reason: reasonFlag, json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven, taskOrGroup] },
    },
  },
  (context, { reason, json }, run, name) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.hold', { run, ...parseTaskKey(name), reason }),
      said: ({ ref, graph }) => [
        isGroup(graph, name)
          ? `Held: what has not begun of ${name} does not start.`
          : `Held: ${name} does not start.`,
        `Let it go: sluice unhold ${ref} ${shellWord(name)}`,
      ],
    }),
)

function isGroup(graph: readonly GraphNode[], name: string): boolean {
  const { task } = parseTaskKey(name)
  return !graph.some((node) => node.name === task)
}

export const unholdCommand = command<{ json: boolean }, [string, string]>(
  {
    docs: { brief: 'Let a task go that was held' },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runGiven, taskOrGroup] },
    },
  },
  (context, { json }, run, name) =>
    tellDeed(context, {
      json,
      act: (client) => client.call('run.unhold', { run, ...parseTaskKey(name) }),
      said: () => [`${name} is held no more.`],
    }),
)
