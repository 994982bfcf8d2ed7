// Keeps one client to the engine alive: connects, reconnects with backoff, and takes watches up again after a loss.
import { AppError, errorShape, type ErrorShape } from '../../shared/api/app-error.ts'
import type {
  CallName,
  Client,
  InputOf,
  ItemOf,
  OutputOf,
  StreamName,
} from '../../shared/api/contract.ts'

export interface Connected {
  client: Client
  /** Resolves when the link is gone, whoever closed it. */
  closed: Promise<void>
}

export type Link =
  | { kind: 'connecting' }
  | { kind: 'linked' }
  /** `retryAt`: ms since 1970 UTC; null while a try is under way. `seen`: there was a link before. */
  | { kind: 'lost'; since: number; retryAt: number | null; why: string; seen: boolean }

export interface Watcher<Item> {
  /** A watch begins with a snapshot, again after each reconnection. */
  onItem(item: Item): void
  onError(error: ErrorShape): void
}

export interface Bridge {
  link(): Link
  onLink(listener: () => void): () => void
  /** Tries to connect at once instead of at the end of the wait. */
  retry(): void
  /** Waits for the link, `callWaitMs` at most. */
  call<K extends CallName>(name: K, input: InputOf<K>): Promise<OutputOf<K>>
  /** Gives back its undo. An error that is not a lost link ends the watch. */
  watch<K extends StreamName>(name: K, input: InputOf<K>, watcher: Watcher<ItemOf<K>>): () => void
  /** One stream over the present link, with the back-pressure of `for await`. */
  stream<K extends StreamName>(
    name: K,
    input: InputOf<K>,
    signal: AbortSignal,
  ): AsyncIterable<ItemOf<K>>
  close(): void
}

const callWaitMs = 10_000
const backoffFirstMs = 400
const backoffMaxMs = 10_000

export function openBridge(connect: () => Promise<Connected>): Bridge {
  let link: Link = { kind: 'connecting' }
  let client: Client | null = null
  let ended = false
  let wake: (() => void) | null = null
  const listeners = new Set<() => void>()

  function move(next: Link): void {
    link = next
    for (const listener of listeners) listener()
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        wake = null
        resolve()
      }
      const timer = setTimeout(done, ms)
      wake = done
    })
  }

  async function keepConnected(): Promise<void> {
    let delayMs = backoffFirstMs
    let lostSince: number | null = null
    let seen = false
    while (!ended) {
      let why = 'The engine closed the link.'
      try {
        const connected = await connect()
        if (ended) return connected.client.close()
        client = connected.client
        delayMs = backoffFirstMs
        lostSince = null
        seen = true
        move({ kind: 'linked' })
        await connected.closed
      } catch (error) {
        why = errorShape(error).message
      }
      client = null
      if (ended) return
      lostSince ??= Date.now()
      move({ kind: 'lost', since: lostSince, retryAt: Date.now() + delayMs, why, seen })
      await pause(delayMs)
      delayMs = Math.min(delayMs * 2, backoffMaxMs)
      if (!ended) move({ kind: 'lost', since: lostSince, retryAt: null, why, seen })
    }
  }

  function onLink(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Resolves with the client once linked; undefined when `signal` is aborted first. */
  function linked(signal: AbortSignal): Promise<Client | undefined> {
    return new Promise((resolve) => {
      const look = () => {
        if (client === null && !signal.aborted) return
        undo()
        signal.removeEventListener('abort', look)
        resolve(client ?? undefined)
      }
      const undo = onLink(look)
      signal.addEventListener('abort', look)
      look()
    })
  }

  async function* stream<K extends StreamName>(
    name: K,
    input: InputOf<K>,
    signal: AbortSignal,
  ): AsyncGenerator<ItemOf<K>> {
    const current = await linked(signal)
    if (current === undefined || signal.aborted) return
    yield* current.stream(name, input, signal)
  }

  async function keepWatching<K extends StreamName>(
    name: K,
    input: InputOf<K>,
    watcher: Watcher<ItemOf<K>>,
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      const current = await linked(signal)
      if (current === undefined || signal.aborted) return
      try {
        for await (const item of current.stream(name, input, signal)) {
          if (signal.aborted) return
          watcher.onItem(item)
        }
        if (current === client) return
      } catch (error) {
        if (signal.aborted) return
        const shape = errorShape(error)
        if (shape.code !== 'link-closed') return watcher.onError(shape)
        // The link may tell its streams before it tells us.
        if (current === client) await nextLinkChange(signal)
      }
    }
  }

  function nextLinkChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        undo()
        resolve()
      }
      const undo = onLink(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  void keepConnected()

  return {
    link: () => link,
    onLink,
    retry: () => wake?.(),
    async call(name, input) {
      const current = client ?? (await linked(AbortSignal.timeout(callWaitMs)))
      if (current === undefined) {
        throw new AppError('link-closed', 'There is no connection to the engine.', {
          hint: 'Sluice tries again by itself.',
        })
      }
      return current.call(name, input)
    },
    watch(name, input, watcher) {
      const control = new AbortController()
      void keepWatching(name, input, watcher, control.signal)
      return () => control.abort()
    },
    stream,
    close() {
      ended = true
      wake?.()
      client?.close()
      listeners.clear()
    },
  }
}
