// What kinds of keys an ssh-agent holds. ssh2 leaves out those that it does not know, certificates and security keys, and with
// them the only way into some hosts. https://www.rfc-editor.org/rfc/rfc9987 (the agent's protocol)
import { createConnection } from 'node:net'
import type { Clock } from '../ports/clock.ts'

const requestIdentities = 11
const identitiesAnswer = 12
const answerBytesMax = 256 * 1024
const waitMs = 2000

/** Types as they stand in the keys; none where the agent does not answer. */
export function agentKeyTypes(path: string, clock: Clock): Promise<string[]> {
  return new Promise((resolve) => {
    const socket = createConnection(path)
    let answer = Buffer.alloc(0)
    const finish = (types: string[]): void => {
      stopLimit()
      socket.destroy()
      resolve(types)
    }
    const stopLimit = clock.after(waitMs, () => finish([]))
    socket.on('error', () => finish([]))
    socket.on('close', () => finish([]))
    socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 1, requestIdentities])))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (answer.length < 5) return
      const length = answer.readUInt32BE(0)
      if (length > answerBytesMax) return finish([])
      if (answer.length >= 4 + length) finish(typesIn(answer.subarray(4, 4 + length)))
    })
  })
}

/** The first string of a key; a certificate goes on with more than strings. */
function kindOf(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1')
}

/** A byte for the kind of answer, the number of keys, then key and comment of each. */
function typesIn(answer: Buffer): string[] {
  const types: string[] = []
  if (answer[0] !== identitiesAnswer) return types
  for (let at = 5; at + 4 <= answer.length;) {
    const end = at + 4 + answer.readUInt32BE(at)
    if (end + 4 > answer.length) return types
    types.push(kindOf(answer.subarray(at + 4, end)))
    at = end + 4 + answer.readUInt32BE(end)
  }
  return types
}
