// Bytes of a YAML file to its text, or the reason why not: size, encoding, characters that nothing can show.
import type { Fault } from './yaml-tree.ts'

/** A pipeline of 1,000 tasks has about 150 kB. */
export const fileBytesMax = 1 << 20

export type DecodedText = { text: string; faults: Fault[] }

/** `text` is what could be read, also where there are faults, so that an excerpt can be shown. */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length > fileBytesMax) {
    const size = `${Math.ceil(bytes.length / 1000).toLocaleString('en')} kB`
    return refused(`The file has ${size}; the limit is ${fileBytesMax / 1024} KiB.`, {
      hint: 'Move data out of the file, or split the pipeline.',
    })
  }
  const wide = wideEncoding(bytes)
  if (wide !== null) {
    return refused(`The file is ${wide}; Sluice reads UTF-8.`, { hint: 'Save it as UTF-8.' })
  }
  const text = new TextDecoder('utf-8').decode(bytes)
  if (!isUtf8(bytes)) {
    return {
      text,
      faults: [
        {
          offset: Math.max(0, text.indexOf('\ufffd')),
          message: 'The file is not UTF-8 here; it may be Latin-1 (ISO 8859-1 or Windows-1252).',
          hint: 'Save it as UTF-8.',
        },
      ],
    }
  }
  return { text, faults: oddCharacter(text) }
}

function refused(message: string, { hint }: { hint: string }): DecodedText {
  return { text: '', faults: [{ offset: null, message, hint }] }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false // the one way that TextDecoder has to say no
  }
}

// By byte order mark, or by the zero bytes that ASCII text has in these encodings.
function wideEncoding(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 && bytes.length >= 4 ? 'UTF-32' : 'UTF-16'
  if (a === 0xfe && b === 0xff) return 'UTF-16'
  if (a === 0 && b === 0 && bytes.length >= 4) return 'UTF-32'
  const zeros = [0, 0]
  const looked = Math.min(bytes.length, 200)
  for (let at = 0; at < looked; at += 1)
    if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  return Math.max(even, odd) >= 2 && Math.max(even, odd) * 3 > looked ? 'UTF-16' : null
}

// YAML allows none of these in a file. A lone CR would put every position after it on the wrong line.
const odd = /(?![\t\n\r\u0085])\p{Cc}|[\ufffe\uffff]|\r(?!\n)|[\u202a-\u202e\u2066-\u2069]/u

function oddCharacter(text: string): Fault[] {
  const found = odd.exec(text)
  if (found === null) return []
  const code = found[0].charCodeAt(0)
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  if (code === 0x0d) {
    return [
      {
        offset: found.index,
        message: 'A carriage return stands alone; lines end in LF or CRLF.',
        hint: 'Save the file with LF line ends.',
      },
    ]
  }
  const kind =
    code >= 0x202a && code < 0xfffe ? 'character that reverses text' : 'control character'
  return [
    {
      offset: found.index,
      message: `The ${kind} ${name} may not stand in the file.`,
      hint:
        code === 0
          ? 'The file may be damaged: a crash while it was written leaves zero bytes.'
          : 'Delete it.',
    },
  ]
}
