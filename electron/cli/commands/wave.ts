// sluice wave [list | plan | start | follow | show | stop]
import { buildRouteMap } from '@stricli/core'
import { command, printJson, printLines } from '../command.ts'
import type { CliContext } from '../context.ts'
import { driveWave, stopWords } from '../drive-wave.ts'
import { jsonFlag, reasonFlag } from '../flags.ts'
import { oneLine, paintFor } from '../paint.ts'
import { proposeWaves } from '../propose.ts'
import { openSession, withSession } from '../session.ts'
import { waveHeadLine, waveJson, waveLines } from '../wave-lines.ts'
import { isoTime } from '../words.ts'
import { planCommand, startCommand } from './wave-start.ts'
import type { WaveHead } from '../../../shared/run/wave.ts'

const waveGiven = {
  brief: 'Wave id, a unique part of one, or "latest"',
  parse: String,
  placeholder: 'WAVE',
  proposeCompletions: proposeWaves,
} as const
const waveArgument = {
  ...waveGiven,
  brief: 'Wave id, a unique part of one, or "latest" (the default)',
  optional: true,
} as const

const list = command<{ json: boolean }>(
  {
    docs: { brief: 'List waves, newest first' },
    parameters: { flags: { json: jsonFlag } },
  },
  (context, { json }) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const waves = await client.call('wave.list', { limit: 50 })
      if (json) return printJson(context, { waves: waves.map(headJson) })
      if (waves.length === 0) {
        return context.out.write('There is no wave yet. See what failed alike: sluice incidents\n')
      }
      const paint = paintFor(context.out)
      printLines(
        context,
        waves.flatMap((head) => [
          `${paint('bold', head.wave)}  ${oneLine(head.words)}`,
          `  ${waveHeadLine(paint, head)}`,
        ]),
      )
    }),
)

const show = command<{ json: boolean }, [string?]>(
  {
    docs: { brief: 'Show a wave: its state, and that of each of its runs' },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [waveArgument] },
    },
  },
  (context, { json }, wave = 'latest') =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const found = await client.call('wave.get', { wave })
      if (json) return printJson(context, waveJson(found.wave))
      printLines(context, waveLines(paintFor(context.out), found.wave))
    }),
)

const follow = command<{ json: boolean }, [string?]>(
  {
    docs: {
      brief: 'Show a wave as it goes on, until it is over',
      fullDescription:
        'Ctrl-C only leaves. Where no engine is up, this command is it for its own time, and the wave goes on by it.',
    },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [waveArgument] },
    },
  },
  async (context, { json }, ref = 'latest') => {
    const session = await openSession(context, { need: 'engine' })
    let wave: string
    try {
      wave = (await session.client.call('wave.get', { wave: ref })).wave.wave
    } catch (error) {
      await session.close()
      throw error
    }
    return await driveWave(context, session, { wave, json })
  },
)

const stop = command<{ reason: string; json: boolean }, [string]>(
  {
    docs: {
      brief: 'Resume nothing more of a wave; what goes is left to end',
      fullDescription:
        'Runs whose turn has not come stay failed. Those that go can be cancelled by sluice cancel. It is written to the audit.',
    },
    parameters: {
      flags: { reason: reasonFlag, json: jsonFlag },
      positional: { kind: 'tuple', parameters: [waveGiven] },
    },
  },
  (context, { reason, json }, ref) =>
    withSession(context, { need: 'engine' }, async ({ client }) => {
      const { wave } = await client.call('wave.stop', { wave: ref, reason })
      const now = (await client.call('wave.get', { wave })).wave
      if (json) return printJson(context, waveJson(now))
      printLines(context, [stopWords(now)])
    }),
)

const routes = { list, plan: planCommand, start: startCommand, follow, show, stop }

export const waveCommand = buildRouteMap<keyof typeof routes, CliContext>({
  routes,
  defaultCommand: 'list',
  docs: { brief: 'Recover all runs that failed alike: canary first, the rest in batches' },
})

function headJson({ createdAt, endedAt, ...head }: WaveHead): object {
  return { ...head, createdAt: isoTime(createdAt), endedAt: isoTime(endedAt) }
}
