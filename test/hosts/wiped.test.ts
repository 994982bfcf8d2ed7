// H1, H4, H5, H6: somebody removes what the agent keeps on a host, while attempts run.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { bearersOf } from '../helpers/attempt-processes.ts'
import { hostName, order, type HostKit } from '../helpers/host-kit.ts'
import type { PlannedFile } from '../../shared/run/plan.ts'
import { localSubject, opened } from './subjects.ts'

const hasProc = existsSync('/proc/self/stat') ? null : 'no /proc'

describe.skipIf(hasProc !== null)('what somebody removed on a host', () => {
  test('H1: an attempt whose folder is gone is lost and proved gone, never started again; the next start works', async () => {
    const { kit, at } = await opened(() => localSubject())
    const witness = join(at(), '..', 'starts')
    const one = order(`echo $SLUICE_ATTEMPT >>${witness}; setsid sleep 300 & exec sleep 301`, {
      graceMs: 100,
    })
    await kit.run(order('true', { files: [await fileOf(kit, 'for the other channel')] }))
    kit.start(one)
    await kit.report('started', one.key)
    await expect.poll(() => bearersOf(one.key).length).toBe(2)
    rmSync(at(), { recursive: true, maxRetries: 20 })
    // The agents have lost their folder as well, also the one that takes files: whoever asks them next makes the link anew.
    const next = await kit.run(order('cat text', { files: [await fileOf(kit, 'fine\n')] }))
    expect(next.end).toMatchObject({ outcome: 'exited', exit: 0 })
    expect(next.log.toString()).toBe('fine\n')
    const { end } = await kit.report('ended', one.key)
    expect(end).toMatchObject({ outcome: 'lost', cause: 'attempt_vanished', stopped: true })
    expect(bearersOf(one.key)).toEqual([])
    expect(readFileSync(witness, 'utf8')).toBe(`${one.key}\n`)
    const { gaps } = await kit.report('log_closed', one.key)
    expect(gaps).toMatchObject([{ why: 'the log on the host is gone' }])
    // Its supervisor has gone with it, and writes nothing afterwards.
    kit.fleet.release(hostName, one.key)
    await kit.report('released', one.key)
    expect(existsSync(at('exit', one.key))).toBe(false)
  })

  test('H4: it is lost to a client that was not there, who knows that it ran', async () => {
    const { kit, at } = await opened(() => localSubject())
    const up = join(at(), '..', 'up')
    const one = order(`: >${up}; exec sleep 302`, { graceMs: 100 })
    kit.start(one)
    await kit.report('started', one.key)
    await expect.poll(() => existsSync(up)).toBe(true)
    rmSync(at(), { recursive: true, maxRetries: 20 })
    kit.reopen()
    kit.forget()
    kit.fleet.watch(hostName, { ...one, isConfirmed: true })
    const { end } = await kit.report('ended', one.key)
    expect(end).toMatchObject({ outcome: 'lost', cause: 'attempt_vanished', stopped: true })
    expect(bearersOf(one.key)).toEqual([])
  })

  test('H1: an order whose answer nobody heard is not given again in another folder', async () => {
    const { kit, at } = await opened(() => localSubject())
    const witness = join(at(), '..', 'starts')
    const one = order(`echo $SLUICE_ATTEMPT >>${witness}; exec sleep 305`, { graceMs: 100 })
    const never = order('true')
    kit.start(one)
    await expect.poll(() => bearersOf(one.key).length).toBe(1)
    rmSync(at(), { recursive: true, maxRetries: 20 })
    kit.reopen()
    // The engine has not heard that it runs.
    kit.fleet.watch(hostName, one)
    const { end } = await kit.report('ended', one.key)
    expect(end).toMatchObject({ outcome: 'lost', cause: 'attempt_vanished', stopped: true })
    expect(bearersOf(one.key)).toEqual([])
    expect(readFileSync(witness, 'utf8')).toBe(`${one.key}\n`)
    kit.fleet.release(hostName, one.key)
    await kit.report('released', one.key)
    // Once all have been asked for, what is absent never began.
    kit.reopen()
    kit.fleet.watch(hostName, never)
    await kit.report('absent', never.key)
  })

  test('H6: an end that is written once there is a folder again is believed, and the log is a gap', async () => {
    const { kit, at } = await opened(() => localSubject())
    const [up, go] = [join(at(), '..', 'up'), join(at(), '..', 'go')]
    const one = order(`: >${up}; until [ -e ${go} ]; do sleep 0.05; done; exit 5`)
    kit.start(one)
    await kit.report('started', one.key)
    await expect.poll(() => existsSync(up)).toBe(true)
    rmSync(at(), { recursive: true, maxRetries: 20 })
    writeFileSync(go, '')
    await expect.poll(() => bearersOf(one.key)).toEqual([])
    kit.link.cut()
    expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'exited', exit: 5 })
    const { gaps } = await kit.report('log_closed', one.key)
    expect(gaps).toMatchObject([{ why: 'the log on the host is gone' }])
  })

  test('H5: a cancel of an attempt whose records are gone still proves that nothing is left', async () => {
    const { kit, at } = await opened(() => localSubject())
    const one = order('setsid sleep 303 & exec sleep 304', { graceMs: 100 })
    kit.start(one)
    await kit.report('started', one.key)
    await expect.poll(() => bearersOf(one.key).length).toBe(2)
    for (const part of ['own', 'script', 'log']) rmSync(at(part, one.key), { force: true })
    kit.fleet.cancel(hostName, one.key, 100)
    expect((await kit.report('ended', one.key)).end).toMatchObject({ outcome: 'cancelled' })
    expect(bearersOf(one.key)).toEqual([])
  })
})

async function fileOf(kit: HostKit, text: string): Promise<PlannedFile> {
  const bytes = Buffer.from(text)
  return { path: 'text', sha256: await kit.blobs.put(bytes), bytes: bytes.length, mode: 0o644 }
}
