// A host may send anything. What it sends is bounded, ignored or ends the channel; it never throws, hangs or fills memory.
import { describe, expect, test } from 'vitest'
import { readHostEnd, readHostState } from '../../electron/hosts/attempt-record.ts'
import type { Channel } from '../../electron/hosts/channel.ts'
import { openChannel } from '../../electron/hosts/open-channel.ts'
import type { Connection, Pipe } from '../../electron/hosts/transport.ts'
import { FrameReader, frameBytesMax, lineBytesMax } from '../../electron/hosts/wire.ts'
import { systemClock } from '../../electron/system/clock.ts'
import { seededDice } from '../helpers/world.ts'

const nonce = 'abcdefghij0123456789'

interface Heard {
  lines: string[]
  raws: { id: string; bytes: Uint8Array }[]
  broken: string[]
}

function reader(): { reader: FrameReader; heard: Heard } {
  const heard: Heard = { lines: [], raws: [], broken: [] }
  return {
    heard,
    reader: new FrameReader(nonce, {
      onLine: (line) => heard.lines.push(line),
      onRaw: (id, bytes) => heard.raws.push({ id, bytes }),
      onBroken: (why) => heard.broken.push(why),
    }),
  }
}

describe('the reader of what a host sends', () => {
  test('a frame is the same however its bytes are cut', () => {
    const body = Buffer.from(`not a line\n#9 5\n${nonce} 7\nbinary \0\xff`, 'latin1')
    const all = Buffer.concat([
      Buffer.from(`=1 ok\n#7 ${body.length}\n`),
      body,
      Buffer.from(`\n${nonce} 7\n* ended x\n`),
    ])
    for (let size = 1; size <= all.length; size++) {
      const { reader: one, heard } = reader()
      for (let at = 0; at < all.length; at += size) one.push(all.subarray(at, at + size))
      expect(heard.lines).toEqual(['=1 ok', '* ended x'])
      expect(Buffer.from(heard.raws[0]!.bytes).equals(body)).toBe(true)
      expect(heard.broken).toEqual([])
    }
  })

  test.each([
    ['a negative length', '#1 -5\n'],
    ['a length that is no number', '#1 1e3\n'],
    ['a frame of 1 GB', '#1 1073741824\n'],
    ['a frame one byte above the bound', `#1 ${frameBytesMax + 1}\n`],
    ['a frame that has another trailer', `#1 2\nab\n${nonce} 2\n`],
    ['a frame that goes on', `#1 2\nabc\n${nonce} 1\n`],
    ['a line without an end', 'x'.repeat(lineBytesMax + 1)],
  ])('%s breaks the stream once, and nothing is read after it', (_name, text) => {
    const { reader: one, heard } = reader()
    one.push(Buffer.from(text))
    one.push(Buffer.from(`=2 ok\n${text}`))
    expect(heard.broken).toHaveLength(1)
    expect(heard.lines).toEqual([])
    expect(heard.raws).toEqual([])
  })

  test('20,000 streams of mutated bytes neither throw nor hang', () => {
    const dice = seededDice(7)
    const pick = (count: number): number => Math.floor(dice.roll() * count)
    const seeds = [
      `=1 started boot 12 34 56\n+2 key running b 1 2 3\n=2 ok\n`,
      `#3 10\n0123456789\n${nonce} 3\n* ended key exited 0 1 2 3 - - end\n`,
      `#4 0\n\n${nonce} 4\n=5 pong\n`,
    ].map((text) => Buffer.from(text))
    for (let round = 0; round < 20_000; round++) {
      const bytes = Buffer.from(seeds[pick(seeds.length)]!)
      for (let change = pick(4); change >= 0; change--) bytes[pick(bytes.length)] = pick(256)
      const { reader: one, heard } = reader()
      const cut = pick(bytes.length)
      one.push(bytes.subarray(0, cut))
      one.push(bytes.subarray(cut))
      expect(heard.broken.length).toBeLessThanOrEqual(1)
      for (const line of heard.lines) {
        const words = line.slice(1).split(' ').slice(1)
        readHostState(words)
        readHostEnd(words)
      }
    }
  })
})

describe('the words of a record', () => {
  const whole = 'exited 0 1 2 3 - - end'.split(' ')

  test('a record that was cut anywhere is no record', () => {
    expect(readHostEnd(whole)).toMatchObject({ how: 'exited', detail: '0' })
    for (let length = 0; length < whole.length; length++)
      expect(readHostEnd(whole.slice(0, length))).toBeNull()
  })

  test('numbers that are none, negative or above every bound are unknown', () => {
    for (const word of ['-1', '1e9', '0x10', ' ', '9'.repeat(16), '١'])
      expect(readHostEnd(['exited', '0', word, word, word, word, '-', 'end'])).toMatchObject({
        hostStartedAt: null,
        hostEndedAt: null,
        cpuMs: null,
        peakBytes: null,
      })
    expect(readHostState(['running', 'boot', '-1', '2', '3'])).toBeNull()
  })

  test('words that come from nowhere are no state', () => {
    for (const word of ['', 'constructor', '__proto__', 'toString', 'ENDED', 'ended '])
      expect(readHostState([word, ...whole])).toBeNull()
  })
})

/** A channel whose other end is this test. */
async function openTo(): Promise<{ channel: Channel; say: (text: string) => void }> {
  let onData: (bytes: Uint8Array) => void = () => undefined
  const pipe: Pipe = {
    write: () => Promise.resolve(),
    onData: (listener) => (onData = listener),
    onNoise: () => undefined,
    onClose: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  }
  const connection: Connection = {
    exec: () => Promise.resolve(pipe),
    onClose: () => undefined,
    close: () => undefined,
  }
  const opening = openChannel(connection, {
    agent: { text: '', hash: '0'.repeat(64) },
    nonce,
    mode: 'bulk',
    client: 'x',
    folder: null,
    clock: systemClock,
  })
  await Promise.resolve()
  await Promise.resolve()
  const say = (text: string): void => onData(Buffer.from(text, 'latin1'))
  say(`\nsluice-${nonce} have\nhello ${nonce} 1 boot=b pid=1 now=1 hash=x lacks= system=x\n`)
  return { channel: await opening, say }
}

describe('a channel to a host that lies', () => {
  test('answers to requests that nobody made are ignored', async () => {
    const { channel, say } = await openTo()
    const answer = channel.ask('ping')
    say('=99 pong\n+98 x\n=-1 pong\n=01 pong\n= \n=1pong\n')
    say('=1 pong\n=1 pong\n')
    expect((await answer).words).toEqual(['pong'])
    channel.close()
  })

  test('bytes that nobody asked for end it, and every request hears so', async () => {
    const { channel, say } = await openTo()
    const answer = channel.ask('ping')
    say(`#1 2\nab\n${nonce} 1\n`)
    await expect(answer).rejects.toThrow('nobody asked for')
    await expect(channel.ask('ping')).rejects.toThrow('nobody asked for')
  })

  test('words where bytes were asked for reject that one request', async () => {
    const { channel, say } = await openTo()
    const bytes = channel.askRaw('read k 0 10')
    say('=1 ok\n')
    await expect(bytes).rejects.toThrow('where bytes were asked for')
    const next = channel.ask('ping')
    say('=2 pong\n')
    await expect(next).resolves.toMatchObject({ words: ['pong'] })
    channel.close()
  })

  test('an answer of endless parts ends it, however long the parts are', async () => {
    for (const part of ['+1 k 5\n', `+1 ${'k'.repeat(60_000)}\n`]) {
      const { channel, say } = await openTo()
      const answer = channel.ask('sizes k')
      const many = part.repeat(Math.ceil(70_000 / part.length))
      for (let said = 0; said < 6 * 1024 * 1024; said += many.length) say(many)
      await expect(answer).rejects.toThrow('answered without end')
    }
  })
})
