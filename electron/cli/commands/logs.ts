// sluice logs RUN TASK: the exact bytes on stdout
import { command } from '../command.ts'
import { parseTask, runGiven, wholeNumber } from '../flags.ts'
import { proposeTasks } from '../propose.ts'
import { oneLine } from '../paint.ts'
import { withSession } from '../session.ts'

interface Flags {
  attempt?: number
  follow: boolean
}

const chunkBytes = 1 << 18

export const logsCommand = command<Flags, [string, string]>(
  {
    docs: {
      brief: 'Print the log of a task, byte for byte',
      fullDescription:
        'Writes the bytes of the latest attempt, or of the one named, to stdout as the task wrote them. What could not be had from the host is named on stderr.',
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
      },
      aliases: { f: 'follow', a: 'attempt' },
      positional: {
        kind: 'tuple',
        parameters: [
          runGiven,
          {
            brief: 'Name of a task; an item of a fan-out as task[3]',
            parse: String,
            placeholder: 'TASK',
            proposeCompletions: proposeTasks,
          },
        ],
      },
    },
  },
  (context, flags, run, taskText) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const input = { run, ...parseTask(taskText), attempt: flags.attempt ?? null }
      const stop = new AbortController()
      const stopListening = context.onInterrupt(() => stop.abort())
      try {
        if (flags.follow) {
          for await (const bytes of client.stream('log.follow', input, stop.signal)) {
            await context.out.writeBytes(bytes)
          }
        } else {
          for (let offset = 0; !stop.signal.aborted;) {
            const bytes = await client.call('log.read', { ...input, offset, length: chunkBytes })
            if (bytes.length === 0) break
            offset += bytes.length
            await context.out.writeBytes(bytes)
          }
        }
        const info = await client.call('log.info', input)
        for (const gap of info.gaps) {
          const size = gap.bytes === null ? 'some bytes' : `${gap.bytes} bytes`
          context.err.write(
            `sluice: ${size} are missing at offset ${gap.offset}: ${oneLine(gap.why)}\n`,
          )
        }
      } finally {
        stopListening()
      }
    }),
)
