// What a campaign has found, in a table by kind of fault and in one line.
import { faultKinds } from './cases.ts'
import type { Verdict } from './worker.ts'

export function caseTable(verdicts: readonly Verdict[]): string {
  const rows = faultKinds.flatMap((kind) => {
    const of = verdicts.filter((verdict) => verdict.kind === kind)
    if (of.length === 0) return []
    const sum = (count: (verdict: Verdict) => number): number =>
      of.reduce((total, verdict) => total + count(verdict), 0)
    return [
      [
        kind,
        of.length,
        sum(({ run }) => run.attempts),
        sum(({ run }) => run.engineKills),
        of.filter(({ missed }) => missed.length > 0).length,
        of.filter(({ violations }) => violations.length > 0).length,
        `${(Math.max(...of.map(({ tookMs }) => tookMs)) / 1000).toFixed(0)} s`,
      ].map(String),
    ]
  })
  const head = ['fault', 'cases', 'attempts', 'engine kills', 'missed', 'violations', 'longest']
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  '),
    )
    .join('\n')
}

export function summary(
  verdicts: readonly Verdict[],
  about: { mode: string; first: number; minutes: number },
): string {
  const bad = verdicts.filter(({ violations }) => violations.length > 0).length
  const kills = verdicts.reduce((total, { run }) => total + run.engineKills, 0)
  const attempts = verdicts.reduce((total, { run }) => total + run.attempts, 0)
  return `${verdicts.length} cases from seed ${about.first} (${about.mode}), ${attempts} attempts, ${kills} engine kills, ${bad} with violations, ${about.minutes.toFixed(1)} min`
}
