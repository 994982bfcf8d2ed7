// A tar archive (POSIX ustar) as far as a host needs it to take many small files in one go.

const blockBytes = 512

/** What stands before a file's bytes. `name`: 100 characters at most, ASCII. */
export function tarHeader(name: string, bytes: number): Uint8Array {
  const block = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  block.write(name, 0, 'latin1')
  // Mode, owner, group; size; time. They are the host's to choose: it keeps neither owner nor time.
  block.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1')
  block.write(`${octal(bytes, 11)}\0${octal(0, 11)}\0        0`, 124, 'latin1')
  block.write('ustar\u000000', 257, 'latin1')
  // Of the whole block, the sum's own place being spaces.
  const sum = block.reduce((all, byte) => all + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1')
  return block
}

/** What stands behind them: up to the next block. */
export function tarPadding(bytes: number): Uint8Array {
  return Buffer.alloc((blockBytes - (bytes % blockBytes)) % blockBytes)
}

export function tarEnd(): Uint8Array {
  return Buffer.alloc(2 * blockBytes)
}
