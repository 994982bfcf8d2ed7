// What a campaign has found: tables by kind of case and by what was really done, one line, and the same for programs.
import { faultKinds } from './case-shape.ts'
import { deedKinds, type Deed } from './deed-kinds.ts'
import type { Verdict } from './worker.ts'

export interface About {
  mode: string
  first: number
  minutes: number
  /** Of the code that was judged; empty where nobody can tell. */
  commit: string
}

/** From so many cases on each fault must have been met. */
const coveredFrom = 200

export function caseTable(verdicts: readonly Verdict[]): string {
  const rows = faultKinds.flatMap((kind) => {
    const of = verdicts.filter((verdict) => verdict.kind === kind)
    if (of.length === 0) return []
    return [
      [
        kind,
        of.length,
        sum(of, ({ run }) => run.attempts),
        sum(of, ({ run }) => run.engineKills),
        of.filter(({ missed }) => missed.length > 0).length,
        of.filter(isBad).length,
        `${(Math.max(...of.map(({ tookMs }) => tookMs)) / 1000).toFixed(0)} s`,
      ].map(String),
    ]
  })
  return table(
    ['case', 'cases', 'attempts', 'engine kills', 'missed', 'violations', 'longest'],
    rows,
  )
}

export function deedTable(verdicts: readonly Verdict[]): string {
  const rows = deedKinds.flatMap((deed) => {
    const { times, seeds } = coverOf(deed, verdicts)
    return times === 0
      ? []
      : [[deed, String(times), String(seeds.length), seeds.slice(0, 6).join(' ')]]
  })
  const not = deedKinds.filter((deed) => coverOf(deed, verdicts).times === 0)
  const rest = not.length === 0 ? '' : `\nNot done: ${not.join(', ')}`
  return `${table(['really done', 'times', 'cases', 'seeds'], rows)}${rest}`
}

/** What a campaign of this size should have met and has not. On loopback much cannot be done. */
export function uncovered(verdicts: readonly Verdict[], mode: string): Deed[] {
  if (mode !== 'namespaces' || verdicts.length < coveredFrom) return []
  return deedKinds.filter((deed) => coverOf(deed, verdicts).times === 0)
}

export function summary(verdicts: readonly Verdict[], about: About): string {
  const kills = sum(verdicts, ({ run }) => run.engineKills)
  const attempts = sum(verdicts, ({ run }) => run.attempts)
  const bad = verdicts.filter(isBad).length
  return `${verdicts.length} cases from seed ${about.first} (${about.mode}), ${attempts} attempts, ${kills} engine kills, ${bad} with violations, ${about.minutes.toFixed(1)} min`
}

/** One JSON document. */
export function report(verdicts: readonly Verdict[], about: About): string {
  const complaints = verdicts.flatMap(({ violations }) => violations)
  const byRule = (rule: string): number =>
    complaints.filter((one) => one.startsWith(`${rule}:`)).length
  const rules = Array.from({ length: 10 }, (_, index) => `O${index + 1}`)
  const missed = sum(verdicts, (verdict) => verdict.missed.length)
  return JSON.stringify(
    {
      ...about,
      cases: verdicts.length,
      attempts: sum(verdicts, ({ run }) => run.attempts),
      engineKills: sum(verdicts, ({ run }) => run.engineKills),
      casesWithViolations: verdicts.filter(isBad).length,
      violationsByRule: Object.fromEntries(rules.map((rule) => [rule, byRule(rule)])),
      otherViolations: complaints.filter((one) => !/^O\d+:/.test(one)).length,
      violations: verdicts
        .filter(isBad)
        .map(({ seed, kind, violations }) => ({ seed, kind, violations })),
      done: Object.fromEntries(deedKinds.map((deed) => [deed, coverOf(deed, verdicts)])),
      neverDone: uncovered(verdicts, about.mode),
      missed,
    },
    null,
    1,
  )
}

function coverOf(deed: Deed, verdicts: readonly Verdict[]): { times: number; seeds: number[] } {
  const met = verdicts.filter(({ done }) => (done[deed] ?? 0) > 0)
  return { times: sum(met, ({ done }) => done[deed] ?? 0), seeds: met.map(({ seed }) => seed) }
}

export function isBad({ violations }: Verdict): boolean {
  return violations.length > 0
}

function sum(verdicts: readonly Verdict[], count: (verdict: Verdict) => number): number {
  return verdicts.reduce((total, verdict) => total + count(verdict), 0)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  // Numbers to the right; the last column of words is not padded.
  const cell = (text: string, at: number): string =>
    /^\d+( s)?$/.test(text) ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)
  return [head, ...rows].map((row) => row.map(cell).join('  ').trimEnd()).join('\n')
}
