// Plays one case from its first byte to its last: hosts up, engine up, run started, faults, the end, the evidence.
import { chmodSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { refusedRetryMs } from '../../electron/hosts/backoff.ts'
import type { RunEvent } from '../../shared/run/events.ts'
import type { RunView } from '../../shared/run/run-view.ts'
import { isRunEnd } from '../../shared/run/states.ts'
import type { Case } from './case-shape.ts'
import { run } from './children.ts'
import { openSpy, searchFiles } from './canary.ts'
import { makeEngineProcess } from './engine-process.ts'
import type { EngineProcess } from './engine-process.ts'
import { hostEvidence, leftovers, logEvidence, newDeeds } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { inflictAll } from './inflict.ts'
import type { Machine } from './machine.ts'
import { openLoopbackMachines } from './loopback-machines.ts'
import { openNamespaceMachines } from './namespace-machines.ts'
import { makePatience } from './patience.ts'
import type { Mode } from './surroundings.ts'
import { witness } from './task-text.ts'
import { writeWorkspace } from './workspace.ts'

/** From the last fault to the end of the run: the longest backoff, a refusal's pause, and the tasks. */
const endLimitMs = 120_000
const taskLimitMs = 5_000
/** A host that was refused is not asked again before its pause is over. */
const releaseLimitMs = 30_000 + refusedRetryMs
const lookMs = 200

export async function playCase(
  one: Case,
  { dir, mode, say }: { dir: string; mode: Mode; say: (text: string) => void },
): Promise<Evidence> {
  mkdirSync(dir, { recursive: true })
  chmodSync(dir, 0o755)
  const canary = `canary-${one.seed}-${Math.random().toString(36).slice(2, 14)}`
  const open = mode === 'namespaces' ? openNamespaceMachines : openLoopbackMachines
  const passphrase = one.passphrase ? `locked-${canary}` : ''
  const { seed, machines: shapes } = one
  const hosts = await open(join(dir, 'hosts'), { seed, shapes, passphrase })
  const { machines } = hosts
  const engine = makeEngineProcess(dir)
  const isSmall = one.kind === 'home full' && mode === 'namespaces'
  try {
    if (isSmall) await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'home', join(dir, 'home')])
    writeWorkspace(join(dir, 'workspace'), one, { machines, canary })
    writeFileSync(
      join(dir, 'home', 'known_hosts'),
      machines.map(({ knownHosts }) => knownHosts).join(''),
    )
    const spy = openSpy(
      canary,
      machines.map(({ home }) => join(home, '.sluice')),
    )
    const evidence = await playOn({ one, dir, mode, machines, engine, passphrase, say })
    await engine.kill('SIGKILL')
    const found = [...spy.close(), ...searchFiles(dir, canary)]
    const locked = one.passphrase ? searchFiles(dir, passphrase) : []
    return { ...evidence, canary: [...found, ...locked.map((place) => `passphrase ${place}`)] }
  } finally {
    engine.signal('SIGCONT')
    await engine.kill('SIGKILL')
    await hosts.close()
    // What is in it goes with it.
    if (isSmall) await run('umount', ['-l', join(dir, 'home')])
  }
}

interface Playing {
  one: Case
  dir: string
  mode: Mode
  machines: readonly Machine[]
  engine: EngineProcess
  /** Empty: nobody asks for one. */
  passphrase: string
  say: (text: string) => void
}

async function playOn(playing: Playing): Promise<Evidence> {
  const { one, dir, mode, machines, engine, passphrase, say } = playing
  const deeds = newDeeds()
  const startedAt = performance.now()
  engine.start()
  const over = new AbortController()
  const answers = passphrase === '' ? null : engine.answer(passphrase, over.signal)
  const { run } = await engine.ask((client) => client.call('run.start', { pipeline: 'case' }))
  say(`run ${run}`)
  const fillHome = homeFiller(join(dir, 'home'), one.kind === 'home full' && mode === 'namespaces')
  await inflictAll(one, { machines, engine, run, deeds, fillHome, say })
  say('all faults are over')
  const limitMs = endLimitMs + one.tasks.length * taskLimitMs
  let view = await untilEnd(engine, run, limitMs)
  if (one.kind === 'resume after a failure' && view?.state === 'failed') {
    for (const machine of machines) writeFileSync(join(machine.home, witness.mended), '')
    say('mended and resumed')
    await engine.ask((client) => client.call('run.resume', { run }))
    view = await untilEnd(engine, run, limitMs)
  }
  const ended = view !== null
  if (ended) await untilReleased(machines)
  // After the end of the run its history goes on: a copy that was failed over is proved gone, and brings the rest of its log.
  view = await viewOf(engine, run)
  const events = await eventsOf(engine, run)
  over.abort()
  await answers
  return {
    view,
    events,
    hosts: machines.map(hostEvidence),
    logs: logEvidence(join(dir, 'home'), run),
    deeds,
    ended,
    canary: [],
    tookMs: performance.now() - startedAt,
  }
}

function homeFiller(home: string, isPossible: boolean): (isFull: boolean) => Promise<boolean> {
  const filler = join(home, 'filler')
  return async (isFull) => {
    if (!isPossible) return false
    if (!isFull) rmSync(filler, { force: true })
    else {
      const { bsize, bavail } = statfsSync(home)
      try {
        writeFileSync(filler, Buffer.alloc(bsize * (bavail + 16)))
      } catch {
        // As full as it gets.
      }
    }
    return true
  }
}

async function viewOf(engine: EngineProcess, run: string): Promise<RunView> {
  const { view } = await engine.ask((client) => client.call('run.get', { run }))
  return view
}

/** null: it has not ended within the limit. */
async function untilEnd(
  engine: EngineProcess,
  run: string,
  limitMs: number,
): Promise<RunView | null> {
  const mayWait = makePatience(limitMs)
  while (mayWait()) {
    const view = await viewOf(engine, run)
    if (isRunEnd(view.state)) return view
    await wait(lookMs)
  }
  return null
}

/** H9. What a kill has cut off is told again by the next engine. */
async function untilReleased(machines: readonly Machine[]): Promise<void> {
  const mayWait = makePatience(releaseLimitMs)
  const isClean = (): boolean =>
    machines.every(({ home }) => leftovers(join(home, '.sluice')).length === 0)
  while (!isClean() && mayWait()) await wait(lookMs)
}

async function eventsOf(engine: EngineProcess, run: string): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for (;;) {
    const after = all.at(-1)?.seq ?? 0
    const some = await engine.ask((client) =>
      client.call('run.events', { run, after, limit: 1000 }),
    )
    all.push(...some)
    if (some.length < 1000) return all
  }
}
