// sluice incidents
import { command, printJson, printLines } from '../command.ts'
import { jsonFlag, pipelineFlag, sinceFlag } from '../flags.ts'
import { paintFor } from '../paint.ts'
import { withSession } from '../session.ts'
import { incidentLines, incidentsJson } from '../wave-lines.ts'

interface Flags {
  since: number
  pipeline?: string
  json: boolean
}

export const incidentsCommand = command<Flags>(
  {
    docs: {
      brief: 'List what failed alike: one incident for all runs with the same cause',
      fullDescription:
        'Failed runs are alike where their causes have the same class and the same line tells, whatever the task, the item and the host. Runs of sub-pipelines count as part of their parents. Each failure is explained once; what was found is kept. To recover all of one: sluice wave.',
    },
    parameters: { flags: { since: sinceFlag, pipeline: pipelineFlag, json: jsonFlag } },
  },
  (context, { since, pipeline, json }) =>
    withSession(context, { need: 'reader' }, async ({ client }) => {
      const list = await client.call('incident.list', {
        since: Math.max(0, context.clock.now() - since),
        pipeline: pipeline ?? null,
      })
      if (json) return printJson(context, incidentsJson(list))
      printLines(context, incidentLines(paintFor(context.out), list))
    }),
)
