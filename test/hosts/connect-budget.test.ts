// Who may connect, and when again: bounds, fairness and what a busy gateway does to both.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs, refusedRetryMs } from '../../electron/hosts/backoff.ts'
import {
  openConnectBudget,
  type ConnectBudget,
  type ConnectTurn,
} from '../../electron/hosts/connect-budget.ts'
import { openFleet, type Fleet } from '../../electron/hosts/fleet.ts'
import { openSessionBudget, type SessionLimit } from '../../electron/hosts/session-budget.ts'
import { TransportError, type Transport } from '../../electron/hosts/transport.ts'
import type { BlobStore, LogStore } from '../../electron/ports/logs.ts'
import type { HostSpec } from '../../shared/pipeline/spec.ts'
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'
import { seededDice } from '../helpers/world.ts'

const never = new AbortController().signal

describe('the wait after a failed connection', () => {
  test('lies between a quarter of its top and its top, which doubles from half a second to half a minute', () => {
    fc.assert(
      fc.property(
        fc.nat(10_000),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (more, roll) => {
          const failures = more + 1
          const top = Math.min(30_000, 250 * 2 ** Math.min(failures, 10))
          const ms = backoffMs(failures, 'down', roll)
          expect(ms).toBeGreaterThanOrEqual(top / 4)
          expect(ms).toBeLessThan(top)
          expect(backoffMs(failures, 'busy', roll)).toBeLessThanOrEqual(8_000)
          expect(backoffMs(failures, 'refused', roll)).toBe(refusedRetryMs)
        },
      ),
    )
  })

  test('hosts that failed together come back spread over the whole span', () => {
    const dice = seededDice(3)
    const tenths = Array.from({ length: 10 }, () => 0)
    for (let host = 0; host < 10_000; host++) {
      const share = (backoffMs(9, 'down', dice.roll()) / 30_000 - 0.25) / 0.75
      tenths[Math.floor(share * 10)]!++
    }
    for (const count of tenths) expect(count).toBeGreaterThan(800)
  })
})

describe('the budget of connections', () => {
  interface Crowd {
    budget: ConnectBudget
    clock: VirtualClock
    turns: { name: string; turn: ConnectTurn }[]
    ask(
      name: string,
      place: string,
      more?: { urgent?: boolean; signal?: AbortSignal },
    ): Promise<void>
  }

  async function crowd(): Promise<Crowd> {
    const clock = virtualClock()
    const budget = openConnectBudget({ clock, dice: seededDice(1) })
    const turns: Crowd['turns'] = []
    const settle = (): Promise<void> => clock.flow(0)
    return {
      budget,
      clock,
      turns,
      async ask(name, place, { urgent = false, signal = never } = {}) {
        const request = { place: async () => place, isUrgent: () => urgent }
        budget.enter(request, signal).then(
          (turn) => turns.push({ name, turn }),
          () => turns.push({ name: `${name} gave up`, turn: { leave: () => undefined } }),
        )
        await settle()
      },
    }
  }
  const names = ({ turns }: Crowd): string[] => turns.map(({ name }) => name)

  test('B1, B2: two at one place, eight in all, in order, and a full place holds back nobody else', async () => {
    const one = await crowd()
    for (const host of ['a1', 'a2', 'a3']) await one.ask(host, 'a')
    await one.ask('b1', 'b')
    expect(names(one)).toEqual(['a1', 'a2', 'b1'])
    for (let host = 1; host <= 9; host++) await one.ask(`c${host}`, `c${host}`)
    expect(names(one)).toEqual(['a1', 'a2', 'b1', 'c1', 'c2', 'c3', 'c4', 'c5'])
    one.turns[0]!.turn.leave('made')
    await one.clock.flow(0)
    expect(names(one).at(-1)).toBe('a3')
    one.turns[3]!.turn.leave('made')
    one.turns[3]!.turn.leave('made')
    await one.clock.flow(0)
    expect(names(one).slice(9)).toEqual(['c6'])
  })

  test('B2: a person goes first; who gives up leaves no hole', async () => {
    const one = await crowd()
    const leaving = new AbortController()
    await one.ask('a1', 'a')
    await one.ask('a2', 'a')
    await one.ask('a3', 'a', { signal: leaving.signal })
    await one.ask('a4', 'a')
    await one.ask('person', 'a', { urgent: true })
    leaving.abort(new Error('gone'))
    one.turns[0]!.turn.leave('failed')
    one.turns[1]!.turn.leave('failed')
    await one.clock.flow(0)
    expect(names(one)).toEqual(['a1', 'a2', 'a3 gave up', 'person', 'a4'])
  })

  test('who gives up during the pause of a busy place leaves no timer', async () => {
    const one = await crowd()
    const leaving = new AbortController()
    await one.ask('a1', 'a')
    one.turns[0]!.turn.leave('busy')
    await one.ask('a2', 'a', { signal: leaving.signal })
    expect(one.clock.pending()).toBe(1)
    leaving.abort(new Error('gone'))
    expect(one.clock.pending()).toBe(0)
  })

  test('B3: eight that hang do not hold back the ninth for longer than a moment', async () => {
    const one = await crowd()
    for (let host = 1; host <= 9; host++) await one.ask(`h${host}`, `h${host}`)
    expect(one.turns).toHaveLength(8)
    await one.clock.flow(4_000)
    expect(names(one)).toContain('h9')
  })

  test('B4: a busy place is left alone for a moment and gets one at a time, until it takes them again', async () => {
    const one = await crowd()
    for (let host = 1; host <= 12; host++) await one.ask(`a${host}`, 'a')
    for (const { turn } of one.turns) turn.leave('busy')
    expect(one.turns).toHaveLength(2)
    expect(one.clock.pending()).toBe(1)
    await one.clock.flow(10_000)
    expect(one.turns).toHaveLength(3)
    // Four that come through, each worth a quarter.
    for (let more = 2; more < 6; more++) {
      one.turns[more]!.turn.leave('made')
      await one.clock.flow(0)
    }
    expect(one.turns).toHaveLength(8)
  })
})

describe('200 hosts behind one gateway', () => {
  test('B1: never more than two are at its door, all of them get in, and a busy gateway loses none', async () => {
    const clock = virtualClock()
    const dice = seededDice(5)
    let atDoor = 0
    let most = 0
    let calls = 0
    const made = new Set<string>()
    const transportOf = ({ name }: HostSpec): Transport => ({
      address: name,
      gate: async () => 'bastion',
      async connect() {
        calls++
        most = Math.max(most, ++atDoor)
        await new Promise<void>((resolve) => void clock.after(200, resolve))
        atDoor--
        if (dice.roll() < 0.3)
          throw new TransportError('host_unreachable', 'full', { isBusy: true })
        made.add(name)
        // Far enough: what is behind the gateway is not asked here.
        throw new TransportError('ssh_auth_failure', 'no', { permanent: true })
      },
    })
    const hosts = Array.from({ length: 200 }, (_, index) => specOf(`h${index}`))
    const fleet: Fleet = openFleet({
      hosts,
      transportOf,
      logs: {} as LogStore,
      blobs: {} as BlobStore,
      clock,
      dice,
    })
    const stop = new AbortController()
    const checks = hosts.map(({ name }) => fleet.check(name, stop.signal).catch(() => null))
    const rows = Promise.all(checks)
    for (let second = 0; second < 120 && made.size < 200; second++) {
      await clock.flow(1_000)
      // A check gives up after 45 s; a person would press again.
      for (const { name } of hosts)
        if (!made.has(name)) void fleet.check(name, stop.signal).catch(() => null)
    }
    expect(made.size).toBe(200)
    expect(most).toBeLessThanOrEqual(2)
    // A refusal is not hammered: nobody came a second time who was let in once.
    expect(calls).toBeLessThan(400)
    stop.abort(new Error('done'))
    fleet.close()
    await clock.flow(100_000)
    await rows
  })
})

describe('the budget of sessions', () => {
  const pass = async (): Promise<string> => 'open'
  const refuse = (): Promise<string> =>
    Promise.reject(new TransportError('host_refused', 'no more sessions', { isFull: true }))

  test('what a host allows is learned from its refusal, and not asked for again', async () => {
    const limit: SessionLimit = { max: null }
    let learned = 0
    const budget = openSessionBudget(limit, () => learned++)
    const closers: (() => void)[] = []
    const open = (how: () => Promise<string>): Promise<string> =>
      budget.open(how, (_one, closed) => closers.push(closed))
    await open(pass)
    await open(pass)
    expect(budget.hasRoom()).toBe(true)
    await expect(open(refuse)).rejects.toThrow('no more')
    expect(limit.max).toBe(2)
    expect(learned).toBe(1)
    expect(budget.hasRoom()).toBe(false)
    let asked = false
    const third = open(async () => {
      asked = true
      return 'open'
    })
    await expect(third).rejects.toMatchObject({ isFull: true })
    expect(asked).toBe(false)
    closers[1]!()
    closers[1]!()
    expect(budget.hasRoom()).toBe(true)
    await open(pass)
    expect(budget.hasRoom()).toBe(false)
    // Another connection to the host knows it from the start.
    const other = openSessionBudget(limit, () => learned++)
    await other.open(pass, () => undefined)
    expect(other.hasRoom()).toBe(true)
  })

  test('a failure that says nothing about sessions teaches nothing', async () => {
    const limit: SessionLimit = { max: null }
    const budget = openSessionBudget(limit, () => undefined)
    await budget.open(pass, () => undefined)
    const broken = Promise.reject(new TransportError('host_unreachable', 'lost'))
    await expect(
      budget.open(
        () => broken,
        () => undefined,
      ),
    ).rejects.toThrow('lost')
    expect(limit.max).toBeNull()
  })
})

function specOf(name: string): HostSpec {
  return {
    name,
    kind: 'ssh',
    ssh: null,
    address: null,
    port: null,
    user: null,
    key: null,
    labels: [],
    slots: 1,
    folder: null,
  }
}
