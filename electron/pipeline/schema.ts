// What may stand in a pipeline file. The published JSON Schemas and the reference come from here.
// Meaning across fields (needs, hosts, expressions) is checked in `check-*.ts`.
import { z } from 'zod'
import { paramFields, tasksFields } from './schema-task.ts'
import { envFields, line, name, priority, upTo, variable } from './schema-words.ts'

const triggerFields = z
  .strictObject({
    cron: z
      .string()
      .describe('Minute, hour, day of month, month, day of week. In quotes, because of the *.')
      .meta({ examples: ['15 2 * * *'] }),
    timezone: z
      .string()
      .optional()
      .describe('IANA name. Without it: UTC.')
      .meta({ examples: ['Europe/Berlin'] }),
    dst: z
      .strictObject({
        gap: z
          .enum(['skip', 'shift'])
          .describe(
            'A time that the change to summer time removes: leave it out, or fire right after.',
          ),
        fold: z
          .enum(['first', 'last', 'both'])
          .describe('A time that the change to winter time repeats: which of the two fires.'),
      })
      .meta({ title: 'dst' })
      .optional()
      .describe(
        'Without it: as cron does. Fixed times shift and fire once; wildcards follow the wall clock.',
      ),
  })
  .meta({ title: 'trigger' })

export const pipelineFields = z
  .strictObject({
    name: name
      .optional()
      .describe('Without it: the name of the file.')
      .meta({ examples: ['orders'] }),
    description: line.optional().describe('Shown in the list of pipelines.'),
    params: z
      .record(variable, paramFields)
      .optional()
      .describe('What a run may be given. Typed; they make the run form.')
      .meta({ examples: [{ day: { type: 'date', default: '2026-01-01' } }] }),
    triggers: z
      .array(triggerFields)
      .max(100)
      .optional()
      .describe('What starts a run besides a person.')
      .meta({ examples: [[{ cron: '15 2 * * *', timezone: 'Europe/Berlin' }]] }),
    env: envFields.optional().describe("Environment variables of every task; a task's own win."),
    verdict: z
      .enum(['any', 'leaves'])
      .optional()
      .describe(
        'Which failed tasks fail the run: any, or only the leaves, those that nothing comes after, as in Airflow. Without it: any.',
      ),
    retry_budget: z
      .number()
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe('Retries of all tasks of one run together. Without it: no limit.'),
    slots: upTo(100_000)
      .optional()
      .describe('Attempts of this pipeline at once, over all its runs. Without it: no limit.'),
    priority: priority
      .optional()
      .describe('Of its tasks, higher first, -1000 to 1000. Without it: 0.'),
    tasks: tasksFields
      .refine((tasks) => Object.keys(tasks).length > 0, {
        error: 'A pipeline needs at least one task.',
      })
      .describe('The nodes of the graph, by name.')
      .meta({ examples: [{ extract: { run: './extract.sh' } }] }),
    finally: tasksFields
      .optional()
      .describe(
        'Tasks that start once everything else has ended, however that was. They may need each other. In ${{ }}, run.state is how the tasks fared: succeeded, failed or cancelled.',
      )
      .meta({ examples: [{ report: { run: './report.sh', env: { STATE: '${{ run.state }}' } } }] }),
  })
  .meta({ title: 'pipeline', description: 'A pipeline of Sluice: pipelines/NAME.yaml' })

export type PipelineFields = z.output<typeof pipelineFields>
