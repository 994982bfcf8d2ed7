// Signs of life of an ssh connection: the keepalive question that OpenSSH's own client asks (a global request that wants a
// reply; a refusal is one), and what the socket says. ssh2 1.17 asks it only by its own timer, so its fields are used; where
// a later one has others, the connection has no signs of its own and the agent is asked instead.
import type { Client } from 'ssh2'
import { Duplex } from 'node:stream'
import type { ConnectionLife } from './transport.ts'

export function sshLife(client: Client): ConnectionLife | undefined {
  const socket = fieldOf(client, '_sock')
  if (pingOf(client) === null || !(socket instanceof Duplex)) return undefined
  return {
    probe: () =>
      new Promise((resolve, reject) => {
        const ping = pingOf(client)
        if (ping === null || socket.destroyed || !socket.writable)
          return reject(new Error('The connection is closed.'))
        let isAnswered = false
        // ssh2 calls back with an Error when the connection closes, else with whether it was refused.
        ping((outcome) => {
          if (isAnswered) return
          isAnswered = true
          if (outcome instanceof Error) reject(outcome)
          else resolve()
        })
      }),
    onHeard: (listener) => void socket.on('data', listener),
    outgoing: () => ({ isWaiting: socket.writableLength > 0, taken: takenByKernel(socket) }),
  }
}

type Answered = (outcome: unknown) => void

/** Replies come in the order of the questions, so each question leaves its callback in ssh2's list. */
function pingOf(client: Client): ((answered: Answered) => void) | null {
  const protocol = fieldOf(client, '_protocol')
  const ping = fieldOf(protocol, 'ping')
  if (typeof ping !== 'function' || !Array.isArray(fieldOf(client, '_callbacks'))) return null
  return (answered) => {
    const callbacks = fieldOf(client, '_callbacks') as Answered[]
    callbacks.push(answered)
    Reflect.apply(ping, protocol, [])
  }
}

/** Node counts a write as waiting until all of it has left; libuv knows how much has. Through a jump host: grows as it empties. */
function takenByKernel(socket: Duplex): number {
  const handle = fieldOf(socket, '_handle')
  const given = fieldOf(handle, 'bytesWritten')
  const left = fieldOf(handle, 'writeQueueSize')
  if (typeof given === 'number' && typeof left === 'number') return given - left
  return -socket.writableLength
}

function fieldOf(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
}
