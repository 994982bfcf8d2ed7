// Splits shell text into words, near enough to find file names in it. It runs nothing and expands nothing:
// a word that holds `$` or a glob is left as it stands and names no file.

const wordsMax = 5000
const breaks = new Set([
  ' ',
  '\t',
  '\n',
  '\r',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
  '`',
  '=',
  '{',
  '}',
  ',',
])

export function shellWords(text: string): string[] {
  const words: string[] = []
  let word = ''
  let quote = ''
  for (let at = 0; at < text.length && words.length < wordsMax; at += 1) {
    const character = text[at] as string
    if (quote !== '') {
      if (character === quote) quote = ''
      else if (character === '\\' && quote === '"') word += text[(at += 1)] ?? ''
      else word += character
    } else if (character === '"' || character === "'") quote = character
    else if (character === '\\') word += text[(at += 1)] === '\n' ? '' : (text[at] ?? '')
    else if (character === '#' && word === '') at = endOfLine(text, at)
    else if (breaks.has(character)) {
      if (word !== '') words.push(word)
      word = ''
    } else word += character
  }
  if (word !== '') words.push(word)
  return words
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end - 1
}
