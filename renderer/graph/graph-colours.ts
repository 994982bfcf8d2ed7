// The tokens as a canvas can use them. Read again when the theme turns.
import type { Tone } from '../ui/state-look.ts'

export interface Colours {
  surface: string
  sunken: string
  hover: string
  chosen: string
  line: string
  lineStrong: string
  text: string
  textSoft: string
  textFaint: string
  accent: string
  tone: Record<Tone, string>
  soft: Record<Tone, string>
  fontUi: string
}

export function readColours(): Colours {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  const tones: Tone[] = ['good', 'bad', 'live', 'warn', 'doubt', 'quiet']
  const toneMap = (end: string) =>
    Object.fromEntries(tones.map((tone) => [tone, token(`--tone-${tone}${end}`)])) as Record<
      Tone,
      string
    >
  return {
    surface: token('--surface'),
    sunken: token('--sunken'),
    hover: token('--hover'),
    chosen: token('--chosen'),
    line: token('--line'),
    lineStrong: token('--line-strong'),
    text: token('--text'),
    textSoft: token('--text-soft'),
    textFaint: token('--text-faint'),
    accent: token('--accent'),
    tone: toneMap(''),
    soft: toneMap('-soft'),
    fontUi: token('--font-ui'),
  }
}
