// The figures as a table for a terminal.
import type { Figure } from './figure.ts'

const heads = ['row', 'what', 'ours', 'reference', 'ratio', 'goal', 'met']

export function figureTable(figures: readonly Figure[]): string {
  const lines = [heads, ...figures.map((figure) => cells(figure))]
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  const text = lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const notes = figures.filter((figure) => figure.note !== '')
  return [...text, ...notes.map((figure) => `${figure.row} ${figure.what}: ${figure.note}`)].join(
    '\n',
  )
}

function cells({ row, what, ours, reference, ratio, goal, met }: Figure): string[] {
  const word = met === null ? '-' : met ? 'yes' : 'NO'
  return [row, what, ours, reference, ratio === null ? '-' : `${ratio.toFixed(2)}x`, goal, word]
}
