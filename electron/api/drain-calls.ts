// Calls about the drain of the whole engine.
import { audited } from './audit.ts'
import { openBell } from './bell.ts'
import type { ApiParts } from './parts.ts'
import type { Api } from '../../shared/api/contract.ts'
import type { EngineWatch } from '../../shared/api/views.ts'

export function drainCalls(parts: ApiParts): Pick<Api, 'engine.drain' | 'engine.watch'> {
  const { drain } = parts
  return {
    async 'engine.drain'({ state, reason }) {
      const action = state === 'open' ? 'engine.opened' : 'engine.draining'
      return await audited(parts, { action, subject: 'engine', reason }, () => {
        parts.engine() // with none up, nobody would heed it
        drain.set(state, parts.user, reason)
        return drain.now()
      })
    },
    'engine.watch': (_input, signal) => watchDrain(parts, signal),
  }
}

async function* watchDrain(parts: ApiParts, signal: AbortSignal): AsyncGenerator<EngineWatch> {
  const bell = openBell(signal)
  const stops = [parts.drain.onChange(bell.ring), parts.onEvents(bell.ring)]
  try {
    let told: string | null = null
    do {
      const drain = parts.drain.now()
      const text = JSON.stringify(drain)
      if (text === told) continue
      told = text
      yield { drain }
    } while (await bell.next())
  } finally {
    for (const stop of stops) stop()
  }
}
