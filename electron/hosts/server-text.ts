// What a machine says to a person: at most 2 KB of it, and no character that acts on a terminal or turns text around.
import { printable } from '../../shared/pipeline/printable.ts'

const charactersMax = 2048

/** Line ends stay: an instruction of several lines is read as it was written. */
export function serverText(text: string): string {
  const cut = text.length > charactersMax ? `${text.slice(0, charactersMax)}...` : text
  return cut
    .split(/\r\n|\n|\r/)
    .map(printable)
    .join('\n')
    .trim()
}
