// stdout and stderr as commands use them.
import type { WriteStream } from 'node:tty'
import type { Terminal } from './context.ts'

type Env = Readonly<Record<string, string | undefined>>

export function makeTerminal(stream: WriteStream, env: Env): Terminal {
  // `sluice logs | head`: the reader has what it wanted. Node would end the process with a stack.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    write(text) {
      stream.write(text)
    },
    writeBytes: (bytes) =>
      new Promise((resolve) => {
        if (stream.write(bytes)) resolve()
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
  }
}

// https://no-color.org and the force-color convention.
function wantsColor(stream: WriteStream, env: Env): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
