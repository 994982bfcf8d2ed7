// Where we reach into ssh2 1.17. Three costs that are ours to avoid, as we hold its socket and its client:
//   It makes a new AES-GCM cipher for each packet from a Buffer key. Node checks such a key anew each time: 42 us, half of
//   all the time to decrypt 32 KB; 3 us from a KeyObject.
//   What it has read and decrypted waits for the garbage collector (spent-bytes.ts): every other packet in two buffers, as
//   the end of a read cuts it in two. So packets are made whole before they are decrypted, in one place (whole-packets.ts).
//   It writes the length, the body and the tag of a packet one by one: with TCP_NODELAY three system calls and segments.
// And what it keeps to itself: after a key it passes on neither which ways are left nor that it was one part of several.
// Where a later ssh2 has other fields, nothing is changed.
import { createSecretKey, KeyObject } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { giveBack } from './spent-bytes.ts'
import { openWholePackets, type GcmDecipher } from './whole-packets.ts'

/** After each key exchange ('handshake'). */
export function prepareKeys(client: Client): void {
  const protocol = fieldOf(client, '_protocol')
  prepareKey(fieldOf(protocol, '_cipher'), '_encKey')
  const decipher = fieldOf(protocol, '_decipher')
  prepareKey(decipher, '_decipherKey')
  if (!isGcm(decipher)) return
  Object.assign(decipher, { decrypt: openWholePackets(decipher) })
  ours.add(decipher)
}

/** Deciphers that keep nothing of the memory that they are given. */
const ours = new WeakSet<object>()

/** Before it connects, where `socket` hands out the same memory again and again: what ssh2 might keep of it is a copy. */
export function copyWhatIsKept(client: Client): void {
  const protocol = fieldOf(client, '_protocol')
  const parse = fieldOf(protocol, 'parse')
  if (typeof parse !== 'function') throw new Error('This ssh2 has no parser that we know')
  Reflect.set(protocol as object, 'parse', (bytes: Buffer, from: number, to: number) => {
    const decipher = fieldOf(protocol, '_decipher')
    const isOurs = typeof decipher === 'object' && decipher !== null && ours.has(decipher)
    const safe = isOurs ? bytes : Buffer.from(bytes)
    Reflect.apply(parse, protocol, [safe, from, to])
  })
}

/** What is written in one turn of the event loop leaves together. */
export function writeTogether(socket: Duplex): void {
  const write = socket.write.bind(socket)
  const together = (...args: Parameters<typeof write>): boolean => {
    if (socket.writableCorked === 0) {
      socket.cork()
      process.nextTick(() => socket.uncork())
    }
    return write(...args)
  }
  Object.assign(socket, { write: together })
}

/** Each refusal of something that was tried, before ssh2 tries the next. To be called once it connects. */
export function hearFailures(
  client: Client,
  listener: (left: readonly string[], isPart: boolean) => void,
): void {
  const handlers = fieldOf(fieldOf(client, '_protocol'), '_handlers')
  const handle = fieldOf(handlers, 'USERAUTH_FAILURE')
  if (typeof handle !== 'function') return
  Reflect.set(handlers as object, 'USERAUTH_FAILURE', (protocol: unknown, ...said: unknown[]) => {
    const [left, isPart] = said
    if (Array.isArray(left)) listener(left.map(String), isPart === true)
    Reflect.apply(handle, undefined, [protocol, ...said])
  })
}

/** From when ssh2 listens to the socket. With AES-GCM it keeps nothing of what it has read: decrypted bytes are new ones. */
export function giveBackRead(client: Client, socket: Duplex): void {
  const protocol = fieldOf(client, '_protocol')
  socket.on('data', (bytes: Buffer) => {
    const decipher = fieldOf(protocol, '_decipher')
    if (typeof decipher === 'object' && decipher !== null && ours.has(decipher)) giveBack(bytes)
  })
}

/** One that has not begun: what it has taken of a packet is its own. */
function isGcm(decipher: unknown): decipher is GcmDecipher {
  return (
    String(fieldOf(decipher, '_decipherSSLName')).endsWith('-gcm') &&
    fieldOf(decipher, '_decipherKey') instanceof KeyObject &&
    fieldOf(decipher, '_decipherIV') instanceof Uint8Array &&
    fieldOf(decipher, '_lenBytes') === 0 &&
    typeof fieldOf(decipher, '_onPayload') === 'function'
  )
}

function prepareKey(cipher: unknown, name: string): void {
  const key = fieldOf(cipher, name)
  if (key instanceof Uint8Array) Reflect.set(cipher as object, name, createSecretKey(key))
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
