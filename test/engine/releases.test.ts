// H9: what hosts may forget.
import { expect, test } from 'vitest'
import { Releases } from '../../electron/engine/releases.ts'
import type { AttemptKey } from '../../shared/run/ids.ts'
import { virtualClock } from '../helpers/virtual-clock.ts'
import type { VirtualClock } from '../helpers/virtual-clock.ts'

const key = (name: string): AttemptKey => name as AttemptKey

function opened(): { releases: Releases; clock: VirtualClock; said: string[] } {
  const said: string[] = []
  const clock = virtualClock()
  const releases = new Releases({
    store: {
      sync: () => said.push('sync'),
      confirmReleases: (keys) => said.push(`confirm ${keys.join(' ')}`),
    },
    hosts: { release: (host, one) => said.push(`${host} forgets ${one}`) },
    clock,
    onFatal: (error) => {
      throw error
    },
  })
  return { releases, clock, said }
}

test('H9: hosts are told to forget only what one sync has put on our disk, and whoever leaves waits for their word', async () => {
  const { releases, clock, said } = opened()
  releases.add({ host: 'a', key: key('one') })
  releases.add({ host: 'b', key: key('two') })
  await clock.flow(10_000)
  expect(said.splice(0)).toEqual(['sync', 'a forgets one', 'b forgets two'])
  let isDone = false
  const done = releases.whenDone().then(() => (isDone = true))
  releases.confirm(key('one'))
  await clock.flow(1000)
  expect([isDone, said.splice(0)]).toEqual([false, ['confirm one']])
  releases.confirm(key('two'))
  await done
  await clock.flow(1000)
  expect(said).toEqual(['confirm two'])
})

test('H9: a release that is told anew stays in the store until the host has confirmed that one', async () => {
  const { releases, clock, said } = opened()
  releases.add({ host: 'a', key: key('one') })
  await clock.flow(1000)
  releases.confirm(key('one'))
  // A cancel that came after it took the key once more.
  releases.add({ host: 'a', key: key('one') })
  await clock.flow(1000)
  expect(said.splice(0)).toEqual(['sync', 'a forgets one', 'sync', 'a forgets one'])
  releases.confirm(key('one'))
  await clock.flow(1000)
  expect(said).toEqual(['confirm one'])
})
