// Carries the bytes of one attempt's log from the engine to whoever writes them, and no faster than they are written.
import { AppError, errorShape, type ErrorShape } from '../../shared/api/app-error.ts'
import { gapAt } from '../../shared/run/log-gaps.ts'
import type { Bridge } from '../bridge/bridge.ts'
import { gapWords } from './gap-words.ts'

export interface LogAddress {
  run: string
  task: string
  item: number | null
  attempt: number
}

export type FeedState =
  | { kind: 'opening' }
  | { kind: 'live'; bytes: number }
  | { kind: 'waiting'; bytes: number }
  | { kind: 'ended'; bytes: number }
  | { kind: 'error'; error: ErrorShape }

export interface FeedOptions {
  /** Resolves when the bytes are on the screen: until then nothing more is asked for. */
  write: (bytes: Uint8Array) => Promise<void>
  mark: (words: string) => Promise<void>
  onState: (state: FeedState) => void
  /** Where the first byte shown stands; asked once with what the engine has. */
  startAt: (bytes: number) => number
  signal: AbortSignal
}

const newline = 10

export async function feedLog(
  bridge: Bridge,
  address: LogAddress,
  options: FeedOptions,
): Promise<void> {
  const { signal, onState } = options
  onState({ kind: 'opening' })
  let offset = 0
  try {
    const info = await bridge.call('log.info', address)
    offset = options.startAt(info.bytes)
  } catch (error) {
    if (!signal.aborted) onState({ kind: 'error', error: errorShape(error) })
    return
  }
  let cutLine = offset > 0
  while (!signal.aborted) {
    try {
      onState({ kind: 'live', bytes: offset })
      for await (const chunk of bridge.stream('log.follow', { ...address, offset }, signal)) {
        let shown = chunk
        if (cutLine) {
          // A log entered in its middle begins with the next whole line.
          const end = chunk.indexOf(newline)
          shown = end < 0 ? chunk.subarray(chunk.length) : chunk.subarray(end + 1)
          cutLine = end < 0
        }
        if (signal.aborted) return
        if (shown.length > 0) await options.write(shown)
        offset += chunk.length
        onState({ kind: 'live', bytes: offset })
      }
      if (signal.aborted) return
      // It ended, or something is missing here.
      const { gaps } = await bridge.call('log.info', address)
      if (signal.aborted) return
      const gap = gapAt(gaps, offset)
      if (gap !== null) await options.mark(gapWords(gap))
      if (gap !== null && gap.bytes !== null) {
        offset += gap.bytes
        continue
      }
      onState({ kind: 'ended', bytes: offset })
      return
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof AppError) || error.code !== 'link-closed')
        return onState({ kind: 'error', error: errorShape(error) })
      // The link is gone, not the log: go on at the same byte once there is one again.
      onState({ kind: 'waiting', bytes: offset })
      await linkTurns(bridge, signal)
    }
  }
}

function linkTurns(bridge: Bridge, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (bridge.link().kind !== 'linked' && !signal.aborted) return
      undo()
      clearTimeout(timer)
      resolve()
    }
    const undo = bridge.onLink(look)
    // A stream can hear of the loss before the bridge does.
    const timer = setTimeout(look, 250)
    signal.addEventListener('abort', look, { once: true })
  })
}
