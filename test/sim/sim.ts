// `npm run test:sim -- [--schedules N] [--from SEED] [--seed N] [--workers W] [--minutes M] [--violations N] [--case FILE] [--json] [--no-shrink]`
// Random lives of the engine, each held against what it promises. docs/simulator.md says what is done and what is not.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { anyCase, isWave } from './any-case.ts'
import type { AnyCase } from './any-case.ts'
import { coverageTable, neverDone } from './coverage.ts'
import { sayCase } from './say-case.ts'
import { shrink } from './shrink.ts'
import type { SimCase } from './sim-case.ts'
import { openHand } from './sim-crew.ts'
import type { Hand } from './sim-crew.ts'
import type { Lived } from './sim-worker.ts'

const usage = `npm run test:sim -- [options]
  --schedules N  lives to live (default 1000)
  --from SEED    seed of the first (default 1)
  --seed N       this one alone
  --case FILE    the case in this file alone
  --workers W    threads (default: one per core)
  --minutes M    at most so long; what is left is said
  --violations N stop after so many (default 10)
  --no-shrink    a case that breaks a promise is shown as it is
  --json         the result as JSON on stdout; all else goes to stderr
  --help`

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    case: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
    minutes: { type: 'string', default: '600' },
    violations: { type: 'string', default: '10' },
    'no-shrink': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const SHRINK_TRIES_MAX = 3000
const SHRINK_MS_MAX = 90_000
const PROGRESS_MS = 5000

interface Violation {
  /** Null: of a file. */
  seed: number | null
  promise: string
  words: string
  sim: AnyCase
}

const say = (text: string): void => (values.json ? console.error(text) : console.log(text))
const only = values.seed === undefined ? null : wholeNumber('seed', values.seed)
const first = only ?? wholeNumber('from', values.from)
const count = only === null ? wholeNumber('schedules', values.schedules) : 1
let endAt = performance.now() + wholeNumber('minutes', values.minutes) * 60_000
const violationsMax = wholeNumber('violations', values.violations)
const counts: Record<string, number> = {}
const violations: Violation[] = []
let lived = 0
let next = first

// Whoever ends it early still hears what was found, and where to go on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (endAt = 0))

const startedAt = performance.now()
if (values.case === undefined) await liveAll()
else await liveCase(JSON.parse(readFileSync(values.case, 'utf8')) as AnyCase)
const minutes = (performance.now() - startedAt) / 60_000

if (only === null && values.case === undefined) say(`\n${coverageTable(counts)}\n`)
for (const violation of violations) await tell(violation)
const missing = neverDone(counts, lived)
if (missing.length > 0) say(`Never done in ${lived} schedules: ${missing.join(', ')}`)
const perMinute = Math.round(lived / minutes)
say(
  `${lived} schedules from seed ${first} in ${minutes.toFixed(1)} minutes: ${perMinute} a minute, ${violations.length} violations`,
)
if (lived < count && violations.length < violationsMax && values.case === undefined)
  say(`Go on with --from ${next} --schedules ${first + count - next}`)
if (values.json)
  console.log(
    JSON.stringify({ first, schedules: lived, minutes, perMinute, violations, counts, missing }),
  )
process.exit(violations.length > 0 || missing.length > 0 ? 1 : 0)

async function liveAll(): Promise<void> {
  const timer = setInterval(() => {
    const rate = Math.round(lived / ((performance.now() - startedAt) / 60_000))
    say(
      `${lived}/${count} schedules, ${rate} a minute, ${violations.length} violations, next is ${next}`,
    )
  }, PROGRESS_MS)
  const workers = Math.min(count, wholeNumber('workers', values.workers))
  await Promise.all(Array.from({ length: Math.max(1, workers) }, () => liveSome(openHand())))
  clearInterval(timer)
}

async function liveSome(hand: Hand): Promise<void> {
  while (next < first + count && performance.now() < endAt) {
    if (violations.length >= violationsMax) break
    const seed = next
    next += 1
    note(await hand.live({ seed }), { seed, sim: () => anyCase(seed) })
  }
  await hand.close()
}

async function liveCase(sim: AnyCase): Promise<void> {
  const hand = openHand()
  note(await hand.live({ sim }), { seed: null, sim: () => sim })
  await hand.close()
}

function note(life: Lived, of: { seed: number | null; sim: () => AnyCase }): void {
  lived += 1
  if (life.ok) {
    for (const [name, done] of Object.entries(life.counts))
      counts[name] = (counts[name] ?? 0) + done
    return
  }
  const { promise, words } = life
  violations.push({ seed: of.seed, promise, words, sim: of.sim() })
  say(`VIOLATION  ${of.seed === null ? values.case : `seed ${of.seed}`}  ${promise}`)
}

async function tell({ seed, promise, words, sim }: Violation): Promise<void> {
  say(`\n${seed === null ? `Case ${values.case}` : `Seed ${seed}`} breaks a promise: ${words}`)
  if (seed !== null) say(`Again: npm run test:sim -- --seed ${seed}`)
  // A case of waves is small as it is.
  const smallest = values['no-shrink'] || isWave(sim) ? sim : await shrunk(sim, promise)
  const shown = isWave(smallest) ? JSON.stringify(smallest) : sayCase(smallest)
  say(shown.replaceAll(/^/gm, '    '))
  const folder = join(tmpdir(), 'sluice-sim')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${seed ?? 'case'}.json`)
  writeFileSync(file, `${JSON.stringify(smallest, null, 2)}\n`)
  say(`Again: npm run test:sim -- --case ${file}`)
}

async function shrunk(sim: SimCase, promise: string): Promise<SimCase> {
  const hand = openHand(promise === 'a life ends' ? 5000 : undefined)
  const shrinkUntil = performance.now() + SHRINK_MS_MAX
  const isBroken = async (smaller: SimCase): Promise<boolean> => {
    if (performance.now() > shrinkUntil) return false
    const life = await hand.live({ sim: smaller })
    return !life.ok && life.promise === promise
  }
  const { sim: smallest, tries } = await shrink(sim, isBroken, SHRINK_TRIES_MAX)
  await hand.close()
  say(`Shrunk in ${tries} tries:`)
  return smallest
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  console.error(`--${name} must be a whole number, not "${text}".\n${usage}`)
  return process.exit(2)
}
