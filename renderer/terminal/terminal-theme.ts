// The colours a log may use, readable on both grounds: the sixteen of ANSI, tuned to at least 4.5:1.
import type { ISearchDecorationOptions } from '@xterm/addon-search'
import type { ITheme } from '@xterm/xterm'

const dark = {
  black: '#5c6773',
  red: '#ff7079',
  green: '#46c27d',
  yellow: '#eeb04d',
  blue: '#71a4ff',
  magenta: '#c79bf2',
  cyan: '#4cb8d1',
  white: '#ccd3da',
  brightBlack: '#84909d',
  brightRed: '#ff9096',
  brightGreen: '#6fd69b',
  brightYellow: '#f5c67a',
  brightBlue: '#96bcff',
  brightMagenta: '#d8b8f8',
  brightCyan: '#7fd0e3',
  brightWhite: '#f2f5f7',
}

const light = {
  black: '#171b21',
  red: '#c8283a',
  green: '#15803d',
  yellow: '#8a5a00',
  blue: '#2563d9',
  magenta: '#8c2fb5',
  cyan: '#0b6a80',
  white: '#5b6572',
  brightBlack: '#6b7584',
  brightRed: '#b11e30',
  brightGreen: '#0f6b32',
  brightYellow: '#774d00',
  brightBlue: '#1d4fb3',
  brightMagenta: '#742599',
  brightCyan: '#085468',
  brightWhite: '#3b4450',
}

/** `cursor`: with one that can be seen, where something can be typed. */
export function terminalTheme(cursor: boolean): ITheme {
  const root = document.documentElement
  const style = getComputedStyle(root)
  const token = (name: string) => style.getPropertyValue(name).trim()
  const isDark = root.dataset['mantineColorScheme'] === 'dark'
  return {
    ...(isDark ? dark : light),
    background: token('--log-ground'),
    foreground: token('--text'),
    cursor: token(cursor ? '--text' : '--log-ground'),
    cursorAccent: token('--log-ground'),
    selectionBackground: isDark ? '#1f4a57' : '#bfe0e8',
    selectionInactiveBackground: isDark ? '#1b3c47' : '#d3e8ee',
    scrollbarSliderBackground: isDark ? '#38424c99' : '#cdd3da99',
    scrollbarSliderHoverBackground: isDark ? '#4a5661' : '#b4bdc7',
    scrollbarSliderActiveBackground: isDark ? '#5c6773' : '#98a3af',
  }
}

/** Of what a search has found; its text keeps its own colour. */
export function findColours(): ISearchDecorationOptions {
  const isDark = document.documentElement.dataset['mantineColorScheme'] === 'dark'
  return isDark
    ? {
        matchBackground: '#4d3a10',
        activeMatchBackground: '#8a5a00',
        matchOverviewRuler: '#c98a12',
        activeMatchColorOverviewRuler: '#ffb020',
      }
    : {
        matchBackground: '#fbe7b2',
        activeMatchBackground: '#ffc94d',
        matchOverviewRuler: '#c98a12',
        activeMatchColorOverviewRuler: '#a05a00',
      }
}
