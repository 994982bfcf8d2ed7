// `npm run bench [-- P1 P3] [--quick]`: the figures that docs/benchmarks.md promises. Writes bench/last.json.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from './figure.ts'
import { rows, runRow } from './run-row.ts'
import { figureTable } from './table.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const usage = `npm run bench [-- ROW... --quick]

Measures what docs/benchmarks.md promises and writes bench/last.json. Ends with 1 when a goal was missed.

${rows.map((row) => `  ${row.name.padEnd(5)}${row.title}`).join('\n')}

  --quick   smaller sizes, for a look
  --help    this text
`
const words = process.argv.slice(2)
if (words.includes('--help') || words.includes('-h')) {
  process.stdout.write(usage)
  process.exit(0)
}
const quick = words.includes('--quick')
const asked = words.filter((word) => word !== '--quick').map((word) => word.toUpperCase())
const unknown = asked.filter((name) => !rows.some((row) => row.name === name))
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}.\n\n${usage}`)
  process.exit(2)
}

let dir = ''
process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130))

const startedAt = new Date()
const figures: Figure[] = []
for (const row of rows) {
  if (asked.length > 0 && !asked.includes(row.name)) continue
  console.error(`${row.name} ${row.title} ...`)
  dir = mkdtempSync(join(tmpdir(), `sluice-bench-${row.name}-`))
  figures.push(...(await runRow(row, dir, quick)))
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

console.log(figureTable(figures))
mkdirSync(join(root, 'bench'), { recursive: true })
const machine = { cores: availableParallelism(), load: loadavg(), node: process.version }
const report = { startedAt, commit: commitName(), quick, machine, figures }
writeFileSync(join(root, 'bench/last.json'), `${JSON.stringify(report, null, 2)}\n`)
process.exitCode = figures.some((figure) => figure.met === false) ? 1 : 0

function commitName(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
    }).trim()
  } catch {
    return 'unknown'
  }
}
