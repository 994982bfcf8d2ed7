// What may stand in a pipeline file and in `sluice.yaml`. The published JSON Schemas and the reference come from here.
// Meaning across fields (needs, hosts, expressions) is checked in `check-*.ts`.
import { z } from 'zod'
import { byteSizeForm, parseByteSize } from '../../shared/pipeline/byte-size.ts'
import { durationForm } from '../../shared/pipeline/duration.ts'
import { parseUnknownPolicy } from '../../shared/pipeline/unknown-policy.ts'

const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/
const variableForm = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const inherited = new Set<string>(Object.getOwnPropertyNames(Object.prototype))

const name = z
  .string()
  .regex(nameForm, {
    error:
      'A name starts with a letter or "_" and holds letters, digits, "_", "." and "-"; 64 characters at most.',
  })
  .refine((text) => !inherited.has(text), {
    error: 'This name has a meaning in JavaScript; take another.',
  })

export function isName(text: string): boolean {
  return name.safeParse(text).success
}

/** Params and environment variables: expressions and shells name them. */
const variable = z
  .string()
  .regex(variableForm, {
    error: 'A variable starts with a letter or "_" and holds letters, digits and "_"; 64 at most.',
  })
  .refine((text) => !inherited.has(text), {
    error: 'This name has a meaning in JavaScript; take another.',
  })

const line = z.string().max(10_000)
const filled = z.string().max(100_000).regex(/\S/, { error: 'The text is empty.' })

const duration = z
  .string()
  .regex(durationForm, { error: 'This is no duration. Write one like 30s, 10m or 1h30m.' })
  .meta({ title: 'duration' })

const size = z
  .string()
  .regex(byteSizeForm, { error: 'This is no size. Write one like 10GB, 500MB or 64KiB.' })
  .meta({ title: 'size' })

const logLimitMin = 64_000
const logLimitMax = 1024 ** 4
const logLimit = size.refine(
  (text) => {
    const bytes = parseByteSize(text)
    return bytes === null || (bytes >= logLimitMin && bytes <= logLimitMax)
  },
  { error: 'A log keeps at least 64KB and at most 1TiB.' },
)

const thenForm = '(?:fail|failover|ask)'
const unknownForm = new RegExp(
  `^(?:${thenForm}|wait ${durationForm.source.slice(1, -1)}(?: then ${thenForm})?)$`,
)
const unknownPolicy = z
  .string()
  .regex(unknownForm, {
    error: ({ input }) =>
      durationForm.test(String(input))
        ? `This is a duration alone. Write wait ${String(input)}.`
        : 'This is no policy. Write fail, ask, failover, wait 2h, or wait 10m then failover (or then ask).',
  })
  .refine((text) => !unknownForm.test(text) || parseUnknownPolicy(text) !== null, {
    error: 'A wait has 30 days at most. To wait without end, write ask.',
  })
  .meta({ title: 'policy' })

/** As written: `3.10` stays `3.10`. */
const scalar = z.union([z.string().max(100_000), z.number(), z.boolean()], {
  error: 'Expected a text, a number, true or false.',
})

const relativePath = z.string().max(240).refine(isRelativePath, {
  error: 'A path is relative, with "/", and stays in its folder: no leading "/", no "..", no "\\".',
})

export function isRelativePath(text: string): boolean {
  if (text === '' || /\\|\p{Cc}/u.test(text) || text.startsWith('/')) return false
  const parts = text.replace(/^(\.\/)+/, '').split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..' && part !== '~')
}

const envFields = z.record(variable, scalar)

const paramFields = z
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

const taskFields = z
  .strictObject({
    description: line.optional().describe('Shown beside the task.'),
    needs: z
      .array(z.string())
      .max(10_000)
      .optional()
      .describe('Tasks that must have succeeded before this one starts.')
      .meta({ examples: [['extract']] }),
    host: name
      .optional()
      .describe(
        'A name that the environment binds, a host or a pool of the workspace, or local. Without it: local.',
      ),
    run: filled
      .describe('Shell text for sh. Values reach it as environment variables, never by ${{ }}.')
      .meta({ examples: ['./extract.sh --day "$DAY"'] }),
    env: envFields
      .optional()
      .describe('Environment variables. Values may hold ${{ }} expressions.')
      .meta({ examples: [{ DAY: '${{ params.day }}' }] }),
    timeout: duration.optional().describe('The host ends the task after this. Without it: never.'),
    grace: duration.optional().describe('Between TERM and KILL. Without it: 10s.'),
    retries: retryFields
      .optional()
      .describe('What happens after a failed attempt. Without it: nothing.'),
    effect: z
      .enum(['pure', 'idempotent', 'external', 'irreversible'])
      .optional()
      .describe(
        'What running it twice would do; governs retry and resume. Without it: idempotent.',
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
      .max(1000)
      .optional()
      .describe(
        'Workspace files or globs that travel with the task, besides those that its command names.',
      )
      .meta({ examples: [['sql/*.sql']] }),
    inputs: z
      .record(relativePath, z.string())
      .optional()
      .describe('Path in the working folder: task.output of a task upstream.')
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
  .meta({ title: 'task' })

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
    tasks: z
      .record(name, taskFields)
      .refine((tasks) => Object.keys(tasks).length > 0, {
        error: 'A pipeline needs at least one task.',
      })
      .describe('The nodes of the graph, by name.')
      .meta({ examples: [{ extract: { run: './extract.sh' } }] }),
  })
  .meta({ title: 'pipeline', description: 'A pipeline of Sluice: pipelines/NAME.yaml' })

// Programs around ssh paste both into shell text (Match exec, %h, %r) and into lists of known hosts: as OpenSSH since 9.6,
// nothing that means something there. A comma would make one host's key known for another.
const sshWord =
  // eslint-disable-next-line no-control-regex
  /^[^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069'"`$\\;&<>|(){}[\],*?!#-][^\s\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069'"`$\\;&<>|(){}[\],*?!#]*$/

const hostFields = z
  .strictObject({
    ssh: z
      .string()
      .max(255)
      .regex(sshWord, {
        error:
          'A name of the OpenSSH config holds no spaces, no leading "-" and nothing that a shell would read.',
      })
      .optional()
      .describe('An entry of the OpenSSH config (~/.ssh/config).'),
    address: z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9_[\]][A-Za-z0-9_.:%[\]-]*$/, {
        error: 'This is no host name or IP address.',
      })
      .optional()
      .describe('Host name or IP address, where the OpenSSH config has no entry.'),
    port: z.number().int().min(1).max(65_535).optional().describe('Without it: 22.'),
    user: z
      .string()
      .max(64)
      .regex(sshWord, {
        error: 'A user holds no spaces, no leading "-" and nothing that a shell would read.',
      })
      .optional()
      .describe('Without it: as ssh decides.'),
    key: line
      .optional()
      .describe('Path of a private key. Without it: ssh-agent and the usual keys.'),
    labels: z.array(name).max(100).optional().describe('For people and pools.'),
    slots: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Attempts that may run there at once. Without it: 4.'),
    folder: line
      .optional()
      .describe('Where Sluice keeps its things on the host. Without it: ~/.sluice.'),
    transport: z
      .enum(['auto', 'ssh2', 'openssh'])
      .optional()
      .describe(
        'How it is reached: ssh2, in the process of Sluice; openssh, by the ssh program; auto, the first, and the second where the configuration of ssh or the login needs it. Without it: auto.',
      ),
  })
  .meta({ title: 'host' })

const poolFields = z
  .strictObject({
    hosts: z
      .array(name)
      .max(1000)
      .optional()
      .describe('Hosts of this file, the preferred one first.')
      .meta({ examples: [['crunch-1', 'crunch-2']] }),
    labels: z
      .array(name)
      .min(1)
      .max(100)
      .optional()
      .describe('Besides them: every host that has all of these labels, in the order of the file.')
      .meta({ examples: [['big']] }),
    pick: z
      .enum(['least_busy', 'in_order', 'spread'])
      .optional()
      .describe(
        'Which of the hosts that could take a task: the one with the smallest share of slots in use, the first, or the one with the fewest attempts of the same run. Without it: least_busy.',
      ),
    slots: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .describe('Attempts in the whole pool at once. Without it: what its hosts allow.'),
  })
  .meta({ title: 'pool' })

const environmentFields = z
  .strictObject({
    hosts: z
      .record(name, name)
      .optional()
      .describe('Name in pipelines: host or pool of this file.')
      .meta({ examples: [{ warehouse: 'wh' }] }),
    vars: z
      .record(variable, scalar)
      .optional()
      .describe('For expressions: ${{ vars.REGION }}.')
      .meta({ examples: [{ REGION: 'eu' }] }),
  })
  .meta({ title: 'environment' })

export const workspaceFields = z
  .strictObject({
    hosts: z
      .record(name, hostFields)
      .optional()
      .describe('Machines, by name. local is this machine and is always there.')
      .meta({ examples: [{ wh: { ssh: 'wh' } }] }),
    pools: z
      .record(name, poolFields)
      .optional()
      .describe('Hosts that stand in for each other, by name. A name is a host or a pool.')
      .meta({ examples: [{ crunch: { hosts: ['crunch-1', 'crunch-2'], slots: 8 } }] }),
    environments: z
      .record(name, environmentFields)
      .optional()
      .describe('What the names in pipelines mean in dev, staging, prod. The first is the default.')
      .meta({ examples: [{ dev: { hosts: { warehouse: 'wh' }, vars: { REGION: 'eu' } } }] }),
  })
  .meta({ title: 'workspace', description: 'A workspace of Sluice: sluice.yaml' })

export type PipelineFields = z.output<typeof pipelineFields>
export type WorkspaceFields = z.output<typeof workspaceFields>
