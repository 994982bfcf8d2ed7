// What the tokens promise, computed: words reach 4.5:1 on every ground they stand on, signs and edges of fields 3:1.
// https://www.w3.org/TR/WCAG22/#contrast-minimum, #non-text-contrast
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

type Tokens = ReadonlyMap<string, string>

const css = readFileSync(join(import.meta.dirname, '../../renderer/styles/tokens.css'), 'utf8')

function tokensOf(scheme: 'light' | 'dark'): Tokens {
  const block = new RegExp(`color-scheme='${scheme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(tokens: Tokens, word: string, ground: string): number {
  const [light = 0, dark = 0] = [word, ground]
    .map((name) => luminance(tokens.get(name) ?? '#000000'))
    .sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const tones = ['good', 'bad', 'live', 'warn', 'doubt', 'quiet'].map((tone) => `tone-${tone}`)
const grounds = ['ground', 'surface', 'raised', 'sunken', 'hover', 'chosen', 'log-ground']

/** Each word with the grounds that it stands on. */
const words: readonly (readonly [string, readonly string[]])[] = [
  ['text', [...grounds, ...tones.map((tone) => `${tone}-soft`)]],
  ['text-soft', [...grounds, 'tone-warn-soft', 'tone-bad-soft', 'tone-doubt-soft']],
  ['text-faint', grounds],
  ['accent', ['ground', 'surface', 'raised', 'sunken', 'hover', 'chosen', 'accent-soft']],
  ['accent-strong', ['surface', 'accent-soft']],
  ['on-accent', ['accent']],
  ...tones.map((tone) => [tone, [...grounds, `${tone}-soft`]] as const),
  ...['key', 'text', 'note', 'mark'].map(
    (name) => [`code-${name}`, ['surface', 'sunken']] as const,
  ),
]

test.each(['light', 'dark'] as const)('%s: every word can be read on its ground', (scheme) => {
  const tokens = tokensOf(scheme)
  expect(tokens.size).toBeGreaterThan(30)
  const faint = words.flatMap(([word, on]) =>
    on
      .map((ground) => ({ pair: `${word} on ${ground}`, ratio: contrast(tokens, word, ground) }))
      .filter(({ ratio }) => ratio < 4.5)
      .map(({ pair, ratio }) => `${pair}: ${ratio.toFixed(2)}`),
  )
  expect(faint).toEqual([])
})
