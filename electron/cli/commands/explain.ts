// sluice explain [RUN]
import { command, printJson } from '../command.ts'
import { snapshotOf } from '../follow-run.ts'
import { jsonFlag, runArgument } from '../flags.ts'
import { causeText } from '../outcome.ts'
import { withSession } from '../session.ts'
import type { RootCause } from '../../../shared/api/views.ts'

interface Flags {
  json: boolean
}

export const explainCommand = command<Flags, [string?]>(
  {
    docs: { brief: 'Say why a run failed, with the evidence and what changed' },
    parameters: {
      flags: { json: jsonFlag },
      positional: { kind: 'tuple', parameters: [runArgument] },
    },
  },
  (context, flags, run = 'latest') =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      if (flags.json)
        return printJson(context, causeJson(await client.call('run.explain', { run })))
      const { view } = await snapshotOf(client, run)
      const text = await causeText(context, client, view)
      const nothing = `Run ${view.run} is ${view.state}: nothing failed in it.\n`
      context.out.write(text || nothing)
    }),
)

/** The keys are promised in docs/cli.md; null and empty when nothing failed. */
function causeJson(cause: RootCause | null): object {
  return {
    rootTask: cause?.rootTask ?? null,
    via: cause?.via ?? [],
    attempt: cause?.attempt ?? null,
    class: cause?.class ?? null,
    summary: cause?.summary ?? null,
    evidence: cause?.evidence ?? [],
    changed: cause?.changed ?? [],
    waiting: cause?.waiting ?? [],
    hostFacts: cause?.hostFacts ?? [],
  }
}
