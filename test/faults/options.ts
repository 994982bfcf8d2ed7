// What a campaign is asked for on its command line.
import { parseArgs } from 'node:util'
import { faultKinds } from './case-shape.ts'

export const usage = `Usage: npm run test:faults -- [options]

Plays seeded cases of faults against real hosts and judges them. docs/faults.md says what is done.

  --cases N        so many cases (500), of seeds from --from on
  --from SEED      the first one (0)
  --seed SEED      only this case, with its story
  --kind WORDS     only kinds of cases whose name holds this
  --except KIND    none of this kind
  --kills K        one more case: one engine that is killed K times
  --minutes M      no case begins after that (600)
  --workers W      so many cases at once (6)
  --journal FILE   a line for each case; started again with it, a campaign goes on
  --keep           keep the folders of all cases; else only of those with violations
  --json           the result as one document on stdout, all else on stderr
  --loopback       no namespaces, though they are allowed
  --verbose        every step of each case
  --help           this

Kinds: ${faultKinds.join(', ')}

Exit code: 0 all is well; 1 a rule was broken, or a fault never came in 200 cases and more; 2 an option is wrong;
3 no case can be played here.`

export interface CampaignOptions {
  cases: number
  from: number
  /** One case. */
  seed: number | null
  kind: string
  except: string | null
  kills: number
  minutes: number
  workers: number
  journal: string | undefined
  keep: boolean
  json: boolean
  loopback: boolean
  verbose: boolean
}

/** A sentence where an option is wrong; null: only help is wanted. */
export function campaignOptions(args: readonly string[]): CampaignOptions | string | null {
  let values
  try {
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (values.help) return null
  const { kind, except, journal, keep, json, loopback, verbose } = values
  if (!faultKinds.some((one) => one.includes(kind))) return `There is no kind "${kind}".`
  if (except !== undefined && !faultKinds.some((one) => one === except))
    return `There is no kind "${except}".`
  const { cases, from, seed, kills, minutes, workers } = values
  for (const [name, text] of Object.entries({ cases, from, seed, kills, minutes, workers }))
    if (text !== undefined && !/^\d{1,9}$/.test(text))
      return `--${name} must be a whole number, not ${text}`
  if (Number(workers) === 0) return '--workers must be 1 at least'
  return {
    cases: Number(cases),
    from: Number(from),
    seed: seed === undefined ? null : Number(seed),
    kind,
    except: except ?? null,
    kills: Number(kills),
    minutes: Number(minutes),
    workers: Number(workers),
    journal,
    keep,
    json,
    loopback,
    verbose,
  }
}

const flag = { type: 'boolean', default: false } as const
const options = {
  cases: { type: 'string', default: '500' },
  from: { type: 'string', default: '0' },
  seed: { type: 'string' },
  kind: { type: 'string', default: '' },
  except: { type: 'string' },
  kills: { type: 'string', default: '0' },
  minutes: { type: 'string', default: '600' },
  workers: { type: 'string', default: '6' },
  journal: { type: 'string' },
  keep: flag,
  json: flag,
  loopback: flag,
  verbose: flag,
  help: { ...flag, short: 'h' },
} as const
