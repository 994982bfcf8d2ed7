// Somebody's text on one line of a terminal or a screen: no control character of it acts there.

/** Tabs and line ends become spaces, one for one; other control characters and those that reverse text become `?`. */
export function printable(text: string): string {
  return text
    .replace(/[\t\n\r\u2028\u2029]/g, ' ')
    .replace(/\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '?')
}
