// What the bulk channel carries, while it breaks alone, is told twice or takes long.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { BlobSink, BlobSource } from '../../electron/ports/logs.ts'
import { runningWith } from '../helpers/attempt-processes.ts'
import { hostName, order, type HostKit } from '../helpers/host-kit.ts'
import { localSubject, opened } from './subjects.ts'

test('an upload goes on when the bulk channel breaks alone', async () => {
  const { kit, at } = await opened(() => localSubject())
  const bytes = Buffer.alloc(3_000_000, 'x')
  const files = [{ path: 'in', sha256: await kit.blobs.put(bytes), bytes: 3_000_000, mode: 0o600 }]
  const held = holdUploads(kit)
  const one = order('wc -c <in', { files })
  kit.start(one)
  await held.reached
  killBulk(at())
  held.letGo()
  expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 0 })
  expect(kit.link.connects).toBe(2)
  expect(kit.errors).toEqual([])
})

test('outputs are fetched over the next link when the bulk channel breaks alone', async () => {
  const { kit, at } = await opened(() => localSubject())
  const held = holdOutputs(kit)
  const one = order(bigOutput, { outputs: { out: 'out' } })
  kit.start(one)
  await held.reached
  killBulk(at())
  held.letGo()
  expect((await kit.report('ended', one.key)).end).toMatchObject({ outputs: [{ name: 'out' }] })
  expect(kit.link.connects).toBe(2)
  expect(kit.errors).toEqual([])
})

test('an end that is told again while its outputs come brings them once', async () => {
  const { kit } = await opened(() => localSubject())
  const held = holdOutputs(kit)
  const one = order(bigOutput, { outputs: { out: 'out' } })
  kit.start(one)
  await held.reached
  // Each is answered by the end.
  kit.fleet.watch(hostName, one)
  kit.fleet.cancel(hostName, one.key, 100)
  await kit.fleet.check(hostName, never)
  held.letGo()
  expect((await kit.report('ended', one.key)).end).toMatchObject({ outputs: [{ name: 'out' }] })
  await kit.report('log_closed', one.key)
  kit.fleet.release(hostName, one.key)
  await kit.report('released', one.key)
  expect(held.receives).toBe(1)
  expect(kit.reports.filter(({ kind }) => kind === 'ended')).toHaveLength(1)
  expect(kit.link.connects).toBe(1)
})

test('H4: a link is up, and cancels go over it, while the outputs of what ended in a cut still come', async () => {
  const { kit, at } = await opened(() => localSubject())
  const held = holdOutputs(kit)
  const ended = order(`until [ -e ${at('go')} ]; do sleep 0.05; done; ${bigOutput}`, {
    outputs: { out: 'out' },
  })
  const running = order('sleep 300', { graceMs: 100 })
  kit.start(ended)
  kit.start(running)
  await kit.report('started', ended.key)
  await kit.report('started', running.key)
  kit.forget()
  kit.link.refuse = new Error('no link')
  kit.link.cut()
  writeFileSync(at('go'), '')
  await expect.poll(() => existsSync(at('exit', ended.key))).toBe(true)
  kit.fleet.cancel(hostName, running.key, 100)
  kit.link.refuse = null
  await held.reached
  await kit.report('linked')
  expect((await kit.report('ended', running.key)).end.outcome).toBe('cancelled')
  expect(kit.reports.some((one) => one.kind === 'ended' && one.key === ended.key)).toBe(false)
  held.letGo()
  expect((await kit.report('ended', ended.key)).end).toMatchObject({ outputs: [{ name: 'out' }] })
  expect(kit.errors).toEqual([])
})

const never = new AbortController().signal
const bigOutput = 'head -c 20000000 /dev/zero >out'

interface Held {
  /** The first bytes wait. */
  reached: Promise<void>
  letGo(): void
}

/** Outputs that come wait here, and their host behind them. */
function holdOutputs(kit: HostKit): Held & { receives: number } {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const receive = kit.blobs.receive.bind(kit.blobs)
  const held = { receives: 0, reached: reached.promise, letGo: gate.resolve }
  kit.blobs.receive = async (sha256) => {
    held.receives++
    const sink = await receive(sha256)
    const write: BlobSink['write'] = async (piece) => {
      reached.resolve()
      await gate.promise
      await sink.write(piece)
    }
    return Object.assign(Object.create(sink) as BlobSink, { write })
  }
  return held
}

/** Inputs stop on their way after the first piece. */
function holdUploads(kit: HostKit): Held {
  const reached = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const open = kit.blobs.open.bind(kit.blobs)
  kit.blobs.open = async (sha256) => {
    const source = await open(sha256)
    if (source === null) return null
    const read = async function* (from: number, length: number): AsyncGenerator<Uint8Array> {
      for await (const piece of source.read(from, length)) {
        yield piece
        reached.resolve()
        await gate.promise
      }
    }
    return { ...source, read } satisfies BlobSource
  }
  return { reached: reached.promise, letGo: gate.resolve }
}

/** Its loop and all that it has forked. */
function killBulk(folder: string): void {
  const pids = runningWith(folder).filter((pid) => argumentsOf(pid).includes('bulk'))
  expect(pids).not.toEqual([])
  for (const pid of pids) process.kill(Number(pid), 'SIGKILL')
}

function argumentsOf(pid: string): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0')
}
