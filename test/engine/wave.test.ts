import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchesOf, decideWave, decideWaveStop } from '../../electron/engine/wave.ts'
import type { WaveEnd, WaveMember, WaveMove, WaveNow } from '../../electron/engine/wave.ts'
import type { RunId } from '../../shared/run/ids.ts'
import { isWaveOver } from '../../shared/run/wave.ts'
import type { WaveRunState, WaveSizes } from '../../shared/run/wave.ts'

const run = (at: number): RunId => `20260101-000000-${String(at).padStart(8, '0')}` as RunId
const same = 'missing_input_file-1'

function makeWave(states: string, part: Partial<WaveSizes> = {}): WaveNow {
  const sizes = { canary: 1, batch: 2, otherMax: 1, ...part }
  const batches = batchesOf(states.length, sizes)
  const runs = Array.from(states, (letter, at): WaveMember => {
    const state = stateOf[letter] as WaveRunState
    return { run: run(at), state, batch: batches[at] ?? 0, why: '' }
  })
  return { signature: same, sizes, state: 'going', why: '', runs }
}

const stateOf: Readonly<Record<string, WaveRunState>> = {
  w: 'waiting',
  g: 'going',
  R: 'recovered',
  F: 'failed_again',
  x: 'refused',
  s: 'skipped',
}
const letterOf = Object.fromEntries(
  Object.entries(stateOf).map(([letter, state]) => [state, letter]),
)

function after(wave: WaveNow, { members, state, why }: WaveMove): WaveNow {
  const changed = new Map(members.map((one) => [one.run, one]))
  return { ...wave, state, why, runs: wave.runs.map((one) => changed.get(one.run) ?? one) }
}

const lettersOf = ({ runs }: WaveNow): string => runs.map(({ state }) => letterOf[state]).join('')

/** `0+`: run 0 succeeded; `-`: cancelled; `=`: failed alike; `!`: failed otherwise; `?`: failed, nothing tells why; `x`: refused. */
function endsOf(text: string): WaveEnd[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((word): WaveEnd => {
      const one = { run: run(Number(word.slice(0, -1))) }
      switch (word.at(-1)) {
        case '+':
          return { ...one, state: 'succeeded' }
        case '-':
          return { ...one, state: 'cancelled' }
        case '=':
          return { ...one, state: 'failed', signature: same, words: 'no such file' }
        case '!':
          return { ...one, state: 'failed', signature: 'other-2', words: 'disk full' }
        case '?':
          return { ...one, state: 'failed', signature: null, words: '' }
        default:
          return { ...one, state: 'refused', why: 'its plan is another' }
      }
    })
}

test.each([
  // what is, what ended, sizes, what is then, the wave then
  ['W1: a canary goes alone', 'wwwww', '', {}, 'gwwww', 'canary'],
  ['W1: as many canaries as asked', 'wwwww', '', { canary: 2 }, 'ggwww', 'canary'],
  ['W1: one of two canaries is not enough', 'ggwww', '0+', { canary: 2 }, 'Rgwww', 'canary'],
  ['W1: a refused canary is replaced', 'gwwww', '0x', {}, 'xgwww', 'canary'],
  ['W1: a cancelled canary is replaced', 'gwwww', '0-', {}, 'sgwww', 'canary'],
  ['W2: the rest begins once the canary has recovered', 'gwwww', '0+', {}, 'Rggww', 'going'],
  ['W2: a batch waits for all of the former', 'Rggww', '1+', {}, 'RRgww', 'going'],
  ['W2: and then begins', 'RRgww', '2+', {}, 'RRRgg', 'going'],
  ['W2: what was refused holds up nothing', 'Rggww', '1x 2x', {}, 'Rxxgg', 'going'],
  ['W3: the same reason stops it', 'gwwww', '0=', {}, 'Fssss', 'stopped'],
  ['W3: also late, and what goes is left', 'Rggww', '1=', {}, 'RFgss', 'stopped'],
  ['W3: also where more failures were allowed', 'Rggww', '1=', { otherMax: 9 }, 'RFgss', 'stopped'],
  ['W3: another reason stops it', 'Rggww', '1!', {}, 'RFgss', 'stopped'],
  ['W3: a reason that nobody knows is another', 'Rggww', '1?', {}, 'RFgss', 'stopped'],
  [
    'W3: fewer than the limit are only counted',
    'Rggww',
    '1! 2+',
    { otherMax: 2 },
    'RFRgg',
    'going',
  ],
  ['W3: they count over batches', 'RFRgg', '3!', { otherMax: 2 }, 'RFRFg', 'stopped'],
  [
    'W1: a failed canary within the limit is replaced',
    'gwww',
    '0!',
    { otherMax: 2 },
    'Fgww',
    'canary',
  ],
  ['the last one ends it', 'RRRRg', '4+', {}, 'RRRRR', 'done'],
  ['all refused is an end, too', 'xxg', '2x', {}, 'xxx', 'done'],
  ['what did not go is not ended by a word about it', 'Rgwww', '3+', {}, 'Rgwww', 'going'],
] as const)('%s', (_name, states, ends, sizes, then, state) => {
  const wave = makeWave(states, sizes)
  const next = after(wave, decideWave(wave, endsOf(ends)))
  expect([lettersOf(next), next.state]).toEqual([then, state])
})

test('W2: a plan counts canaries first, then full batches', () => {
  expect(batchesOf(6, { canary: 1, batch: 2, otherMax: 1 })).toEqual([0, 1, 1, 2, 2, 3])
  expect(batchesOf(3, { canary: 5, batch: 2, otherMax: 1 })).toEqual([0, 0, 0])
})

test('W4: what is over resumes nothing, and hears of what still went', () => {
  const stopped: WaveNow = { ...makeWave('RFgss'), state: 'stopped', why: 'why' }
  const next = after(stopped, decideWave(stopped, endsOf('2+')))
  expect([lettersOf(next), next.state, next.why]).toEqual(['RFRss', 'stopped', 'why'])
  const wave = makeWave('Rggww')
  const ended = after(wave, decideWaveStop(wave, 'ana stopped it'))
  expect([lettersOf(ended), ended.state]).toEqual(['Rggss', 'cancelled'])
  expect(lettersOf(after(ended, decideWave(ended, endsOf('1+ 2='))))).toBe('RRFss')
})

test('one that waits is given up where somebody else has resumed it', () => {
  const wave = makeWave('Rwww')
  const taken = { run: run(1), state: 'skipped', why: 'somebody has resumed it' } as const
  expect(lettersOf(after(wave, decideWave(wave, [taken])))).toBe('Rsgg')
})

const kinds = fc.constantFrom('+', '+', '+', '-', '=', '!', '?', 'x')

test('W1-W5: whatever ends in whatever order, runs go once, in batches, and the wave comes to an end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(kinds, fc.nat(7)), { minLength: 1, maxLength: 30 }),
      fc.record({
        canary: fc.integer({ min: 1, max: 4 }),
        batch: fc.integer({ min: 1, max: 6 }),
        otherMax: fc.integer({ min: 1, max: 4 }),
      }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }),
      (fates, sizes, delays) => {
        let wave: WaveNow = { ...makeWave('w'.repeat(fates.length), sizes), state: 'canary' }
        let ends: WaveEnd[] = []
        for (let step = 0; step < 200; step += 1) {
          const before = wave
          wave = after(wave, decideWave(wave, ends))
          expect(brokenBy(before, wave, ends)).toEqual([])
          // A look without news, as after a restart, asks for nothing more.
          expect(decideWave(wave, [])).toEqual({ members: [], state: wave.state, why: wave.why })
          const going = wave.runs.filter(({ state }) => state === 'going')
          if (going.length === 0) break
          const late = going.filter((_, at) => delays[(at + step) % delays.length] === true)
          const ending = late.length === 0 ? going : late
          ends = ending.flatMap((one) => {
            const at = wave.runs.indexOf(one)
            return endsOf(`${at}${fates[at]?.[0] ?? '+'}`)
          })
        }
        expect(isWaveOver(wave.state)).toBe(true)
        expect(lettersOf(wave)).not.toMatch(/[wg]/)
      },
    ),
    { numRuns: 400 },
  )
})

/** The rules that a step breaks. */
function brokenBy(before: WaveNow, wave: WaveNow, ends: readonly WaveEnd[]): string[] {
  const { canary, batch, otherMax } = wave.sizes
  const countOf = (state: WaveRunState): number =>
    wave.runs.filter((one) => one.state === state).length
  const isOver = isWaveOver(wave.state)
  const isCanary = countOf('recovered') < canary
  const begun = before.runs.filter(({ state }) => state !== 'waiting')
  const fresh = wave.runs.filter(
    ({ state }, at) => state === 'going' && before.runs[at]?.state !== 'going',
  )
  const rules: Record<string, boolean> = {
    'W1: too many before the canaries have recovered':
      !isOver && isCanary && countOf('going') + countOf('recovered') > canary,
    'W1: no canary': isCanary && fresh.some((one) => one.batch !== 0),
    'W2: beside the former batch': !isCanary && fresh.length > 0 && countOf('going') > fresh.length,
    'W2: more than a batch': !isCanary && fresh.length > batch,
    'W2: more batches than one': new Set(fresh.map((one) => one.batch)).size > 1,
    'W2: not a batch of its own':
      !isCanary && fresh.some(({ batch: own }) => begun.some((one) => one.batch >= own)),
    'W3: on after the same failure':
      !isOver && ends.some((end) => end.state === 'failed' && end.signature === same),
    'W3: on after too many others': !isOver && countOf('failed_again') >= otherMax,
    'W4: resumed after the end': isOver && fresh.length > 0,
    'W4: left waiting at the end': isOver && countOf('waiting') > 0,
    'W5: an end was taken back': wave.runs.some((one, at) => {
      const was = before.runs[at]?.state
      return was !== one.state && was !== 'waiting' && was !== 'going'
    }),
  }
  return Object.keys(rules).filter((rule) => rules[rule] === true)
}
