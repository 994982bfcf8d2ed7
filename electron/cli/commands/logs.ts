// sluice logs RUN TASK: the exact bytes on stdout
import { command, printJson } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { snapshotOf } from '../follow-run.ts'
import { jsonFlag, runGiven, taskGiven, wholeNumber } from '../flags.ts'
import { itemsJson, logKindOf, noLogLines } from '../no-log.ts'
import type { Client } from '../../../shared/api/contract.ts'
import { parseTaskKey, taskKey } from '../../../shared/run/run-view.ts'
import type { RunView, TaskView } from '../../../shared/run/run-view.ts'
import { isTaskEnd } from '../../../shared/run/states.ts'
import type { GraphNode, LogInfo } from '../../../shared/api/views.ts'
import { oneLine, paintFor } from '../paint.ts'
import { approvalJson } from '../run-json.ts'
import { withSessions } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import { gapAt } from '../../../shared/run/log-gaps.ts'

interface Flags {
  attempt?: number
  follow: boolean
  json: boolean
}

const chunkBytes = 1 << 18

export const logsCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Print the log of a task, byte for byte',
      fullDescription:
        'Writes the bytes of the latest attempt, or of the one named, to stdout as the task wrote them. What could not be had from the host is named on stderr. A fan-out, a question, a sub-pipeline and a task that has not run have no log of their own: stderr says what there is instead, and the exit code is 2. --follow waits for a task that has yet to run. With --json the facts about the log come instead of its bytes, and what there is instead of a log.',
    },
    parameters: {
      flags: {
        attempt: {
          kind: 'parsed',
          parse: wholeNumber(1),
          optional: true,
          placeholder: 'N',
          brief: 'Which attempt; else the latest',
        },
        follow: {
          kind: 'boolean',
          default: false,
          withNegated: false,
          brief: 'Go on until the log is closed',
        },
        json: jsonFlag,
      },
      aliases: { f: 'follow', a: 'attempt' },
      positional: {
        kind: 'tuple',
        parameters: [runGiven, taskGiven],
      },
    },
  },
  (context, flags, run, taskText) => {
    let offset = 0
    let hasLeft: AppError | null = null
    if (flags.json && flags.follow)
      throw new AppError('bad-input', '--json tells of the log as it is: it does not follow.')
    // The engine may be a `sluice run`, which ends with its run: what it still wrote is then read without it.
    return withSessions(context, { need: 'reader' }, async ({ client }) => {
      const input = { run, ...parseTaskKey(taskText), attempt: flags.attempt ?? null }
      const asked = { ...input, ...flags }
      const told = await tellInstead(context, client, asked)
      if (told !== null) return told
      const stop = new AbortController()
      const stopListening = context.onInterrupt(() => stop.abort())
      const write = async (bytes: Uint8Array): Promise<void> => {
        offset += bytes.length
        await context.out.writeBytes(bytes)
      }
      try {
        while (!stop.signal.aborted) {
          if (flags.follow) {
            const from = { ...input, offset }
            for await (const bytes of client.stream('log.follow', from, stop.signal)) {
              await write(bytes)
            }
          } else {
            const bytes = await client.call('log.read', { ...input, offset, length: chunkBytes })
            await write(bytes)
            if (bytes.length > 0) continue
          }
          const info = await client.call('log.info', input)
          // Killed, not ended: the rest is still at the host.
          if (hasLeft !== null && flags.follow && !info.closed && !stop.signal.aborted) {
            throw hasLeft
          }
          const gap = gapAt(info.gaps, offset)
          if (gap === null) break
          const size = gap.bytes === null ? 'some bytes' : `${gap.bytes} bytes`
          context.err.write(
            `sluice: ${size} are missing at offset ${gap.offset}: ${oneLine(gap.why)}\n`,
          )
          if (gap.bytes === null) break
          offset += gap.bytes
        }
      } catch (error) {
        if (error instanceof AppError && error.code === 'link-closed') hasLeft = error
        throw error
      } finally {
        stopListening()
      }
      // It was waited for, and never ran.
      return offset > 0 || !flags.follow
        ? EXIT.ok
        : ((await tellInstead(context, client, asked)) ?? EXIT.ok)
    })
  },
)

interface Asked {
  run: string
  task: string
  item: number | null
  attempt: number | null
  follow: boolean
  json: boolean
}

/** Of a task run without a log, and with --json: says what there is, and gives the exit code; null: its bytes are wanted. */
async function tellInstead(
  context: CliContext,
  client: Client,
  { follow, json, ...input }: Asked,
): Promise<number | null> {
  const { view } = await client.call('run.get', { run: input.run })
  const task = view.tasks[taskKey(input.task, input.item)]
  if (task === undefined || (task.attempts.length > 0 && !json)) return null
  const { graph } = await snapshotOf(client, view.run)
  const node = graph.find(({ name }) => name === task.task)
  if (json) {
    const info = await client.call('log.info', input)
    printJson(context, logJson(view, task, { node, info, attempt: input.attempt }))
    return EXIT.ok
  }
  if (logKindOf(task, node) === 'none' && follow && !isTaskEnd(task.state)) return null
  const options = { paint: paintFor(context.err), now: context.clock.now(), graph }
  context.err.write(`${noLogLines(view, task, options).join('\n')}\n`)
  return EXIT.badInput
}

/** The keys are promised in docs/cli.md. */
function logJson(
  { run, tasks }: RunView,
  task: TaskView,
  { node, info, attempt }: { node: GraphNode | undefined; info: LogInfo; attempt: number | null },
): object {
  return {
    run,
    task: task.task,
    item: task.item,
    state: task.state,
    kind: logKindOf(task, node),
    attempt: task.attempts.length === 0 ? null : (attempt ?? task.attempts.length),
    bytes: info.bytes,
    closed: info.closed,
    gaps: info.gaps,
    items: task.fan === undefined ? null : itemsJson({ tasks }, task),
    child: task.child ?? null,
    approval: task.approval === undefined ? null : approvalJson(task.approval),
  }
}
