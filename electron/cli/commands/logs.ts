// sluice logs RUN TASK: the exact bytes on stdout
import { command } from '../command.ts'
import { runGiven, taskGiven, wholeNumber } from '../flags.ts'
import { parseTaskKey } from '../../../shared/run/run-view.ts'
import { oneLine } from '../paint.ts'
import { withSessions } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import { gapAt } from '../../../shared/run/log-gaps.ts'

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
        parameters: [runGiven, taskGiven],
      },
    },
  },
  (context, flags, run, taskText) => {
    let offset = 0
    let hasLeft: AppError | null = null
    // The engine may be a `sluice run`, which ends with its run: what it still wrote is then read without it.
    return withSessions(context, { need: 'reader' }, async ({ client }) => {
      const input = { run, ...parseTaskKey(taskText), attempt: flags.attempt ?? null }
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
    })
  },
)
