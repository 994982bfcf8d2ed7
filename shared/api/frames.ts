// What one frame says. Text frames are one JSON array each; bytes travel as they are, behind a five-byte head.
import type { ErrorShape } from './app-error.ts'

/** From the client. A stream starts with a window of credit; the client gives back what its reader has taken. */
export type Request =
  | ['call', number, string, unknown]
  | ['open', number, string, unknown]
  | ['credit', number, number]
  | ['stop', number]

/** From the engine. `cost` is what an item took of the stream's credit. */
export type Reply =
  | ['ok', number, unknown]
  | ['fail', number, ErrorShape]
  | ['item', number, unknown, number]
  | ['end', number]

export interface BytesFrame {
  kind: 'ok' | 'item'
  id: number
  bytes: Uint8Array
}

/** Calls carry names and params, never files. */
export const requestBytesMax = 1 << 20
/** A snapshot of the largest run fits. */
export const replyBytesMax = 1 << 28
export const streamsMax = 256
export const callsMax = 1024
/** Bytes of one stream that may be on their way. */
export const windowBytes = 1 << 18
/** A client that asks and does not read is cut off here. */
export const backlogBytesMax = 1 << 28

const headBytes = 5
const kinds = ['ok', 'item'] as const

export function bytesFrame(kind: 'ok' | 'item', id: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(headBytes + bytes.length)
  frame[0] = kinds.indexOf(kind)
  new DataView(frame.buffer).setUint32(1, id)
  frame.set(bytes, headBytes)
  return frame
}

/** null for a frame that is none of ours. */
export function parseBytesFrame(frame: Uint8Array): BytesFrame | null {
  const kind = kinds[frame[0] ?? -1]
  if (frame.length < headBytes || kind === undefined) return null
  const id = new DataView(frame.buffer, frame.byteOffset).getUint32(1)
  return { kind, id, bytes: frame.subarray(headBytes) }
}

/** null for anything that is not a request: the link is closed on it. */
export function parseRequest(frame: string): Request | null {
  const value = parseArray(frame)
  if (value === null || !Number.isSafeInteger(value[1])) return null
  switch (value[0]) {
    case 'call':
    case 'open':
      return typeof value[2] === 'string' ? (value as unknown as Request) : null
    case 'credit':
      return Number.isSafeInteger(value[2]) && (value[2] as number) > 0
        ? (value as unknown as Request)
        : null
    case 'stop':
      return value as unknown as Request
    default:
      return null
  }
}

/** The engine is trusted to send what it says; null only for what is not a frame at all. */
export function parseReply(frame: string): Reply | null {
  return parseArray(frame) as Reply | null
}

function parseArray(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : null
  } catch {
    return null // not JSON: the caller closes the link
  }
}
