// What may stand in a task of a pipeline file.
import { z } from 'zod'
import {
  duration,
  envFields,
  expression,
  filesMax,
  filled,
  jsonValue,
  line,
  logLimit,
  name,
  priority,
  relativePath,
  scalar,
  unknownPolicy,
  upTo,
  variable,
} from './schema-words.ts'

export const paramFields = z
  .strictObject({
    type: z
      .enum(['string', 'integer', 'number', 'boolean', 'date', 'choice'])
      .optional()
      .describe('What a value must be. A date is YYYY-MM-DD. Without it: string.'),
    default: scalar
      .optional()
      .describe('Taken when a run gives no value. Without it a run must give one.'),
    description: line.optional().describe('Shown in the run form.'),
    choices: z
      .array(scalar)
      .min(1)
      .max(200)
      .optional()
      .describe('The values a choice may take.')
      .meta({ examples: [['eu', 'us']] }),
  })
  .meta({ title: 'param' })

const matchFields = z
  .strictObject({
    exit: z
      .array(upTo(255))
      .min(1)
      .max(255)
      .optional()
      .describe('Exit codes of the command.')
      .meta({ examples: [[75]] }),
    cause: z
      .array(z.string())
      .min(1)
      .max(100)
      .optional()
      .describe('Cause classes, as root cause names them.')
      .meta({ examples: [['out_of_memory']] }),
    pattern: z
      .array(z.string().min(1).max(1000))
      .min(1)
      .max(50)
      .optional()
      .describe('RE2 patterns; one of them is found in a line of the log.')
      .meta({ examples: [['could not serialize access']] }),
  })
  .meta({ title: 'match' })

const retryFields = z
  .strictObject({
    max: z.number().int().min(0).max(100).describe('Attempts after the first; 0 to 100.'),
    delay: duration.optional().describe('Wait before the second attempt. Without it: 5s.'),
    backoff: z
      .enum(['fixed', 'linear', 'exponential'])
      .optional()
      .describe('How the wait grows with each attempt. Without it: exponential.'),
    cap: duration.optional().describe('No wait is longer. Without it: 10m.'),
    jitter: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .describe('Share of the wait that is random, 0 to 1. Without it: 0.'),
    on: matchFields
      .optional()
      .describe('Only failures that one of these names are tried again. Without it: all are.'),
    never: matchFields
      .optional()
      .describe('Failures that one of these names are not tried again, whatever "on" says.'),
  })
  .meta({ title: 'retries', examples: [{ max: 2, delay: '5s', backoff: 'exponential' }] })

const remedyFields = z
  .strictObject({
    title: filled.describe('What the button says.'),
    cause: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,63}$/, { error: 'A cause class is written like schema_mismatch.' })
      .optional()
      .describe('Cause class that it answers. Without it: any failure of the task.'),
    host: name
      .optional()
      .describe(
        "Where it runs. Without it: the host of the task; with a pool, the host of the task's last attempt.",
      ),
    run: filled.describe('Shell text. It runs in the home folder of the account.'),
  })
  .meta({ title: 'remedy' })

const share = z
  .union([
    z.enum(['all', 'any']),
    z.number().gt(0).max(1),
    z.string().regex(/^(?:100|[1-9]\d?)%$/, { error: 'Write all, any, a share like 0.8, or 80%.' }),
  ])
  .meta({ title: 'join' })

const fanOutFields = z
  .strictObject({
    over: z
      .union([expression, z.array(jsonValue).max(10_000)])
      .meta({ title: 'list' })
      .describe('A list, or ${{ }} that gives one when the task is about to start.')
      .meta({ examples: ['${{ tasks.list.outputs.files }}'] }),
    max_parallel: upTo(10_000)
      .optional()
      .describe('Items at once. Without it: no limit of its own.'),
    join: share
      .optional()
      .describe(
        'When the whole counts as succeeded: all items did, any did, or this share did (0.8 or 80%). Without it: all.',
      ),
    fail_fast: z
      .boolean()
      .optional()
      .describe(
        'Items that have not begun are cancelled once the join cannot succeed any more. Without it: false.',
      ),
  })
  .meta({ title: 'fan_out' })

const branchFields = z
  .strictObject({
    choose: expression
      .describe(
        '${{ }} that gives the name, or the list of names, of the tasks that go on; true for all of them, false for none.',
      )
      .meta({ examples: ['${{ outputs.next }}'] }),
    skips: z
      .enum(['direct', 'all'])
      .optional()
      .describe(
        'direct: those not chosen are skipped, and what follows them goes by its own trigger rule. all: everything downstream of them is skipped. Without it: direct.',
      ),
  })
  .meta({ title: 'branch' })

const teardownFields = z
  .strictObject({
    of: z
      .array(z.string())
      .min(1)
      .max(1000)
      .describe('Set-up tasks whose work it undoes.')
      .meta({ examples: [['create_cluster']] }),
    fails_run: z.boolean().optional().describe('Its failure fails the run. Without it: false.'),
  })
  .meta({ title: 'teardown' })

const approvalFields = z
  .strictObject({
    message: filled
      .describe('What is asked. May hold ${{ }} expressions.')
      .meta({ examples: ['Load ${{ tasks.count.outputs.rows }} rows?'] }),
    form: z
      .record(variable, paramFields)
      .optional()
      .describe('What may be filled in. The answers are the output values of the task.')
      .meta({ examples: [{ ticket: { type: 'string', description: 'Change request' } }] }),
    timeout: duration.optional().describe('How long it waits. Without it: without end.'),
    on_timeout: z
      .enum(['approve', 'reject'])
      .optional()
      .describe('What happens when nobody has answered in time. Without it: reject.'),
  })
  .meta({ title: 'approval' })

const semaphores = z
  .union([z.array(name).max(100), z.record(name, upTo(100_000))])
  .meta({ title: 'semaphores' })

const secrets = z
  .union([z.array(variable).max(100), z.record(variable, variable)])
  .meta({ title: 'secrets' })

const taskFields = z
  .strictObject({
    description: line.optional().describe('Shown beside the task.'),
    needs: z
      .array(z.string())
      .max(10_000)
      .optional()
      .describe(
        'Tasks and groups that this one comes after. It starts as its trigger rule says: without one, when all of them have succeeded.',
      )
      .meta({ examples: [['extract']] }),
    host: name
      .optional()
      .describe(
        'A name that the environment binds, a host or a pool of the workspace, or local. Without it: local.',
      ),
    run: filled
      .optional()
      .describe('Shell text for sh. Values reach it as environment variables, never by ${{ }}.')
      .meta({ examples: ['./extract.sh --day "$DAY"'] }),
    env: envFields
      .optional()
      .describe('Environment variables. Values may hold ${{ }} expressions.')
      .meta({ examples: [{ DAY: '${{ params.day }}' }] }),
    trigger_rule: z
      .string()
      .max(10_000)
      .optional()
      .describe(
        'When it starts, given how its needs ended: one of the rules below, or ${{ }} with succeeded, failed, skipped and done of needs, &&, || and !. Without it: all_success.',
      )
      .meta({ examples: ["${{ succeeded('a') && (failed('b') || skipped('c')) }}"] }),
    when: expression
      .optional()
      .describe(
        '${{ }} that gives true or false once the trigger rule lets it start; false skips it.',
      )
      .meta({ examples: ['${{ tasks.count.outputs.rows > 0 }}'] }),
    branch: z
      .union([expression, branchFields])
      .meta({ title: 'branch' })
      .optional()
      .describe(
        'Which of the tasks that need this one go on. The others are skipped. In ${{ }}, outputs are the output values of this task.',
      )
      .meta({ examples: ['${{ outputs.next }}'] }),
    fan_out: z
      .union([expression, z.array(jsonValue).max(10_000), fanOutFields])
      .meta({ title: 'fan_out' })
      .optional()
      .describe(
        'The task runs once for each item of a list. In ${{ }}, item is the item and item_index its number, from 0.',
      )
      .meta({ examples: ['${{ tasks.list.outputs.files }}'] }),
    setup: z.boolean().optional().describe('It sets up what a teardown undoes. Without it: false.'),
    teardown: z
      .union([z.array(z.string()).min(1).max(1000), teardownFields])
      .meta({ title: 'teardown' })
      .optional()
      .describe(
        'Set-up tasks whose work it undoes. It runs whenever one of them has succeeded, and its own failure fails nothing.',
      )
      .meta({ examples: [['create_cluster']] }),
    allow_failure: z
      .boolean()
      .optional()
      .describe('Its failure does not fail the run. Without it: false.'),
    priority: priority
      .optional()
      .describe('Higher first, -1000 to 1000. Without it: that of the pipeline.'),
    semaphores: semaphores
      .optional()
      .describe(
        'Semaphores of sluice.yaml that an attempt holds: a list of names, or name: how much of it.',
      )
      .meta({ examples: [{ warehouse: 2 }] }),
    secrets: secrets
      .optional()
      .describe(
        'Secrets of the environment that its command gets as environment variables: a list of names, or variable: name. Their values are read when it starts, and stand in no plan, log or record of Sluice.',
      )
      .meta({ examples: [['DB_PASSWORD']] }),
    pipeline: name
      .optional()
      .describe(
        'Runs another pipeline of the workspace, as a run of its own, instead of a command.',
      )
      .meta({ examples: ['load-region'] }),
    params: z
      .record(variable, scalar)
      .optional()
      .describe('Of that pipeline. Values may hold ${{ }} expressions.')
      .meta({ examples: [{ region: '${{ item }}' }] }),
    approval: approvalFields
      .optional()
      .describe('A person decides before the run goes on, instead of a command.'),
    get tasks() {
      return tasksFields
        .optional()
        .describe(
          'An inline group instead of a command: tasks whose names become group.task. needs of the group reach its first tasks, and who needs the group needs its last ones; env, host, retries, timeout, effect, on_unknown and priority are defaults of its tasks.',
        )
    },
    timeout: duration.optional().describe('The host ends the task after this. Without it: never.'),
    grace: duration.optional().describe('Between TERM and KILL. Without it: 10s.'),
    retries: retryFields
      .optional()
      .describe('What happens after a failed attempt. Without it: nothing.'),
    effect: z
      .enum(['pure', 'idempotent', 'external', 'irreversible'])
      .optional()
      .describe(
        'What running it twice would do; governs retry, resume and failover. Without it: idempotent.',
      ),
    on_unknown: unknownPolicy
      .optional()
      .describe(
        'What is done when the link or the host is gone and the outcome is not known: fail, ask, failover (another host of the pool), or wait and then one of them. Without it: wait 24h, then fail.',
      )
      .meta({ examples: ['wait 10m then failover'] }),
    log_limit: logLimit
      .optional()
      .describe(
        "Of each attempt's log so much is kept, half from its head and half from its tail. Without it: 10GiB.",
      )
      .meta({ examples: ['500MB'] }),
    files: z
      .array(relativePath)
      .max(filesMax)
      .optional()
      .describe(
        'Workspace files or globs that travel with the task, besides those that its command names.',
      )
      .meta({ examples: [['sql/*.sql']] }),
    inputs: z
      .record(relativePath, z.string())
      .optional()
      .describe(
        'Path in the working folder: task.output of a task upstream. Of one with fan_out the path is a folder, with a file for each item.',
      )
      .meta({ examples: [{ 'orders.csv': 'extract.orders' }] }),
    outputs: z
      .record(name, relativePath)
      .optional()
      .describe('Name: path in the working folder. Kept when the task succeeds.')
      .meta({ examples: [{ orders: 'out/orders.csv' }] }),
    remedies: z
      .array(remedyFields)
      .max(20)
      .optional()
      .describe('Known ways out of known failures, offered beside the cause.'),
  })
  .meta({ title: 'task', id: 'task' })

export type ParamFields = z.output<typeof paramFields>

/** A group holds tasks, so that the type cannot be read off the value. */
export interface TasksFields {
  [name: string]: TaskFields
}
export type TaskFields = z.output<typeof taskFields>

export const tasksFields: z.ZodType<TasksFields> = z.record(name, taskFields)
