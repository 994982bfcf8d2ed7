// When a peer counts as dead: soon where the line is quick, late where it is far or thin, never because this process stood still.
import { describe, expect, test } from 'vitest'
import { Pulse, pulseLimitMsMin, pulseQuietMs, RoundTrips } from '../../electron/hosts/pulse.ts'
import { watchForSleep } from '../../electron/hosts/wake-watch.ts'
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'
import { seededDice } from '../helpers/world.ts'

interface Line {
  clock: VirtualClock
  pulse: Pulse
  roundTrips: RoundTrips
  deadAt: number | null
  probes: number
  /** ms until an answer; null: none ever. */
  answersAfter: () => number | null
  isNeeded: boolean
  outgoing: { isWaiting: boolean; taken: number }
}

function openLine(
  more: Partial<Pick<Line, 'answersAfter' | 'roundTrips' | 'isNeeded'>> = {},
): Line {
  const clock = virtualClock()
  const line = {
    clock,
    roundTrips: new RoundTrips(),
    deadAt: null as number | null,
    probes: 0,
    answersAfter: (): number | null => 20,
    isNeeded: true,
    outgoing: { isWaiting: false, taken: 0 },
    ...more,
  }
  const pulse = new Pulse({
    clock,
    roundTrips: line.roundTrips,
    quietMs: pulseQuietMs,
    limitMsMin: pulseLimitMsMin,
    isNeeded: () => line.isNeeded,
    outgoing: () => line.outgoing,
    onDead: () => (line.deadAt = clock.monotonic()),
    probe() {
      line.probes++
      const ms = line.answersAfter()
      return new Promise((resolve) => {
        if (ms !== null) clock.after(ms, resolve)
      })
    },
  })
  return Object.assign(line, { pulse })
}

describe('a pulse', () => {
  test('notices within 8 s that a quick line is dead, wherever in its rhythm it dies', async () => {
    for (let dies = 10_000; dies < 12_500; dies += 250) {
      const line = openLine()
      await line.clock.flow(dies)
      line.answersAfter = () => null
      await line.clock.flow(20_000)
      expect(line.deadAt).not.toBeNull()
      expect(line.deadAt! - dies).toBeLessThanOrEqual(8_000)
    }
  })

  test('asks every 2 s while something needs the link, twice a minute else, and at once when something comes', async () => {
    const line = openLine()
    await line.clock.flow(60_000)
    expect(line.probes).toBeGreaterThan(25)
    expect(line.probes).toBeLessThan(35)
    line.isNeeded = false
    const before = line.probes
    await line.clock.flow(120_000)
    expect(line.probes - before).toBeLessThanOrEqual(6)
    await line.clock.flow(10_000)
    line.isNeeded = true
    const idle = line.probes
    line.pulse.stir()
    expect(line.probes).toBe(idle + 1)
    expect(line.deadAt).toBeNull()
  })

  test('P1: bytes are life, though no question is answered', async () => {
    const line = openLine({ answersAfter: () => null })
    for (let second = 0; second < 60; second++) {
      line.pulse.heard()
      await line.clock.flow(1_000)
    }
    expect(line.deadAt).toBeNull()
    await line.clock.flow(15_000)
    expect(line.deadAt).not.toBeNull()
  })

  test.each([2_000, 600, 300, 50])(
    'P2: at %i ms of round trip, every third packet lost hardly ever ends a link, and its real death is noticed',
    async (roundTripMs) => {
      let deaths = 0
      const minutes = 15
      const lines = 16
      for (let seed = 1; seed <= lines; seed++) {
        const dice = seededDice(seed)
        // Each loss waits for TCP's timer, which is little more than the round trip at first and doubles.
        const lossy = (): number => {
          let ms = roundTripMs
          for (let waitMs = roundTripMs + 200; dice.roll() < 0.3; waitMs *= 2) ms += waitMs
          return ms
        }
        const roundTrips = new RoundTrips()
        let line = openLine({ answersAfter: lossy, roundTrips })
        for (let minute = 0; minute < minutes; minute++) {
          await line.clock.flow(60_000)
          if (line.deadAt === null) continue
          deaths++
          line = openLine({ answersAfter: lossy, roundTrips })
        }
        line.answersAfter = () => null
        await line.clock.flow(130_000)
        expect(line.deadAt).not.toBeNull()
      }
      // Four hours in all, sixteen of them beginnings.
      expect(deaths).toBeLessThanOrEqual(24)
    },
  )

  test('P2: a line that was given up while young gets more time when it is made again', async () => {
    const roundTrips = new RoundTrips()
    const first = openLine({ roundTrips, answersAfter: () => null })
    await first.clock.flow(60_000)
    const second = openLine({ roundTrips, answersAfter: () => null })
    await second.clock.flow(120_000)
    expect(second.deadAt!).toBeGreaterThan(first.deadAt! * 1.5)
    expect(second.deadAt!).toBeLessThanOrEqual(64_000)
  })

  test('P3: a line that is full of our own bytes has time to carry them; one that carries none is dead', async () => {
    const line = openLine({ answersAfter: () => null })
    line.outgoing = { isWaiting: true, taken: 0 }
    for (let second = 0; second < 120; second++) {
      line.outgoing.taken += 10_000
      await line.clock.flow(1_000)
    }
    expect(line.deadAt).toBeNull()
    await line.clock.flow(30_000)
    expect(line.deadAt).not.toBeNull()
  })

  test('P4: a timer that comes late asks once more before it gives up', async () => {
    // Monotonic time that goes on while timers stand still: another system's sleep, or a blocked process.
    const clock = virtualClock()
    let skippedMs = 0
    const skipping = { ...clock, monotonic: () => clock.monotonic() + skippedMs }
    let isAlive = true
    let dead = 0
    let probes = 0
    const pulse = new Pulse({
      clock: skipping,
      roundTrips: new RoundTrips(),
      quietMs: pulseQuietMs,
      limitMsMin: pulseLimitMsMin,
      isNeeded: () => true,
      outgoing: () => ({ isWaiting: false, taken: 0 }),
      onDead: () => dead++,
      probe() {
        probes++
        return new Promise((resolve) => {
          if (isAlive) clock.after(50, resolve)
        })
      },
    })
    await clock.flow(9_000)
    skippedMs += 3_600_000
    await clock.flow(3_000)
    expect(dead).toBe(0)
    isAlive = false
    const before = probes
    skippedMs += 3_600_000
    await clock.flow(1_000)
    skippedMs += 1
    await clock.flow(5_500)
    expect(probes).toBeGreaterThan(before)
    expect(dead).toBe(1)
    pulse.close()
  })

  test('a wake-up asks at once, and a dead peer is given up within seconds even on an idle link', async () => {
    const line = openLine({ isNeeded: false })
    await line.clock.flow(100_000)
    line.pulse.wake()
    await line.clock.flow(10_000)
    expect(line.deadAt).toBeNull()
    line.answersAfter = () => null
    const probes = line.probes
    const wokeAt = line.clock.monotonic()
    line.pulse.wake()
    expect(line.probes).toBe(probes + 1)
    await line.clock.flow(30_000)
    expect(line.deadAt! - wokeAt).toBeLessThanOrEqual(4_000)
  })

  test('E5: a dead peer is not asked without end', async () => {
    const line = openLine({ answersAfter: () => null })
    await line.clock.flow(600_000)
    expect(line.probes).toBeLessThanOrEqual(3)
    expect(line.clock.pending()).toBe(0)
  })
})

describe('the watch for sleep', () => {
  test('a wall clock that went on while time stood still is a sleep; small steps and a clock set back are none', async () => {
    const clock = virtualClock()
    let wakes = 0
    const stop = watchForSleep(clock, () => wakes++)
    await clock.flow(60_000)
    clock.step(5_000)
    await clock.flow(20_000)
    clock.step(-3_600_000)
    await clock.flow(20_000)
    expect(wakes).toBe(0)
    clock.step(600_000)
    await clock.flow(6_000)
    expect(wakes).toBe(1)
    await clock.flow(60_000)
    expect(wakes).toBe(1)
    stop()
    clock.step(600_000)
    await clock.flow(20_000)
    expect(wakes).toBe(1)
  })
})
