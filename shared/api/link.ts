// The client's end of a link: calls and streams over one wire, for the screens, the command line and the desktop alike.
import type { CallName, Client, InputOf, ItemOf, OutputOf, StreamName } from './contract.ts'
import { AppError } from './app-error.ts'
import type { Reply, Request } from './frames.ts'
import { parseBytesFrame, parseReply, replyBytesMax, windowBytes } from './frames.ts'
import { openInbox } from './inbox.ts'
import type { Inbox } from './inbox.ts'
import type { Wire } from './wire.ts'

interface PendingCall {
  resolve: (value: unknown) => void
  reject: (error: AppError) => void
}

export function connectLink(wire: Wire): Client {
  const calls = new Map<number, PendingCall>()
  const inboxes = new Map<number, Inbox<unknown>>()
  let lastId = 0
  let closed: AppError | null = null

  const request = (message: Request): void => wire.send(JSON.stringify(message))

  const call = <K extends CallName>(name: K, input: InputOf<K>): Promise<OutputOf<K>> =>
    new Promise((resolve, reject) => {
      if (closed !== null) return reject(closed)
      const id = ++lastId
      calls.set(id, { resolve: resolve as (value: unknown) => void, reject })
      request(['call', id, name, input])
    })

  const openStream = (name: StreamName, input: unknown, signal?: AbortSignal): Inbox<unknown> => {
    const id = ++lastId
    // A quarter of the window at a time: half as many frames would let the stream run dry between them.
    const grant = grantInLots((bytes) => request(['credit', id, bytes]))
    const inbox = openInbox<unknown>({
      onTaken: grant,
      onLeft: () => {
        if (inboxes.delete(id) && closed === null) request(['stop', id])
        signal?.removeEventListener('abort', onAbort)
      },
    })
    const onAbort = (): void => inbox.leave()
    if (closed !== null) inbox.fail(closed)
    else if (signal?.aborted === true) inbox.end()
    else {
      signal?.addEventListener('abort', onAbort, { once: true })
      inboxes.set(id, inbox)
      request(['open', id, name, input])
    }
    return inbox
  }

  const take = (reply: Reply): void => {
    const id = reply[1]
    switch (reply[0]) {
      case 'ok':
        calls.get(id)?.resolve(reply[2])
        calls.delete(id)
        return
      case 'fail': {
        const { code, message, hint } = reply[2]
        const error = new AppError(code, message, { hint })
        calls.get(id)?.reject(error)
        calls.delete(id)
        inboxes.get(id)?.fail(error)
        inboxes.delete(id)
        return
      }
      case 'item':
        inboxes.get(id)?.put(reply[2], reply[3])
        return
      case 'end':
        inboxes.get(id)?.end()
        inboxes.delete(id)
        return
      default:
        return // a newer engine says more than we know
    }
  }

  const takeBytes = (frame: Uint8Array): void => {
    const parsed = parseBytesFrame(frame)
    if (parsed === null) return wire.close()
    if (parsed.kind === 'ok') take(['ok', parsed.id, parsed.bytes])
    else take(['item', parsed.id, parsed.bytes, parsed.bytes.length])
  }

  wire.onMessage((frame) => {
    if (frame.length > replyBytesMax) return wire.close()
    if (typeof frame !== 'string') return takeBytes(frame)
    const reply = parseReply(frame)
    if (reply === null) wire.close()
    else take(reply)
  })
  wire.onClose((why) => {
    closed = new AppError('link-closed', `The link to the engine is closed: ${why}`, {
      hint: 'The engine may have stopped. Runs go on at their hosts; start it again to follow them.',
    })
    for (const pending of calls.values()) pending.reject(closed)
    calls.clear()
    for (const inbox of inboxes.values()) inbox.fail(closed)
    inboxes.clear()
  })

  return {
    call,
    stream: <K extends StreamName>(name: K, input: InputOf<K>, signal?: AbortSignal) => ({
      [Symbol.asyncIterator]: () =>
        openStream(name, input, signal) as AsyncIterator<ItemOf<K>, undefined>,
    }),
    close: () => wire.close(),
  }
}

function grantInLots(send: (bytes: number) => void): (bytes: number) => void {
  let owed = 0
  return (bytes) => {
    owed += bytes
    if (owed < windowBytes / 4) return
    send(owed)
    owed = 0
  }
}
