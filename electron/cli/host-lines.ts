// Hosts for people and for scripts: one line each, what keeps them from work below it, and the report of a check.
import { columns, oneLine } from './paint.ts'
import type { Ink, Paint } from './paint.ts'
import { transferText } from './transfer-lines.ts'
import { durationWords, isoTime, localTime, plural } from './words.ts'
import type { HostCheck, HostRow, LinkState } from '../../shared/api/views.ts'

const links: Readonly<Record<LinkState, readonly [string, Ink]>> = {
  idle: ['○ idle', 'dim'],
  connecting: ['◦ connecting', 'cyan'],
  linked: ['● linked', 'green'],
  down: ['✗ down', 'red'],
  refused: ['✗ refused', 'red'],
}

export function hostLines(paint: Paint, rows: readonly HostRow[]): string[] {
  const heads = columns(rows.map((row) => cellsOf(paint, row)))
  return rows.flatMap((row, at) => [heads[at] ?? '', ...troubleLines(paint, row)])
}

function cellsOf(paint: Paint, row: HostRow): string[] {
  const [word, ink] = links[row.link]
  const pools = row.pools.length === 0 ? '' : `in ${row.pools.join(', ')}`
  return [
    paint('bold', row.name),
    paint(ink, word),
    oneLine(row.address),
    `${row.used} of ${plural(row.slots, 'slot')}`,
    row.queued === 0 ? '' : `${row.queued} queued`,
    pools,
    paint('dim', row.labels.join(' ')),
  ]
}

/** Each on a line of its own: it may be long, or end in a command that is to be copied. */
function troubleLines(paint: Paint, row: HostRow): string[] {
  const lines: string[] = []
  if (row.why !== '') lines.push(oneLine(row.why))
  if (row.cordon !== null) {
    const { kind, by, reason, at } = row.cordon
    const why = reason === '' ? '' : `: ${oneLine(reason)}`
    lines.push(`${paint('yellow', kind)} by ${oneLine(by)} at ${localTime(at)}${why}`)
  }
  if (row.health.score < 1) {
    lines.push(`health ${row.health.score.toFixed(2)}: ${oneLine(row.health.why)}`)
  }
  for (const transfer of row.transfers) lines.push(transferText({ host: row.name, transfer }))
  return lines.map((line) => `  ${line}`)
}

const levels: Readonly<Record<HostCheck['level'], readonly [string, Ink]>> = {
  good: ['✓', 'green'],
  note: ['!', 'yellow'],
  bad: ['✗', 'red'],
}

/** What a check found: what the host has, what it lacks, and what that costs. */
export function checkLines(paint: Paint, row: HostRow): string[] {
  const lines = hostLines(paint, [row])
  if (row.changedKey !== null || row.askFingerprint !== null) lines.push(...keyLines(row))
  if (row.facts === null) return lines
  const { system, shell, clockOffsetMs, lacks, checks } = row.facts
  const clock =
    Math.abs(clockOffsetMs) < 1000 ? '' : `clock ${durationWords(Math.abs(clockOffsetMs))} `
  const clockWords = clock === '' ? '' : clock + (clockOffsetMs > 0 ? 'ahead' : 'behind')
  const roundTrip = row.roundTripMs === null ? '' : `answers in ${row.roundTripMs.toFixed(1)} ms`
  const about = [system, shell, clockWords, roundTrip].filter((word) => word !== '')
  lines.push(`  ${oneLine(about.join(', '))}`)
  const width = Math.max(0, ...checks.map(({ id }) => id.length))
  for (const { id, level, found, cost } of checks) {
    const [mark, ink] = levels[level]
    lines.push(`  ${paint(ink, mark)} ${oneLine(id).padEnd(width)}  ${oneLine(found)}`)
    if (cost !== '') lines.push(`    ${oneLine(cost)}`)
  }
  // A host that was not checked in depth still says what it lacks.
  if (checks.length === 0) lines.push(...lacks.map((lack) => `  lacks ${oneLine(lack)}`))
  return lines
}

/** The key that waits for a person, or the two keys of a change. */
export function keyLines(row: HostRow): string[] {
  if (row.changedKey !== null) {
    return [
      '  The host key has CHANGED. Somebody may be listening in, or the host was set up anew.',
      ...row.changedKey.known.map((key) => `  known:  ${oneLine(key)}`),
      `  shown:  ${oneLine(row.changedKey.shown)}`,
    ]
  }
  const picture = row.askRandomart.split('\n').filter((line) => line !== '')
  return [`  ${row.askFingerprint ?? ''}`, ...picture.map((line) => `  ${oneLine(line)}`)]
}

/** Out of reach: nothing can run there. */
export function isOutOfReach(row: HostRow): boolean {
  return row.link === 'down' || row.link === 'refused'
}

/** Keys are promised in docs/cli.md: only ever add. */
export function hostJson(row: HostRow): object {
  const cordon = row.cordon === null ? null : { ...row.cordon, at: isoTime(row.cordon.at) }
  return { ...row, cordon, lastSeenAt: isoTime(row.lastSeenAt) }
}
