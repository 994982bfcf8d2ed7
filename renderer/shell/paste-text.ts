// What of a pasted text reaches a shell. An escape inside it could end the brackets that tell the shell it is a paste,
// and a line end runs what stands before it: the first is taken out, the second is asked about.

export interface PasteText {
  text: string
  lines: number
  /** Control characters that were taken out. */
  dropped: number
}

/** More than this is no paste but a file. */
export const pasteCharsMax = 1_000_000

export function pasteText(raw: string): PasteText {
  const text = raw.replaceAll(/\r\n?/g, '\n')
  // Tab and line end are what text is made of; everything else that controls is not.
  const plain = text.replaceAll(/(?![\t\n])\p{Cc}/gu, '')
  return {
    text: plain,
    lines: plain.replace(/\n$/, '').split('\n').length,
    dropped: text.length - plain.length,
  }
}

/** A text without a line end runs nothing. */
export function needsWord(paste: PasteText): boolean {
  return paste.text.includes('\n') || paste.dropped > 0
}
