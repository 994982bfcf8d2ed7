// stdout and stderr as commands use them.
import type { WriteStream } from 'node:tty'
import type { Terminal } from './context.ts'
import { EXIT } from './exit-codes.ts'
import { tame } from './paint.ts'

type Env = Readonly<Record<string, string | undefined>>

export function makeTerminal(stream: WriteStream, env: Env): Terminal {
  let isBroken = false
  const terminal: Terminal = {
    outlivesReader: false,
    isLost: false,
    write(text) {
      if (!isBroken) stream.write(tame(text))
    },
    writeBytes: (bytes) =>
      new Promise((resolve) => {
        if (isBroken || stream.write(bytes)) resolve()
        else stream.once('drain', resolve)
      }),
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80
    },
    get rows() {
      return stream.rows ?? 24
    },
    color: wantsColor(stream, env),
    onResize(listener) {
      stream.on('resize', listener)
      return () => void stream.off('resize', listener)
    },
  }
  // `sluice logs | head`: the reader has what it wanted. Node would end the process with a stack.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const isReaderGone = error.code === 'EPIPE'
    if (!isReaderGone && !isBroken && stream !== process.stderr) {
      process.stderr.write(`sluice: The output cannot be written: ${error.message}\n`)
    }
    isBroken = true
    terminal.isLost = !isReaderGone
    if (!terminal.outlivesReader) process.exit(isReaderGone ? EXIT.ok : EXIT.environment)
  })
  return terminal
}

// https://no-color.org and the force-color convention.
function wantsColor(stream: WriteStream, env: Env): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
