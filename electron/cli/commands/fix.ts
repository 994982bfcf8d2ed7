// sluice fix [RUN] [TASK]
import { command, printJson } from '../command.ts'
import type { CliContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { snapshotOf } from '../follow-run.ts'
import { jsonFlag, runArgument, wholeNumber } from '../flags.ts'
import { oneLine, paintFor, printable } from '../paint.ts'
import { proposeTasks } from '../propose.ts'
import { withSession } from '../session.ts'
import { AppError } from '../../../shared/api/app-error.ts'
import type { Client } from '../../../shared/api/contract.ts'
import { causeRun } from '../../../shared/run/cause-path.ts'
import type { RemedySpec } from '../../../shared/pipeline/spec.ts'

interface Flags {
  index?: number
  json: boolean
}

type Offer = RemedySpec & { index: number }

export const fixCommand = command<Flags, [string?, string?]>(
  {
    docs: {
      brief: 'Run the remedy that a failed task offers, on its host',
      fullDescription:
        'Takes the remedies that answer the cause of the run, or all of TASK. With more than one, --index says which; they are listed when it is missing. Exit code 1: the remedy itself failed.',
    },
    parameters: {
      flags: {
        index: {
          kind: 'parsed',
          parse: wholeNumber(0),
          optional: true,
          placeholder: 'N',
          brief: 'Which remedy, from 0',
        },
        json: jsonFlag,
      },
      positional: {
        kind: 'tuple',
        parameters: [
          runArgument,
          {
            brief: 'Name of the task; else the one that failed first',
            parse: String,
            placeholder: 'TASK',
            optional: true,
            proposeCompletions: proposeTasks,
          },
        ],
      },
    },
  },
  (context, flags, run = 'latest', taskName) =>
    withSession(context, { need: 'engine' }, async ({ client }) => {
      const { of, task, offers } = await findOffers(client, run, taskName)
      const chosen = choose(context, { task, offers, index: flags.index })
      const paint = paintFor(context.err)
      if (!flags.json) {
        context.err.write(`${paint('bold', oneLine(chosen.title))}  on ${chosen.host}:\n`)
        context.err.write(`${printable(chosen.run.trimEnd())}\n`)
      }
      const index = chosen.index
      const { exit, output } = await client.call('run.remedy', { run: of, task, index })
      const { title, host } = chosen
      if (flags.json) printJson(context, { task, index, title, host, exit, output })
      else {
        context.out.write(printable(output))
        const word = exit === 0 ? paint('green', '✓ done') : paint('red', `✗ exit ${exit ?? '?'}`)
        context.err.write(`${word}. Go on: sluice resume ${run}\n`)
      }
      return exit === 0 ? EXIT.ok : EXIT.runFailed
    }),
)

/** `of`: the run that it is done for, where the cause lies in a run below this one. */
async function findOffers(
  client: Client,
  run: string,
  task: string | undefined,
): Promise<{ of: string; task: string; offers: readonly Offer[] }> {
  if (task === undefined) {
    const cause = await client.call('run.explain', { run })
    if (cause === null) throw new AppError('conflict', 'Nothing failed in this run.')
    return { of: causeRun(cause) ?? run, task: cause.rootTask, offers: cause.remedies }
  }
  const { graph } = await snapshotOf(client, run)
  const remedies = graph.find(({ name }) => name === task)?.remedies ?? []
  return { of: run, task, offers: remedies.map((remedy, index) => ({ ...remedy, index })) }
}

function choose(
  context: CliContext,
  { task, offers, index }: { task: string; offers: readonly Offer[]; index: number | undefined },
): Offer {
  const chosen =
    index === undefined && offers.length === 1
      ? offers[0]
      : offers.find((offer) => offer.index === index)
  if (chosen !== undefined) return chosen
  for (const offer of offers) {
    context.err.write(`  --index ${offer.index}   ${oneLine(offer.title)}\n`)
  }
  throw new AppError(
    'bad-input',
    offers.length === 0
      ? `Task "${task}" offers no remedy for this.`
      : `Task "${task}" offers ${offers.length} remedies.`,
    {
      hint:
        offers.length === 0
          ? 'A task offers what its "remedies" in the pipeline file say.'
          : 'Say which one by --index.',
    },
  )
}
