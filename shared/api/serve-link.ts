// The engine's end of a link: checks every input against the contract, runs the handler, and sends what it gives.
//   L1  Nothing reaches a handler that the contract's schema has not passed.
//   L2  A stream sends no more than its credit; the reader gives credit back as it reads, so a slow one holds only its window.
//   L3  Streams, calls in flight, request size and unsent replies are bounded; a client that passes a bound is told or cut off.
//   L4  When the link goes, every stream's signal is aborted.
import type { Api, CallName, StreamName } from './contract.ts'
import { contract } from './contract.ts'
import { AppError, errorShape } from './app-error.ts'
import { checkInput } from './check-input.ts'
import type { Reply, Request } from './frames.ts'
import {
  backlogBytesMax,
  bytesFrame,
  callsMax,
  parseRequest,
  requestBytesMax,
  streamsMax,
  windowBytes,
} from './frames.ts'
import type { Wire } from './wire.ts'

interface OpenStream {
  abort: AbortController
  credit: number
  /** Set while the stream waits for credit. */
  wake: (() => void) | null
}

/** Serves until the wire closes. Bugs in handlers go to `onBug` and to the client as `internal`. */
export function serveLink(wire: Wire, api: Api, onBug: (error: unknown) => void = () => {}): void {
  const streams = new Map<number, OpenStream>()
  let calls = 0
  let open = true

  const reply = (message: Reply): void => send(JSON.stringify(message))
  // L3: bytes of calls have no credit, so they count here as text does.
  const send = (frame: string | Uint8Array): void => {
    wire.send(frame)
    if (wire.bufferedBytes() > backlogBytesMax) wire.close()
  }
  const fail = (id: number, error: unknown): void => {
    if (!(error instanceof AppError)) onBug(error)
    reply(['fail', id, errorShape(error)])
  }

  const runCall = async (id: number, name: string, input: unknown): Promise<void> => {
    if (calls >= callsMax) return fail(id, tooMany('calls', callsMax))
    calls += 1
    try {
      const value = await callHandler(api, name, input)
      if (!open) return
      if (value instanceof Uint8Array) send(bytesFrame('ok', id, value))
      else reply(['ok', id, value])
    } catch (error) {
      fail(id, error)
    } finally {
      calls -= 1
    }
  }

  const runStream = async (id: number, name: string, input: unknown): Promise<void> => {
    if (streams.has(id)) return wire.close()
    if (streams.size >= streamsMax) return fail(id, tooMany('streams', streamsMax))
    const stream: OpenStream = { abort: new AbortController(), credit: windowBytes, wake: null }
    streams.set(id, stream)
    try {
      for await (const item of openHandler(api, name, input, stream.abort.signal)) {
        while (stream.credit <= 0 && !stream.abort.signal.aborted) {
          await new Promise<void>((wake) => (stream.wake = wake))
        }
        if (stream.abort.signal.aborted) return
        stream.credit -= sendItem(id, item)
      }
      if (!stream.abort.signal.aborted) reply(['end', id])
    } catch (error) {
      if (!stream.abort.signal.aborted) fail(id, error)
    } finally {
      streams.delete(id)
    }
  }

  const sendItem = (id: number, item: unknown): number => {
    if (item instanceof Uint8Array) {
      send(bytesFrame('item', id, item))
      return item.length
    }
    const value = JSON.stringify(item)
    send(`["item",${id},${value},${value.length}]`)
    return value.length
  }

  const stop = (stream: OpenStream): void => {
    stream.abort.abort(new AppError('link-closed', 'The reader has gone.'))
    stream.wake?.()
  }

  const take = (request: Request): void => {
    switch (request[0]) {
      case 'call':
        void runCall(request[1], request[2], request[3])
        return
      case 'open':
        void runStream(request[1], request[2], request[3])
        return
      case 'credit': {
        const stream = streams.get(request[1])
        if (stream === undefined) return
        stream.credit = Math.min(windowBytes, stream.credit + request[2])
        const wake = stream.wake
        stream.wake = null
        wake?.()
        return
      }
      case 'stop': {
        const stream = streams.get(request[1])
        if (stream !== undefined) stop(stream)
        return
      }
    }
  }

  wire.onMessage((frame) => {
    const request =
      typeof frame === 'string' && frame.length <= requestBytesMax ? parseRequest(frame) : null
    if (request === null) wire.close()
    else take(request)
  })
  wire.onClose(() => {
    open = false
    for (const stream of streams.values()) stop(stream)
  })
}

async function callHandler(api: Api, name: string, input: unknown): Promise<unknown> {
  if (!isNamed(name, 'call')) throw unknownName(name)
  const handler = api[name as CallName] as (input: unknown) => Promise<unknown>
  return await handler(checkInput(name as CallName, input))
}

function openHandler(
  api: Api,
  name: string,
  input: unknown,
  signal: AbortSignal,
): AsyncIterable<unknown> {
  if (!isNamed(name, 'stream')) throw unknownName(name)
  const handler = api[name as StreamName] as (
    input: unknown,
    signal: AbortSignal,
  ) => AsyncIterable<unknown>
  return handler(checkInput(name as StreamName, input), signal)
}

function isNamed(name: string, kind: 'call' | 'stream'): boolean {
  return Object.hasOwn(contract, name) && contract[name as keyof typeof contract].kind === kind
}

function unknownName(name: string): AppError {
  return new AppError('bad-input', `This Sluice has no "${name.slice(0, 100)}".`, {
    hint: 'Client and engine may be of different versions: restart both.',
  })
}

function tooMany(what: string, max: number): AppError {
  return new AppError('conflict', `This client has ${max} ${what} open already.`, {
    hint: `Wait until some of the ${what} have ended.`,
  })
}
