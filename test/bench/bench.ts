// `npm run bench [-- P1 P3] [--quick]`: the figures that docs/benchmarks.md promises. Writes bench/last.json.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dispatch } from './dispatch.ts'
import { engineAlone } from './engine-alone.ts'
import type { BenchRow, Figure } from './figure.ts'
import { missing } from './figure.ts'
import { throughput } from './throughput.ts'
import { idle } from './idle.ts'
import { logStream } from './log-stream.ts'
import { figureTable } from './table.ts'

const rows: readonly BenchRow[] = [dispatch, throughput, engineAlone, logStream, idle]
const root = fileURLToPath(new URL('../../', import.meta.url))

const words = process.argv.slice(2)
const quick = words.includes('--quick')
const asked = words.filter((word) => !word.startsWith('-')).map((word) => word.toUpperCase())
const unknown = asked.filter((name) => !rows.some((row) => row.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no row ${unknown.join(', ')}. Rows: ${rows.map((row) => row.name).join(' ')}`,
  )
  process.exit(2)
}

const startedAt = new Date()
const figures: Figure[] = []
for (const row of rows) {
  if (asked.length > 0 && !asked.includes(row.name)) continue
  console.error(`${row.name} ${row.title} ...`)
  const dir = mkdtempSync(join(tmpdir(), `sluice-bench-${row.name}-`))
  try {
    figures.push(...(await within(row.secondsMax, row.measure({ quick, dir }))))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    figures.push(missing(row.name, row.title, '', why))
  } finally {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
  }
}

console.log(figureTable(figures))
mkdirSync(join(root, 'bench'), { recursive: true })
const machine = { cores: availableParallelism(), load: loadavg(), node: process.version }
const report = { startedAt, commit: commitName(), quick, machine, figures }
writeFileSync(join(root, 'bench/last.json'), `${JSON.stringify(report, null, 2)}\n`)
// A row that was given up may have left something open.
process.exit(figures.some((figure) => figure.met === false) ? 1 : 0)

function within<Value>(secondsMax: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, reject) => {
    const why = new Error(`It took more than ${secondsMax} s and was given up`)
    timer = setTimeout(() => reject(why), secondsMax * 1000)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

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
