// `npm run test:faults -- --help` says how it is used.
// A campaign of seeded cases against real hosts. docs/faults.md says what is done and what is allowed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { kindOf } from './cases.ts'
import { openJournal } from './journal.ts'
import { campaignFolder, keep, removeLeftovers } from './leftovers.ts'
import { campaignOptions, usage } from './options.ts'
import { caseTable, deedTable, isBad, report, summary, uncovered } from './report.ts'
import { whatIsAllowed } from './surroundings.ts'
import type { Verdict } from './worker.ts'
import { openWorker } from './worker-process.ts'

const options = campaignOptions(process.argv.slice(2))
if (options === null) {
  console.log(usage)
  process.exit(0)
}
if (typeof options === 'string') {
  console.error(`${options}\n\n${usage}`)
  process.exit(2)
}
const { kind, except, kills, seed: only } = options
const first = only ?? options.from
const count = only === null ? options.cases : 1
const verbose = options.verbose || only !== null
const say = (text: string): void => (options.json ? console.error(text) : console.log(text))
const endAt = performance.now() + options.minutes * 60_000

for (const gone of removeLeftovers()) say(`Removed what an earlier campaign left: ${gone}`)
const allowed = whatIsAllowed()
if (allowed.mode === 'nothing') {
  say(`No case can be played here: ${allowed.why}`)
  process.exit(3)
}
const mode = options.loopback ? 'loopback' : allowed.mode
if (mode === 'namespaces') say('Hosts: network, mount and process namespaces of their own.')
else
  say(
    `Hosts: loopback behind a proxy, without reboots, full disks and lost packets. ${allowed.why}`,
  )

const dir = campaignFolder()
mkdirSync(dir, { recursive: true, mode: 0o755 })
const commit = commitOf()
const wanted = { kind, ...(except !== null && { except }) }
const what = JSON.stringify({ commit, mode, first, count, kills, ...wanted })
const journal = openJournal(options.journal, what)
if (journal === null) {
  console.error(`${options.journal} is of another campaign than this one: ${what}`)
  process.exit(2)
}
const { verdicts } = journal
if (verdicts.length > 0) say(`${verdicts.length} cases are known from ${options.journal}.`)
const seeds = seedsOf()
let isKept = options.keep
const startedAt = performance.now()
await Promise.all(
  Array.from({ length: Math.min(count + 1, options.workers) }, async () => {
    const worker = openWorker({ dir, mode, verbose, keep: options.keep })
    while (performance.now() < endAt) {
      const seed = seeds.next().value
      if (seed === undefined) break
      const verdict = await worker.play(seed)
      journal.add(verdict)
      isKept ||= isBad(verdict)
      tell(verdict)
    }
    await worker.close()
  }),
)
const bad = verdicts.filter(isBad)
say(`\n${caseTable(verdicts)}\n\n${deedTable(verdicts)}\n`)
if (isKept) say(`Kept: ${keep(dir)}`)
else rmSync(dir, { recursive: true, force: true })
const never = uncovered(verdicts, mode)
if (never.length > 0) say(`Never done in ${verdicts.length} cases: ${never.join(', ')}`)
const minutes = (performance.now() - startedAt) / 60_000
const about = { mode, first, minutes, commit }
say(`${summary(verdicts, about)}, load ${loadavg()[2]?.toFixed(1)}`)
if (options.json) console.log(report(verdicts, about))
process.exitCode = bad.length > 0 || never.length > 0 || verdicts.length === 0 ? 1 : 0

function* seedsOf(): Generator<number, undefined> {
  const known = new Set(verdicts.map(({ seed }) => seed))
  if (kills > 0 && !known.has(-kills)) yield -kills
  for (let seed = first, given = 0; given < count; seed += 1) {
    const name = kindOf(seed)
    const isWanted = name.includes(kind) && except !== name
    if (only === null && !isWanted) continue
    given += 1
    if (!known.has(seed)) yield seed
  }
}

function tell(verdict: Verdict): void {
  const { seed, kind, violations, tookMs, run } = verdict
  const word = violations.length === 0 ? 'ok' : 'VIOLATION'
  const done = `${verdicts.length}/${count + (kills > 0 ? 1 : 0)}`.padStart(9)
  const seconds = `${(tookMs / 1000).toFixed(1)} s`
  say(`${done}  seed ${seed}  ${kind}: ${run.state}, ${run.attempts} attempts, ${seconds}  ${word}`)
  for (const one of violations) say(`           ${one}`)
  const again = seed < 0 ? `--cases 0 --kills ${-seed}` : `--seed ${seed}`
  if (violations.length > 0) say(`           again: npm run test:faults -- ${again}`)
}

/** With a + where the tree has changes. */
function commitOf(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).stdout?.trim() ?? ''
  const changes = git('status', '--porcelain', '--', '../../electron', '../../shared', '../../test')
  return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : '+'}`
}
