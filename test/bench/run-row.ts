// Runs one row in a process of its own: what an earlier row left in memory, or a row that hangs, touches no other.
// As a program: `run-row.ts NAME DIR quick|full`, forked; sends the figures and ends.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { attach } from './attach.ts'
import { dispatch } from './dispatch.ts'
import { engineAlone } from './engine-alone.ts'
import type { BenchRow, Figure } from './figure.ts'
import { missing } from './figure.ts'
import { idle } from './idle.ts'
import { logStream } from './log-stream.ts'
import { schedulesArmed } from './schedules-armed.ts'
import { throughput } from './throughput.ts'

export const rows: readonly BenchRow[] = [
  dispatch,
  throughput,
  engineAlone,
  logStream,
  attach,
  idle,
  schedulesArmed,
]

type Outcome = { figures: Figure[] } | { why: string }

const killDelayMs = 5000

export async function runRow(row: BenchRow, dir: string, quick: boolean): Promise<Figure[]> {
  const child = fork(fileURLToPath(import.meta.url), [row.name, dir, quick ? 'quick' : 'full'])
  let outcome: Outcome = { why: 'It ended without a figure' }
  child.on('message', (message) => (outcome = message as Outcome))
  let killTimer: NodeJS.Timeout | undefined
  const timer = setTimeout(() => {
    outcome = { why: `It took more than ${row.secondsMax} s and was given up` }
    child.kill('SIGTERM')
    killTimer = setTimeout(() => child.kill('SIGKILL'), killDelayMs)
  }, row.secondsMax * 1000)
  const stop = (): void => void child.kill('SIGTERM')
  process.once('exit', stop)
  await new Promise((resolve) => child.once('exit', resolve))
  process.off('exit', stop)
  clearTimeout(timer)
  clearTimeout(killTimer)
  return figuresOf(row, outcome)
}

function figuresOf(row: BenchRow, outcome: Outcome): Figure[] {
  return 'figures' in outcome ? outcome.figures : [missing(row.name, row.title, '', outcome.why)]
}

async function asProgram(name: string, dir: string, quick: boolean): Promise<void> {
  // The servers and engines of a row end with it.
  process.once('SIGTERM', () => process.exit(1))
  let outcome: Outcome
  try {
    const row = rows.find((each) => each.name === name)
    outcome = { figures: (await row?.measure({ quick, dir })) ?? [] }
  } catch (error) {
    outcome = { why: error instanceof Error ? error.message : String(error) }
  }
  process.send?.(outcome, () => process.exit())
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = '', dir = '', size = ''] = process.argv.slice(2)
  await asProgram(name, dir, size === 'quick')
}
