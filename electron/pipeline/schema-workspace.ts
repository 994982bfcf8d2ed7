// What may stand in `sluice.yaml`.
import { z } from 'zod'
import { durationForm, durationMax, parseDuration } from '../../shared/pipeline/duration.ts'
import { line, name, scalar, upTo, variable } from './schema-words.ts'

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
    port: upTo(65_535).optional().describe('Without it: 22.'),
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
    slots: upTo(10_000).optional().describe('Attempts that may run there at once. Without it: 4.'),
    folder: line
      .optional()
      .describe('Where Sluice keeps its things on the host. Without it: ~/.sluice.'),
    keep_failed_days: z
      .int()
      .min(0)
      .max(30)
      .optional()
      .describe(
        'Days for which the working folder of a failed attempt stays on the host, for a debug shell: of the newest ten, of at most 1 GiB each, on a disk less than 90 % full. 0: none. Without it: 3.',
      ),
    transport: z
      .enum(['auto', 'ssh2', 'openssh'])
      .optional()
      .describe(
        'How it is reached: ssh2, in the process of Sluice; openssh, by the ssh program; auto, the first, and the second where the configuration of ssh or the login needs it. Without it: auto.',
      ),
  })
  .meta({ title: 'host' })

/** `30/1m`: a count and a duration. */
const startsForm = new RegExp(`^[1-9][0-9]{0,5}/${durationForm.source.slice(1, -1)}$`)

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
    slots: upTo(10_000)
      .optional()
      .describe('Attempts in the whole pool at once. Without it: what its hosts allow.'),
  })
  .meta({ title: 'pool' })

const semaphoreFields = z
  .strictObject({
    slots: upTo(100_000)
      .optional()
      .describe('What the attempts that hold it may hold together. Without it: no limit.'),
    starts: z
      .string()
      .regex(startsForm, { error: 'This is no rate. Write one like 30/1m.' })
      .refine(
        (text) => !startsForm.test(text) || parseDuration(text.split('/')[1] ?? '') !== null,
        {
          error: `A window has ${durationMax} at most.`,
        },
      )
      .optional()
      .describe('Attempts that may start within any window of so long. Without it: no limit.')
      .meta({ title: 'rate', examples: ['30/1m'] }),
  })
  .meta({ title: 'semaphore' })

const secretForm = /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:(?:~?\/|[A-Za-z]:[\\/])[^\p{Cc}]+)$/u
const secret = z
  .string()
  .max(4096)
  .regex(secretForm)
  .meta({ title: 'secret', examples: ['env:PROD_DB_PASSWORD', 'file:~/.config/warehouse-token'] })

const environmentFields = z
  .strictObject({
    slots: upTo(100_000)
      .optional()
      .describe('Attempts in it at once, over all pipelines. Without it: no limit.'),
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
    secrets: z
      .record(variable, secret)
      .optional()
      .describe(
        'Where the values of secrets are when a task starts: env:NAME, a variable of the process of Sluice, or file:PATH, a file of its machine, without a line end at its end. Tasks name them under secrets.',
      )
      .meta({ examples: [{ DB_PASSWORD: 'env:PROD_DB_PASSWORD' }] }),
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
    semaphores: z
      .record(name, semaphoreFields)
      .optional()
      .describe(
        'Limits over hosts, runs and pipelines, by name: a licence, a warehouse, an interface that counts calls.',
      )
      .meta({ examples: [{ warehouse: { slots: 4, starts: '30/1m' } }] }),
    environments: z
      .record(name, environmentFields)
      .optional()
      .describe('What the names in pipelines mean in dev, staging, prod. The first is the default.')
      .meta({ examples: [{ dev: { hosts: { warehouse: 'wh' }, vars: { REGION: 'eu' } } }] }),
  })
  .meta({ title: 'workspace', description: 'A workspace of Sluice: sluice.yaml' })

export type WorkspaceFields = z.output<typeof workspaceFields>
