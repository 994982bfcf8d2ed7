// H9: what a host was told to forget, it is told until it has.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localTransport } from '../../electron/hosts/local-transport.ts'
import { Releases } from '../../electron/hosts/releases.ts'
import type { Channel } from '../../electron/hosts/channel.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { openHostKit, order } from '../helpers/host-kit.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'

const keyOf = (task: string): AttemptKey => `20260101-000000-abcdefgh.${task}.x.1` as AttemptKey

test('H9: a release that the host refuses, because a supervisor still waits for room, is asked for again', async () => {
  const clock = virtualClock()
  const released: string[] = []
  const asked: string[] = []
  let busy = [keyOf('waits')]
  const ask = async (request: string): Promise<{ words: string[]; parts: string[][] }> => {
    asked.push(request)
    const parts = busy.filter((key) => request.includes(key)).map((key) => [key, 'running'])
    return { words: ['ok'], parts }
  }
  const session = { channel: async () => ({ ask }) as unknown as Channel }
  const releases = new Releases(clock, 0, (key) => released.push(key))
  const send = (): void => void releases.send(session)

  releases.add(keyOf('waits'), send)
  releases.add(keyOf('done'), send)
  await clock.flow(100)
  expect(released).toEqual([keyOf('done')])
  expect(releases.size).toBe(1)
  await clock.flow(5000)
  expect(released).toEqual([keyOf('done')])
  expect(asked.length).toBeLessThan(6)
  busy = []
  await clock.flow(10_000)
  expect(released).toEqual([keyOf('done'), keyOf('waits')])
  expect(releases.size).toBe(0)
  const count = asked.length
  await clock.flow(100_000)
  expect(asked).toHaveLength(count)
})

test('H9: while attempts go on a host, their releases are gathered; the last one lets them go at once', async () => {
  const clock = virtualClock()
  const lines: string[] = []
  const ask = async (request: string): Promise<{ words: string[]; parts: string[][] }> => {
    lines.push(request)
    return { words: ['ok'], parts: [] }
  }
  const session = { channel: async () => ({ ask }) as unknown as Channel }
  const releases = new Releases(clock, 0, () => undefined)
  const send = (): void => void releases.send(session)
  for (let index = 0; index < 10; index++) {
    releases.add(keyOf(`t${index}`), send, true)
    await clock.flow(40)
  }
  expect(lines).toEqual([])
  releases.add(keyOf('last'), send, false)
  await clock.flow(60)
  expect(lines).toHaveLength(1)
  expect(releases.size).toBe(0)
  releases.add(keyOf('busy'), send, true)
  await clock.flow(600)
  expect(lines).toHaveLength(2)
})

test('H9: of many that are released at once nothing stays, whatever each of them has left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice released '))
  const kit = await openHostKit({ transport: localTransport(), folder })
  try {
    const works = [
      'true',
      'mkdir shut && touch shut/in && chmod 0 shut',
      'echo a=1 >"$SLUICE_OUTPUT"',
    ]
    works.push('mkdir "$SLUICE_CHECKPOINT" && touch "$SLUICE_CHECKPOINT/x y"', 'exit 3')
    const orders = Array.from({ length: 40 }, (_, index) => order(works[index % works.length]!))
    await Promise.all(orders.map((one) => kit.run(one)))
    for (const { key } of orders) kit.fleet.release('h', key)
    await Promise.all(orders.map(({ key }) => kit.report('released', key)))
    const left = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const keys = orders.map(({ key }) => key)
    expect(left.filter((path) => keys.some((key) => path.includes(key)))).toEqual([])
    expect(left.filter((path) => /shut|x y/.test(path))).toEqual([])
  } finally {
    await kit.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
