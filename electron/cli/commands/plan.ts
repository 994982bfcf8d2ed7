// sluice plan PIPELINE
import { command, printJson } from '../command.ts'
import { dateFlag, envFlag, jsonFlag, paramFlag, paramsOf, workspaceFlag } from '../flags.ts'
import type { Param } from '../flags.ts'
import { columns, oneLine, paintFor } from '../paint.ts'
import { proposePipelines } from '../propose.ts'
import { withSession } from '../session.ts'

interface Flags {
  workspace?: string
  env?: string
  param?: readonly Param[]
  date?: string
  json: boolean
}

export const planCommand = command<Flags, [string]>(
  {
    docs: { brief: 'Say what a run would do, and where, without starting anything' },
    parameters: {
      flags: {
        workspace: workspaceFlag,
        env: envFlag,
        param: paramFlag,
        date: dateFlag,
        json: jsonFlag,
      },
      aliases: { w: 'workspace', e: 'env', p: 'param' },
      positional: {
        kind: 'tuple',
        parameters: [
          {
            brief: 'Name of a pipeline',
            parse: String,
            placeholder: 'PIPELINE',
            proposeCompletions: proposePipelines,
          },
        ],
      },
    },
  },
  (context, flags, pipeline) =>
    withSession(context, { need: 'reader', usesFiles: true }, async ({ client }) => {
      const preview = await client.call('pipeline.plan', {
        pipeline,
        environment: flags.env ?? null,
        params: paramsOf(flags.param),
        logicalDate: flags.date ?? null,
      })
      const { environment, version, params, tasks } = preview
      if (flags.json) {
        return printJson(context, { pipeline, env: environment, version, params, tasks })
      }
      const paint = paintFor(context.out)
      const values = Object.entries(params).map(([name, value]) => `${name}=${String(value)}`)
      context.out.write(
        `${paint('bold', pipeline)} in ${environment}, version ${version.slice(0, 12)}  ${paint('dim', oneLine(values.join(' ')))}\n`,
      )
      const rows = tasks.map(({ task, hosts, why }) => [
        task,
        hosts.join(' or '),
        paint('dim', why),
      ])
      context.out.write(
        columns(rows)
          .map((line) => `  ${line}\n`)
          .join(''),
      )
    }),
)
