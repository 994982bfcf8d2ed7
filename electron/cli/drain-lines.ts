// That the engine is drained: whoever looks at runs or hosts must see why nothing starts.
import type { CliContext } from './context.ts'
import { oneLine, paintFor } from './paint.ts'
import type { Paint } from './paint.ts'
import { durationWords, plural } from './words.ts'
import type { Client } from '../../shared/api/contract.ts'
import type { EngineDrain } from '../../shared/api/views.ts'

export function drainLines(paint: Paint, drain: EngineDrain, now: number): string[] {
  const { kind, by, reason, at, running } = drain
  const why = reason === '' ? '' : `: ${oneLine(reason)}`
  const left = kind === 'drained' ? 'nothing runs' : `${plural(running, 'attempt')} still held`
  return [
    `${paint('yellow', '■')} The engine is ${kind} (${left}), said by ${oneLine(by)} ${durationWords(now - at)} ago${why}`,
    '  Nothing starts on any host until: sluice undrain',
  ]
}

/** On stderr, where there is something to say. */
export async function noteDrain(context: CliContext, client: Client): Promise<void> {
  const drain = await drainNow(client)
  if (drain === null) return
  const lines = drainLines(paintFor(context.err), drain, context.clock.now())
  context.err.write(`${lines.join('\n')}\n`)
}

export async function drainNow(client: Client): Promise<EngineDrain | null> {
  const leave = new AbortController()
  try {
    for await (const { drain } of client.stream('engine.watch', {}, leave.signal)) return drain
    return null
  } finally {
    leave.abort()
  }
}
