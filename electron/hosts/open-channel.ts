// From a connection to a channel: the agent is found or sent, greets, and everything before its greeting is skipped.
import type { Clock } from '../ports/clock.ts'
import {
  agentUpload,
  bootstrapCommand,
  type AgentMode,
  type AgentText,
  type Bootstrap,
} from './agent-text.ts'
import { LiveChannel, type Channel, type Greeting, type Hello } from './channel.ts'
import { folderRefusedInWords, isLastingRefusal } from './refusal-words.ts'
import { giveBack } from './spent-bytes.ts'
import { TransportError, type Connection } from './transport.ts'
import { FrameReader } from './wire.ts'

export interface ChannelOptions {
  agent: AgentText
  nonce: string
  mode: AgentMode
  client: string
  folder: string | null
  clock: Clock
}

const helloLimitMs = 30_000
const noiseBytesMax = 256 * 1024

/** Rejects with a TransportError: `host_refused` where the host has no usable shell or no room for the agent. */
export async function openChannel(
  connection: Connection,
  options: ChannelOptions,
): Promise<Channel> {
  try {
    return await openOnce(connection, options, false)
  } catch (error) {
    // A copy on the host that was cut short by a full disk or changed by a person: send it again.
    if (error instanceof StaleAgent) return await openOnce(connection, options, true)
    throw error
  }
}

class StaleAgent extends TransportError {}

async function openOnce(
  connection: Connection,
  options: ChannelOptions,
  force: boolean,
): Promise<Channel> {
  const { agent, nonce, mode, client, folder, clock } = options
  const boot: Bootstrap = { agentHash: agent.hash, nonce, mode, client, folder, force }
  const askedAt = clock.monotonic()
  const pipe = await connection.exec(bootstrapCommand(boot))
  return await new Promise<Channel>((resolve, reject) => {
    let found = ''
    let noise = ''
    let skipped = 0
    let channel: LiveChannel | null = null
    const stopWaiting = clock.after(helloLimitMs, () => fail('no answer from its shell'))
    const fail = (why: string): void => {
      stopWaiting()
      if (channel !== null) return
      const text = `The host's shell did not start the agent: ${noise.trim().slice(0, 500) || why}.`
      const Kind = found === 'have' && !force ? StaleAgent : TransportError
      reject(new Kind('host_refused', text))
      // Only then: a pipe that closes says so, and the first reason counts.
      pipe.close()
    }
    // `FOLDER: what a tool said`. Sending the agent again would not help.
    const refuse = (words: string): void => {
      found = 'no'
      const at = words.indexOf(': ')
      const [where, said] = [words.slice(0, Math.max(0, at)), words.slice(at + 2)]
      const permanent = isLastingRefusal(said)
      stopWaiting()
      if (channel !== null) return
      reject(new TransportError('host_refused', folderRefusedInWords(where, said), { permanent }))
      pipe.close()
    }
    const greeting: Greeting = { shellMs: 0, noiseBytes: 0 }
    const reader = new FrameReader(nonce, {
      onLine(line) {
        if (channel !== null) return channel.onLine(line)
        if (line.startsWith(`! ${nonce} `)) return refuse(line.slice(nonce.length + 3))
        if (line.startsWith(`sluice-${nonce} no `)) return refuse(line.slice(nonce.length + 11))
        if (found === '') {
          // Everything before the marker is from banners and rc files.
          if (line === `sluice-${nonce} have`) found = 'have'
          else if (line === `sluice-${nonce} want`) {
            found = 'want'
            pipe.write(agentUpload(agent, nonce)).catch(() => undefined)
          }
          return
        }
        const hello = readHello(line, nonce, clock.now(), greeting)
        if (hello === null) return
        stopWaiting()
        channel = new LiveChannel(pipe, hello, { clock, isBulk: mode === 'bulk' })
        resolve(channel)
      },
      onRaw: (id, bytes) => channel?.onRaw(id, bytes),
      streamOf: (id) => channel?.streamOf(id) ?? null,
      onBroken: (why) => (channel === null ? fail(why) : channel.end(why)),
    })
    pipe.onNoise((text) => (noise = (noise + text).slice(0, 4000)))
    pipe.onClose((why) => (channel === null ? fail(why) : channel.end(why)))
    let marker: Uint8Array = new Uint8Array(0)
    pipe.onData((bytes) => {
      channel?.heard()
      if (found !== '') {
        reader.push(bytes)
        return giveBack(bytes)
      }
      // Banners may hold anything, so the marker is looked for in the bytes, and the reader begins there.
      skipped += bytes.length
      if (skipped > noiseBytesMax) return fail('more than 256 KB before the agent spoke')
      const all = Buffer.concat([marker, bytes])
      const at = all.indexOf(`\nsluice-${nonce} `)
      if (at === -1) marker = all.subarray(Math.max(0, all.length - 200))
      else if (all.indexOf(10, at + 1) === -1) marker = all.subarray(at)
      else {
        greeting.shellMs = clock.monotonic() - askedAt
        greeting.noiseBytes = skipped - (all.length - at)
        reader.push(all.subarray(at + 1))
      }
    })
  })
}

function readHello(line: string, nonce: string, now: number, greeting: Greeting): Hello | null {
  if (!line.startsWith(`hello ${nonce} 1 `)) return null
  const fields = new Map<string, string>()
  for (const word of line.split(' ').slice(3)) {
    const at = word.indexOf('=')
    if (at > 0) fields.set(word.slice(0, at), word.slice(at + 1))
  }
  const hostNow = Number(fields.get('now'))
  return {
    bootId: fields.get('boot') ?? 'unknown',
    hostNow: Number.isFinite(hostNow) ? hostNow : now,
    now,
    uptimeMs: /^\d{1,15}$/.test(fields.get('up') ?? '') ? Number(fields.get('up')) : null,
    folderId: /^[A-Za-z0-9]{1,40}$/.exec(fields.get('folder') ?? '')?.[0] ?? '',
    takesText: fields.get('takes') === 'text',
    canHash: (fields.get('hash') ?? '') !== '',
    lacks: (fields.get('lacks') ?? '').split(',').filter((word) => word !== ''),
    system: (fields.get('system') ?? '').replaceAll('/', ' '),
    greeting,
  }
}
