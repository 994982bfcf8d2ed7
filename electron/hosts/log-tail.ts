// The end of a log that nobody follows, in one read.
import type { AttemptKey } from '../../shared/run/ids.ts'
import type { Session } from './session.ts'

const tailBytesMax = 64 * 1024
/** Reads begin where a block does. */
const alignBytes = 4096

export async function readLogTail(key: AttemptKey, session: Session): Promise<string> {
  const { parts } = await session.main.ask(`sizes ${key}`)
  const bytes = Number(parts[0]?.[1] ?? 0)
  if (!(bytes > 0)) return ''
  const tail = Math.max(0, bytes - tailBytesMax)
  const start = tail - (tail % alignBytes)
  const channel = await session.channel()
  const got = await channel.askRaw(`read ${key} ${start} ${bytes - start}`)
  return Buffer.from(got.subarray(tail - start)).toString('utf8')
}
