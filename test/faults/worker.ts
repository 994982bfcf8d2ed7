// Plays the cases that it is handed, one after the other, in namespaces that end with it. Speaks JSON lines.
import { mkdirSync, writeFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeCase } from './cases.ts'
import { doneIn } from './coverage.ts'
import type { Done } from './deed-kinds.ts'
import { judge } from './oracle.ts'
import { playCase } from './play.ts'
import type { Mode } from './surroundings.ts'

/** What a worker says about each seed. */
export interface Verdict {
  seed: number
  kind: string
  /** Empty is good. */
  violations: string[]
  /** Faults that never came to act. */
  missed: string[]
  /** What was really done. */
  done: Done
  tookMs: number
  run: { state: string; attempts: number; engineKills: number }
}

const [, , dir = '', asked = 'namespaces', loudness = 'quiet', kept = ''] = process.argv
const mode: Mode = asked === 'loopback' ? 'loopback' : 'namespaces'
mkdirSync(dir, { recursive: true })

// With its campaign it ends, in the middle of a case as well: as the first process of its namespace it takes all along.
process.stdin.on('close', () => process.exit())

for await (const line of createInterface({ input: process.stdin })) {
  const seed = Number(line)
  if (Number.isInteger(seed)) process.stdout.write(`${JSON.stringify(await play(seed))}\n`)
}

async function play(seed: number): Promise<Verdict> {
  const one = makeCase(seed)
  const own = join(dir, String(seed))
  const story: string[] = []
  const say = (text: string): void => {
    story.push(text)
    if (loudness === 'verbose') process.stderr.write(`  ${seed}: ${text}\n`)
  }
  const startedAt = performance.now()
  const verdict: Verdict = {
    seed,
    kind: one.kind,
    violations: [],
    missed: [],
    done: {},
    tookMs: 0,
    run: { state: 'none', attempts: 0, engineKills: 0 },
  }
  try {
    const evidence = await playCase(one, { dir: own, mode, say })
    verdict.violations = judge(one, evidence)
    verdict.missed = evidence.deeds.missed
    verdict.done = doneIn(one, evidence)
    const attempts = Object.values(evidence.view.tasks).flatMap((task) => task.attempts)
    const { engineKills } = evidence.deeds
    verdict.run = { state: evidence.view.state, attempts: attempts.length, engineKills }
    writeFileSync(join(own, 'events.json'), JSON.stringify(evidence.events, null, 1))
  } catch (error) {
    verdict.violations.push(
      `The case broke: ${error instanceof Error ? error.stack : String(error)}`,
    )
  }
  verdict.tookMs = Math.round(performance.now() - startedAt)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'case.json'), JSON.stringify({ one, verdict, story }, null, 1))
  // What went well is of no use to anybody.
  if (verdict.violations.length === 0 && kept !== 'keep')
    rmSync(own, { recursive: true, force: true })
  return verdict
}
