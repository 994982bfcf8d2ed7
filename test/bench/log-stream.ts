// P4: a large log from one host to the local log file; then many tasks that write fast at once.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, openSync, closeSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import type { AttemptKey, RunId } from '../../shared/run/ids.ts'
import { attemptKey } from '../../shared/run/ids.ts'
import type { TestSshd } from '../helpers/sshd.ts'
import { sketchPlan } from '../helpers/world.ts'
import type { TaskSketch } from '../helpers/world.ts'
import { openBenchHosts } from './bench-hosts.ts'
import type { BenchHosts } from './bench-hosts.ts'
import type { BenchRow, Figure } from './figure.ts'
import { median, ms } from './figure.ts'

const writers = 50
const linesPerSecond = 10_000
const speedGoal = 0.9
/** The median counts: memory that nobody used lately may be slow on a virtual machine, whoever writes first. */
const copies = 5
/** A frame of a screen that stays live. */
const delayGoalMs = 50

export const logStream: BenchRow = {
  name: 'P4',
  title: 'logs from a host to the local log file',
  secondsMax: 300,
  async measure({ quick, dir }) {
    const bench = await openBenchHosts({ dir, names: ['logs'], slots: writers })
    const mebibytes = quick ? 128 : 1024
    const file = join(dir, 'big.log')
    writeLines(file, mebibytes)
    const figures = [
      await oneLargeLog(bench, file, mebibytes, dir),
      await manyWriters(bench, quick ? 3 : 10),
    ]
    await bench.close()
    return figures
  },
}

async function oneLargeLog(
  bench: BenchHosts,
  file: string,
  mebibytes: number,
  dir: string,
): Promise<Figure> {
  const hash = await hashOf(file)
  const plainCopy = join(dir, 'plain')
  const [ours, plain]: [number[], number[]] = [[], []]
  let lost = 0
  for (let copy = 0; copy < copies; copy++) {
    plain.push(await timed(() => sshCat(bench.servers[0]!, file, plainCopy)))
    rmSync(plainCopy)
    let run = '' as RunId
    const took = await timed(async () => {
      const ended = await bench.run(sketchPlan({ big: { host: 'logs', run: `cat '${file}'` } }))
      run = ended.run
      await closed(bench, attemptKey(run, 'big', null, 1))
    })
    ours.push(took)
    if ((await bench.logs.hash(attemptKey(run, 'big', null, 1))) !== hash) lost += 1
    rmSync(join(dir, 'sluice-home/logs', run), { recursive: true })
  }
  const [mine, theirs] = [mebibytes / median(ours), mebibytes / median(plain)]
  const ratio = mine / theirs
  return {
    row: 'P4',
    what: `${mebibytes} MiB, one log`,
    ours: `${mine.toFixed(0)} MiB/s`,
    reference: `${theirs.toFixed(0)} MiB/s ssh host cat`,
    ratio,
    goal: `>= ${speedGoal}x, 0 bytes lost`,
    met: ratio >= speedGoal && lost === 0,
    note:
      lost === 0
        ? `From the start of the run to the closed, verified log; the task writes its log on the same machine. Medians of ${copies}.`
        : `The bytes of ${lost} logs differ.`,
  }
}

async function manyWriters(bench: BenchHosts, seconds: number): Promise<Figure> {
  const tasks: Record<string, TaskSketch> = {}
  for (let index = 0; index < writers; index++) {
    tasks[`w${index}`] = { host: 'logs', run: writerScript(index, seconds) }
  }
  const idle = openIdleThread()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const { run, events } = await bench.run(sketchPlan(tasks))
  const keys = Array.from({ length: writers }, (_, i) => attemptKey(run, `w${i}`, null, 1))
  for (const key of keys) await closed(bench, key)
  // Before our own hashing, which holds up the loop for longer than any log does.
  delay.disable()
  const idleMs = await idle.p99Ms()
  let wrong = 0
  for (const [index, key] of keys.entries()) {
    if ((await bench.logs.hash(key)) !== writerHash(index, seconds)) wrong += 1
  }
  const spanMs = (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0)
  const p99Ms = delay.percentile(99) / 1e6
  const total = writers * linesPerSecond * seconds
  return {
    row: 'P4',
    what: `${writers} tasks, ${linesPerSecond} lines/s each`,
    ours: `${wrong} logs wrong, p99 delay ${ms(p99Ms)}`,
    reference: `${ms(idleMs)} a thread that does nothing`,
    ratio: null,
    goal: `0 wrong, < ${delayGoalMs} ms`,
    met: wrong === 0 && p99Ms < delayGoalMs,
    note: `${total.toLocaleString('en')} lines in ${(spanMs / 1000).toFixed(1)} s; ${seconds} s is the pace asked for.`,
  }
}

/** What the machine alone does to a loop, under the same fifty writers. */
function openIdleThread(): { p99Ms(): Promise<number> } {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 5 })
     delay.enable()
     parentPort.once('message', () => parentPort.postMessage(delay.percentile(99) / 1e6))`,
    { eval: true },
  )
  return {
    async p99Ms() {
      thread.postMessage('end')
      const [found] = (await once(thread, 'message')) as [number]
      await thread.terminate()
      return found
    },
  }
}

const line = (index: number, number: number): string =>
  `task ${index} line ${number} of a log that is written about as fast as a chatty load`

function writerScript(index: number, seconds: number): string {
  const text = line(index, 0).replace(' line 0 ', ' line %d ')
  return `awk 'BEGIN { for (s = 0; s < ${seconds}; s++) { for (i = 0; i < ${linesPerSecond}; i++) printf "${text}\\n", n++; fflush(); system("sleep 1") } }'`
}

function writerHash(index: number, seconds: number): string {
  const hash = createHash('sha256')
  const lines: string[] = []
  for (let number = 0; number < linesPerSecond * seconds; number++) lines.push(line(index, number))
  return hash.update(`${lines.join('\n')}\n`).digest('hex')
}

function writeLines(file: string, mebibytes: number): void {
  const fd = openSync(file, 'w')
  const text = 'INFO 2026-01-05T12:00:00Z loader: 10000 rows read, 9998 kept, 2 refused\n'
  const part = Buffer.from(text.repeat(Math.ceil((1 << 20) / text.length))).subarray(0, 1 << 20)
  for (let count = 0; count < mebibytes; count++) writeSync(fd, part)
  closeSync(fd)
}

async function sshCat(server: TestSshd, file: string, to: string): Promise<void> {
  const out = openSync(to, 'w')
  const child = spawn('ssh', ['-F', server.configFile, server.name, `cat '${file}'`], {
    stdio: ['ignore', out, 'ignore'],
  })
  const [code] = (await once(child, 'exit')) as [number]
  closeSync(out)
  if (code !== 0) throw new Error(`ssh host cat ended with ${code}`)
}

async function closed(bench: BenchHosts, key: AttemptKey): Promise<void> {
  if (bench.logs.isClosed(key)) return
  await new Promise<void>((resolve) => {
    const stop = bench.logs.onChange(key, () => {
      if (!bench.logs.isClosed(key)) return
      stop()
      resolve()
    })
  })
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part as Buffer)
  return hash.digest('hex')
}
