// sluice explain [RUN]
import { command, printJson } from '../command.ts'
import { jsonFlag, runArgument } from '../flags.ts'
import { causeLines } from '../outcome.ts'
import { oneLine, paintFor } from '../paint.ts'
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
      const cause = await client.call('run.explain', { run })
      if (flags.json) return printJson(context, causeJson(cause))
      if (cause === null) return context.out.write('Nothing failed in this run.\n')
      const paint = paintFor(context.out)
      context.out.write(`${causeLines(paint, cause).join('\n')}\n`)
      for (const { index, title } of cause.remedies) {
        context.out.write(`  sluice fix ${run} --index ${index}   ${oneLine(title)}\n`)
      }
    }),
)

/** The keys are promised in docs/cli.md; null and empty when nothing failed. */
function causeJson(cause: RootCause | null): object {
  return {
    rootTask: cause?.rootTask ?? null,
    attempt: cause?.attempt ?? null,
    class: cause?.class ?? null,
    summary: cause?.summary ?? null,
    evidence: cause?.evidence ?? [],
    changed: cause?.changed ?? [],
    waiting: cause?.waiting ?? [],
  }
}
